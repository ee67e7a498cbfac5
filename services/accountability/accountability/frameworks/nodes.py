"""The kinds of nodes: a small, closed vocabulary. Here those that score and combine programmes; those that compose
values and labels are in `composing`, that calculate in `arithmetic`, that read tables and other subjects in
`referring`."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from accountability.frameworks.arithmetic import LinearNode, ProductNode
from accountability.frameworks.composing import (
    AggregateNode,
    DecideNode,
    FirstNode,
    LimitNode,
    MeanNode,
    MeasureNode,
)
from accountability.frameworks.node import BaseNode, Facet
from accountability.frameworks.parts import Band, Exact, Part, check_falling
from accountability.frameworks.referring import BorrowNode, LookupNode, PercentileNode, RollupNode


class PointsNode(BaseNode):
    """An indicator scored by a table of cuts or by category, lowered by low participation."""

    kind: Literal["points"]
    indicator: str
    cuts: str | None = None
    categories: dict[str, float] | None = None
    penalties: str | None = None
    lowest: float = 1

    def gives(self) -> set[Facet]:
        return {"value", "label", "points", "participation"}

    @model_validator(mode="after")
    def _one_table(self) -> Self:
        if (self.cuts is None) == (self.categories is None):
            raise ValueError("give either `cuts` or `categories`")
        return self


class Reassignment(Part):
    """Where the weight of missing members goes: by fixed shares, or in proportion to declared weights.

    Proportional targets are those that are present. If none is, the weight goes to `otherwise` by the same rule; if
    none of these is present either, to all of them, for a later step to move on.
    """

    missing: list[str] = Field(min_length=1)
    shares: dict[str, Exact] | None = None
    proportionally: list[str] | None = Field(default=None, min_length=1)
    otherwise: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        if (self.shares is None) == (self.proportionally is None):
            raise ValueError("give either `shares` or `proportionally`")
        if self.shares is not None and sum(self.shares.values()) != 1:
            raise ValueError(f"the shares add up to {sum(self.shares.values())}, not to 1")
        if self.shares is not None and self.otherwise:
            raise ValueError("`otherwise` belongs to `proportionally`")
        if both := sorted({*(self.shares or {}), *self.otherwise} & set(self.missing)):
            raise ValueError(f"its own target: {', '.join(both)}; write two steps")
        return self


class WeightedNode(BaseNode):
    """The weighted mean of its members' points. A missing required member leaves it without a value."""

    kind: Literal["weighted"]
    weights: dict[str, Exact]
    required: list[str] = Field(default_factory=list)
    reassign: list[Reassignment] = Field(default_factory=list)

    def gives(self) -> set[Facet]:
        return {"value"}

    def reads(self) -> list[tuple[str, Facet]]:
        return [(member, "points") for member in self.weights]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if nothing := [member for member, declared in self.weights.items() if not declared]:
            raise ValueError(f"a weight must be above 0: {', '.join(nothing)}")
        if sum(self.weights.values()) != 100:
            raise ValueError(f"the weights add up to {float(sum(self.weights.values())):g}, not to 100")
        named = set(self.required)
        for step in self.reassign:
            named |= {*step.missing, *(step.shares or {}), *(step.proportionally or []), *step.otherwise}
        if unknown := sorted(named - set(self.weights)):
            raise ValueError(f"not among the weights: {', '.join(unknown)}")
        return self


class RoundNode(BaseNode):
    """Its input rounded half up, in decimals."""

    kind: Literal["round"]
    input: str
    digits: int = Field(ge=0, le=6)

    def gives(self) -> set[Facet]:
        return {"value"}

    def reads(self) -> list[tuple[str, Facet]]:
        return [(self.input, "value")]


class BandNode(BaseNode):
    """The band that its input reaches, of the scale or of `bands`; no band unless one of `requires_any` has points."""

    kind: Literal["band"]
    input: str
    bands: Annotated[list[Band], AfterValidator(check_falling)] = Field(
        default_factory=list, description="Bands of its own, for a kind of school or a part of the score."
    )
    requires_any: list[str] = Field(default_factory=list)

    def gives(self) -> set[Facet]:
        return {"label"}

    def reads(self) -> list[tuple[str, Facet]]:
        return [(self.input, "value"), *((other, "points") for other in self.requires_any)]


class AttainmentNode(BaseNode):
    """The band that all of its inputs' values reach by cuts of their own, given participation in each."""

    kind: Literal["attainment"]
    values: list[str] = Field(min_length=1)
    bands: Annotated[list[Band], AfterValidator(check_falling)]
    participation: float = Field(description="The lowest rate of participation that opens this route.")

    def gives(self) -> set[Facet]:
        return {"value", "label"}

    def reads(self) -> list[tuple[str, Facet]]:
        return [*((name, "value") for name in self.values), *((name, "participation") for name in self.values)]


class BetterNode(BaseNode):
    """The better of several bands; bands that are missing do not count, but the first must be there."""

    kind: Literal["better"]
    bands: list[str] = Field(min_length=2)

    def gives(self) -> set[Facet]:
        return {"label"}

    def reads(self) -> list[tuple[str, Facet]]:
        return [(name, "label") for name in self.bands]


class EntryNode(BaseNode):
    """A score; where `rating` is a better band than the score's own, the lowest score of that band."""

    kind: Literal["entry"]
    score: str
    band: str
    rating: str

    def gives(self) -> set[Facet]:
        return {"value"}

    def reads(self) -> list[tuple[str, Facet]]:
        return [(self.score, "value"), (self.band, "label"), (self.rating, "label")]


class SharesNode(BaseNode):
    """The mean of its members, weighted by shares that are attributes of the subject.

    With `remainder`, the shares are of 1, and that node has what they leave.
    """

    kind: Literal["shares"]
    members: dict[str, str] = Field(min_length=1, description="Node -> the attribute that is its share.")
    remainder: str | None = None

    def gives(self) -> set[Facet]:
        return {"value"}

    def reads(self) -> list[tuple[str, Facet]]:
        return [(name, "value") for name in (*self.members, *([self.remainder] if self.remainder else []))]


class SelectNode(BaseNode):
    """The value or the label of the node that an attribute of the subject chooses."""

    kind: Literal["select"]
    attribute: str
    of: Literal["value", "label"]
    cases: dict[str, str] = Field(min_length=1)

    def gives(self) -> set[Facet]:
        return {self.of}

    def reads(self) -> list[tuple[str, Facet]]:
        return [(name, self.of) for name in self.cases.values()]


class LabelNode(BaseNode):
    """A label that follows from another node's label."""

    kind: Literal["label"]
    input: str
    labels: dict[str, str]

    def gives(self) -> set[Facet]:
        return {"label"}

    def reads(self) -> list[tuple[str, Facet]]:
        return [(self.input, "label")]


Node = Annotated[
    PointsNode
    | WeightedNode
    | RoundNode
    | BandNode
    | AttainmentNode
    | BetterNode
    | EntryNode
    | SharesNode
    | SelectNode
    | LabelNode
    | MeasureNode
    | MeanNode
    | AggregateNode
    | FirstNode
    | LimitNode
    | DecideNode
    | LookupNode
    | RollupNode
    | BorrowNode
    | LinearNode
    | ProductNode
    | PercentileNode,
    Field(discriminator="kind"),
]
