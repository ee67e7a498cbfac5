"""Nodes that refer to something else: a table, the members of a district, another subject, all others."""

from typing import Literal, Self

from pydantic import Field, model_validator

from accountability.frameworks.node import BaseNode, Facet
from accountability.frameworks.parts import Part


class Key(Part):
    """What a column of a table is compared with: a constant, an attribute, or the value or label of a node."""

    constant: str | None = None
    attribute: str | None = None
    value: str | None = None
    label: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(given is not None for given in (self.constant, self.attribute, self.value, self.label)) != 1:
            raise ValueError("give one of `constant`, `attribute`, `value` and `label`")
        return self


class LookupNode(BaseNode):
    """What a table says; missing where it has no such row."""

    kind: Literal["lookup"]
    table: str
    give: Literal["value", "label"] = "value"
    by: dict[str, Key] = Field(min_length=1, description="Column -> what it is compared with.")

    def gives(self) -> set[Facet]:
        return {self.give}

    def reads(self) -> list[tuple[str, Facet]]:
        values: list[tuple[str, Facet]] = [(key.value, "value") for key in self.by.values() if key.value is not None]
        return [*values, *((key.label, "label") for key in self.by.values() if key.label is not None)]


class RollupNode(BaseNode):
    """What the members of a subject gave, together: those whose attribute `members` names it.

    Members without a value (or label) do not count. `count` and `share` (percent) are of the labels `one_of`; `count`
    without them is of all. `worst` is the lowest label on the scale. A `mean` is `weighted_by` another node of the
    members; those without a weight above 0 do not count either.
    """

    kind: Literal["rollup"]
    members: str = Field(description="The attribute of kind `subject` by which a member names what it belongs to.")
    how: Literal["count", "share", "sum", "mean", "lowest", "highest", "worst"]
    of: str
    one_of: list[str] = Field(default_factory=list)
    weighted_by: str | None = None

    @property
    def facet(self) -> Facet:
        """What of its members it reads."""
        return "label" if self.how == "worst" or self.one_of else "value"

    def gives(self) -> set[Facet]:
        return {"label"} if self.how == "worst" else {"value"}

    def reads(self) -> list[tuple[str, Facet]]:
        weight: list[tuple[str, Facet]] = [(self.weighted_by, "value")] if self.weighted_by is not None else []
        return [(self.of, self.facet), *weight]

    @model_validator(mode="after")
    def _parts(self) -> Self:
        if self.weighted_by is not None and self.how != "mean":
            raise ValueError("`weighted_by` belongs to `mean`")
        if self.how == "share" and not self.one_of:
            raise ValueError("a share is of labels: give `one_of`")
        if self.one_of and self.how not in ("count", "share"):
            raise ValueError("`one_of` belongs to `count` and `share`")
        return self


class BorrowNode(BaseNode):
    """What a node gave for another subject, which an attribute of kind `subject` names."""

    kind: Literal["borrow"]
    attribute: str
    give: Literal["value", "label"] = "value"
    of: str

    def gives(self) -> set[Facet]:
        return {self.give}

    def reads(self) -> list[tuple[str, Facet]]:
        return [(self.of, self.give)]


class PercentileNode(BaseNode):
    """Where its input stands among the subjects that have a value of `among`: the percent of them that it reaches.

    `at_or_below` counts those with the same value, `below` does not, `middle` counts half of them. The population is
    of the whole run, or of the subjects alike in the attributes `within`.
    """

    kind: Literal["percentile"]
    of: str
    among: str | None = Field(default=None, description="The node whose values are the population; else the input's.")
    within: list[str] = Field(default_factory=list, description="Attributes in which the population is alike.")
    counting: Literal["below", "middle", "at_or_below"]

    @property
    def population(self) -> str:
        """The node whose values are the population."""
        return self.among or self.of

    def gives(self) -> set[Facet]:
        return {"value"}

    def reads(self) -> list[tuple[str, Facet]]:
        return [(self.of, "value"), (self.population, "value")]
