"""Nodes that compose: measures as they are, means, sums and the better of several, fallbacks, caps, decision tables."""

from typing import Literal, Self

from pydantic import Field, model_validator

from accountability.frameworks.conditions import Condition, read_by
from accountability.frameworks.node import BaseNode, Facet
from accountability.frameworks.parts import Exact, Part


class MeasureNode(BaseNode):
    """An indicator as it was measured: a number is its value, a category its label."""

    kind: Literal["measure"]
    indicator: str

    def gives(self) -> set[Facet]:
        return {"value", "label"}


class MeanNode(BaseNode):
    """The weighted mean of the members that are there: a missing one leaves the denominator too.

    A missing required member leaves it without a value.
    """

    kind: Literal["mean"]
    weights: dict[str, Exact] = Field(min_length=1)
    required: list[str] = Field(default_factory=list)

    def gives(self) -> set[Facet]:
        return {"value"}

    def reads(self) -> list[tuple[str, Facet]]:
        return [(member, "value") for member in self.weights]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if nothing := [member for member, declared in self.weights.items() if not declared]:
            raise ValueError(f"a weight must be above 0: {', '.join(nothing)}")
        if unknown := sorted(set(self.required) - set(self.weights)):
            raise ValueError(f"not among the weights: {', '.join(unknown)}")
        return self


class AggregateNode(BaseNode):
    """The sum, number, highest or lowest of the members that are there; no value if none is, or a required one not."""

    kind: Literal["aggregate"]
    how: Literal["sum", "count", "highest", "lowest"]
    of: list[str] = Field(min_length=1)
    required: list[str] = Field(default_factory=list)

    def gives(self) -> set[Facet]:
        return {"value"}

    def reads(self) -> list[tuple[str, Facet]]:
        return [(member, "value") for member in self.of]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if unknown := sorted(set(self.required) - set(self.of)):
            raise ValueError(f"not among the members: {', '.join(unknown)}")
        return self


class FirstNode(BaseNode):
    """The first that is there: a formula, and what to fall back to. Some (or the only one) count under conditions."""

    kind: Literal["first"]
    give: Literal["value", "label"] = "value"
    of: list[str] = Field(min_length=1)
    where: dict[str, list[Condition]] = Field(default_factory=dict, description="Node -> when it counts.")

    def gives(self) -> set[Facet]:
        return {self.give}

    def reads(self) -> list[tuple[str, Facet]]:
        asked = [found for where in self.where.values() for found in read_by(where)]
        return [*((name, self.give) for name in self.of), *asked]

    @model_validator(mode="after")
    def _of_its_own(self) -> Self:
        if unknown := sorted(set(self.where) - set(self.of)):
            raise ValueError(f"not among the nodes: {', '.join(unknown)}")
        return self


class LimitNode(BaseNode):
    """Its input, held at most or at least at a number where all conditions hold."""

    kind: Literal["limit"]
    input: str
    at_most: float | None = None
    at_least: float | None = None
    where: list[Condition] = Field(default_factory=list)

    def gives(self) -> set[Facet]:
        return {"value"}

    def reads(self) -> list[tuple[str, Facet]]:
        return [(self.input, "value"), *read_by(self.where)]

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError("give either `at_most` or `at_least`")
        return self


class Case(Part):
    """A row of a decision table: where all conditions hold, a label, or that of a node, or none for a reason."""

    where: list[Condition] = Field(min_length=1)
    label: str | None = None
    of: str | None = None
    reason: str | None = None

    @model_validator(mode="after")
    def _one_label(self) -> Self:
        if self.label is not None and self.of is not None:
            raise ValueError("give either `label` or the node `of` which it is taken")
        if self.label is None and self.of is None and self.reason is None:
            raise ValueError("give a `label`, the node `of` which it is taken, or the `reason` why there is none")
        return self


class DecideNode(BaseNode):
    """A decision table: the first case that holds decides; else the label of `input`, else `otherwise`."""

    kind: Literal["decide"]
    cases: list[Case] = Field(min_length=1)
    input: str | None = None
    otherwise: str | None = None

    def gives(self) -> set[Facet]:
        return {"label"}

    def reads(self) -> list[tuple[str, Facet]]:
        read = [found for case in self.cases for found in read_by(case.where)]
        taken: list[str | None] = [*(case.of for case in self.cases), self.input]
        return [*read, *((name, "label") for name in taken if name is not None)]

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if self.input is not None and self.otherwise is not None:
            raise ValueError("give either `input` or `otherwise`")
        return self
