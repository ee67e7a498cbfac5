"""What every kind of node has: when it applies, where its rule is written, what it reads and what it gives."""

from typing import Literal

from pydantic import Field

from accountability.frameworks.parts import Part

Facet = Literal["value", "label", "points", "participation"]
"""What a node may give: a score, a label, points, the rate of participation in its indicator."""


class BaseNode(Part):
    """A step of a framework."""

    when: dict[str, list[str]] = Field(default_factory=dict, description="Subject attributes for which it applies.")
    source: str = Field(description="Where the rule is written.")

    def gives(self) -> set[Facet]:
        """What other nodes may read of it."""
        raise NotImplementedError

    def reads(self) -> list[tuple[str, Facet]]:
        """The nodes that it reads, and what of them."""
        return []

    def inputs(self) -> list[str]:
        """The nodes that it reads, each once."""
        return list(dict.fromkeys(name for name, _ in self.reads()))
