"""Nodes that calculate: a sum of multiples (points by a table, a change since last year), a product or quotient."""

from fractions import Fraction
from typing import Literal, Self

from pydantic import Field, model_validator

from accountability.frameworks.node import BaseNode, Facet
from accountability.frameworks.parts import Exact, Signed


class LinearNode(BaseNode):
    """The sum of its members, each times a factor, plus a constant. A missing member leaves it without a value."""

    kind: Literal["linear"]
    of: dict[str, Signed] = Field(min_length=1, description="Node -> its factor: 1 and -1 give a difference.")
    plus: Signed = Fraction(0)

    def gives(self) -> set[Facet]:
        return {"value"}

    def reads(self) -> list[tuple[str, Facet]]:
        return [(member, "value") for member in self.of]


class ProductNode(BaseNode):
    """The product of its members times a constant, divided by those under `over`: an adjustment, a rate of counts.

    A missing member, or a divisor of 0, leaves it without a value.
    """

    kind: Literal["product"]
    of: list[str] = Field(min_length=1)
    over: list[str] = Field(default_factory=list)
    times: Exact = Fraction(1)

    def gives(self) -> set[Facet]:
        return {"value"}

    def reads(self) -> list[tuple[str, Facet]]:
        return [(member, "value") for member in (*self.of, *self.over)]

    @model_validator(mode="after")
    def _constant(self) -> Self:
        if not self.times:
            raise ValueError("`times` must be above 0")
        return self
