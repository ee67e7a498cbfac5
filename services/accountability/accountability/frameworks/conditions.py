"""Conditions on what nodes and attributes gave: what caps, floors and decision tables ask."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from accountability.frameworks.node import Facet
from accountability.frameworks.parts import Part

LIMITS = ("at_least", "above", "at_most", "below")


class Test(Part):
    """One question about a node or an attribute. What is missing fails it, unless it asks for that."""

    node: str | None = None
    attribute: str | None = None
    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    below: float | None = None
    one_of: list[str] | None = Field(default=None, min_length=1)
    missing: Literal["value", "label"] | None = None

    @model_validator(mode="after")
    def _one_question(self) -> Self:
        if (self.node is None) == (self.attribute is None):
            raise ValueError("ask about either a `node` or an `attribute`")
        asked = [name for name in (*LIMITS, "one_of", "missing") if getattr(self, name) is not None]
        if len(asked) != 1:
            raise ValueError(f"ask one thing: {', '.join(LIMITS)}, one_of or missing")
        return self

    @property
    def limit(self) -> tuple[str, float] | None:
        """The comparison with a number, if it is one."""
        return next(((name, getattr(self, name)) for name in LIMITS if getattr(self, name) is not None), None)

    @property
    def facet(self) -> Facet:
        """What of the node or attribute it reads."""
        if self.missing is not None:
            return self.missing
        return "value" if self.one_of is None else "label"

    def said(self) -> str:
        """The question in words."""
        of = self.node or self.attribute
        if self.missing is not None:
            return f"{of} is missing"
        if self.limit is not None:
            return f"{of} {self.limit[0].replace('_', ' ')} {self.limit[1]:g}"
        return f"{of} is {' or '.join(self.one_of or [])}"


class Some(Part):
    """At least so many of several questions."""

    least: int = Field(ge=1)
    of: list[Test] = Field(min_length=1)

    @model_validator(mode="after")
    def _can_hold(self) -> Self:
        if self.least > len(self.of):
            raise ValueError(f"{self.least} of {len(self.of)} can never hold")
        return self

    def said(self) -> str:
        """The condition in words."""
        return f"{self.least} of ({', '.join(test.said() for test in self.of)})"


def _which(condition: Any) -> str:
    return "some" if isinstance(condition, Some) or (isinstance(condition, dict) and "least" in condition) else "test"


Condition = Annotated[Annotated[Test, Tag("test")] | Annotated[Some, Tag("some")], Discriminator(_which)]


def tests(where: list[Condition]) -> Iterator[Test]:
    """Every question of conditions."""
    for condition in where:
        yield from condition.of if isinstance(condition, Some) else [condition]


def read_by(where: list[Condition]) -> list[tuple[str, Facet]]:
    """The nodes that conditions read, and what of them."""
    return [(test.node, test.facet) for test in tests(where) if test.node is not None]


def said(where: list[Condition]) -> str:
    """Conditions that must all hold, in words."""
    return " and ".join(condition.said() for condition in where) or "always"
