"""Nodes that refer to something else: a table, the members of a district, another subject."""

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
    without them is of all. `worst` is the lowest label on the scale.
    """

    kind: Literal["rollup"]
    members: str = Field(description="The attribute of kind `subject` by which a member names what it belongs to.")
    how: Literal["count", "share", "sum", "lowest", "highest", "worst"]
    of: str
    one_of: list[str] = Field(default_factory=list)

    @property
    def facet(self) -> Facet:
        """What of its members it reads."""
        return "label" if self.how == "worst" or self.one_of else "value"

    def gives(self) -> set[Facet]:
        return {"label"} if self.how == "worst" else {"value"}

    def reads(self) -> list[tuple[str, Facet]]:
        return [(self.of, self.facet)]

    @model_validator(mode="after")
    def _labels(self) -> Self:
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
