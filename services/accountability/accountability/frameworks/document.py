"""The shape of a framework document. Everything about a state or district is in the document, nothing in code."""

from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator


def _fraction(value: Any) -> Any:
    if isinstance(value, float):
        value = str(value)
    return Fraction(value) if isinstance(value, str | int) and not isinstance(value, bool) else value


Exact = Annotated[
    Fraction,
    BeforeValidator(_fraction),
    PlainSerializer(str, return_type=str),
    Field(description='An exact number: 12.5 or "5/3".', json_schema_extra={"type": "string"}),
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Indicator(_Part):
    """What is measured, and which values are possible."""

    title: str
    kind: Literal["number", "category"] = "number"
    minimum: float = 0
    maximum: float = 100
    categories: list[str] = Field(default_factory=list)
    minimum_n: int = 0


class Band(_Part):
    """A label from a score upwards."""

    label: str
    at_least: float


class Cut(_Part):
    """Points for a value of at least (or, where lower is better, at most) `value`."""

    value: float
    points: float


class Cuts(_Part):
    """A table from values to points; a value that reaches no cut earns `otherwise`."""

    lower_is_better: bool = False
    cuts: list[Cut] = Field(min_length=1)
    otherwise: float

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        values = [cut.value for cut in self.cuts]
        points = [cut.points for cut in self.cuts]
        if values != sorted(values, reverse=not self.lower_is_better) or len(set(values)) != len(values):
            raise ValueError("cuts must go from the best value to the worst, each once")
        if points != sorted(points, reverse=True) or self.otherwise > points[-1]:
            raise ValueError("a better value must not earn fewer points")
        return self


class Penalty(_Part):
    """Points lost below a participation rate: the first row whose rate is reached applies."""

    at_least: float
    lost: float


class _Node(_Part):
    when: dict[str, list[str]] = Field(default_factory=dict, description="Subject attributes for which it applies.")
    source: str = Field(description="Where the rule is written.")

    def inputs(self) -> list[str]:
        """The nodes that this node reads."""
        return []


class PointsNode(_Node):
    """An indicator scored by a table of cuts or by category, lowered by low participation."""

    kind: Literal["points"]
    indicator: str
    cuts: str | None = None
    categories: dict[str, float] | None = None
    penalties: str | None = None
    lowest: float = 1

    @model_validator(mode="after")
    def _one_table(self) -> Self:
        if (self.cuts is None) == (self.categories is None):
            raise ValueError("give either `cuts` or `categories`")
        return self


class Reassignment(_Part):
    """Where the weight of a missing member goes: by fixed shares, or in proportion to declared weights.

    Proportional targets are those that are present; if none is, the weight goes to `otherwise`, by the same rule.
    """

    missing: list[str] = Field(min_length=1)
    shares: dict[str, Exact] | None = None
    proportionally: list[str] | None = None
    otherwise: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        if (self.shares is None) == (self.proportionally is None):
            raise ValueError("give either `shares` or `proportionally`")
        if self.shares is not None and sum(self.shares.values()) != 1:
            raise ValueError(f"the shares add up to {sum(self.shares.values())}, not to 1")
        return self


class WeightedNode(_Node):
    """The weighted mean of its members' points. A missing required member leaves it without a value."""

    kind: Literal["weighted"]
    weights: dict[str, Exact]
    required: list[str] = Field(default_factory=list)
    reassign: list[Reassignment] = Field(default_factory=list)

    def inputs(self) -> list[str]:
        return list(self.weights)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if sum(self.weights.values()) != 100:
            raise ValueError(f"the weights add up to {float(sum(self.weights.values()))}, not to 100")
        named = set(self.required)
        for step in self.reassign:
            named |= {*step.missing, *(step.shares or {}), *(step.proportionally or []), *step.otherwise}
        if unknown := sorted(named - set(self.weights)):
            raise ValueError(f"not among the weights: {', '.join(unknown)}")
        return self


class RoundNode(_Node):
    """Its input rounded half up, in decimals."""

    kind: Literal["round"]
    input: str
    digits: int = Field(ge=0, le=6)

    def inputs(self) -> list[str]:
        return [self.input]


class BandNode(_Node):
    """The band of the scale that its input reaches; no band unless one of `requires_any` has points."""

    kind: Literal["band"]
    input: str
    requires_any: list[str] = Field(default_factory=list)

    def inputs(self) -> list[str]:
        return [self.input, *self.requires_any]


class AttainmentNode(_Node):
    """The band that all of its inputs' values reach by cuts of their own, given participation in each."""

    kind: Literal["attainment"]
    values: list[str] = Field(min_length=1)
    bands: list[Band]
    participation: float = Field(description="The lowest rate of participation that opens this route.")

    def inputs(self) -> list[str]:
        return self.values


class BetterNode(_Node):
    """The better of several bands; bands that are missing do not count, but the first must be there."""

    kind: Literal["better"]
    bands: list[str] = Field(min_length=2)

    def inputs(self) -> list[str]:
        return self.bands


class EntryNode(_Node):
    """A score; where `rating` is a better band than the score's own, the lowest score of that band."""

    kind: Literal["entry"]
    score: str
    band: str
    rating: str

    def inputs(self) -> list[str]:
        return [self.score, self.band, self.rating]


class SharesNode(_Node):
    """The mean of its members, weighted by shares that are attributes of the subject."""

    kind: Literal["shares"]
    members: dict[str, str]

    def inputs(self) -> list[str]:
        return list(self.members)


class SelectNode(_Node):
    """The node that an attribute of the subject chooses."""

    kind: Literal["select"]
    attribute: str
    cases: dict[str, str]

    def inputs(self) -> list[str]:
        return list(self.cases.values())


class LabelNode(_Node):
    """A label that follows from another node's label."""

    kind: Literal["label"]
    input: str
    labels: dict[str, str]

    def inputs(self) -> list[str]:
        return [self.input]


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
    | LabelNode,
    Field(discriminator="kind"),
]


class Attribute(_Part):
    """A property of the rated subject that the rules read, delivered as a measure of the same code."""

    kind: Literal["number", "category"]
    values: list[str] = Field(default_factory=list)


class Result(_Part):
    """Which nodes are the result: the score, the rating, and labels that go with it."""

    score: str
    rating: str
    also: list[str] = Field(default_factory=list)


class Framework(_Part):
    """A rating framework: identity, scale, indicators, tables and the graph of nodes."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,60}$")
    version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,30}$")
    title: str = Field(max_length=60)
    owner: str
    school_years: list[int] = Field(description="Ending years for which it is valid.")
    data_year_lag: int = Field(description="Rating year minus data year.")
    sources: list[str]
    not_covered: list[str] = Field(default_factory=list)
    not_rated: str = Field(description="The published words where there is no rating.")
    scale: list[Band] = Field(min_length=2, description="From the best band to the worst.")
    attributes: dict[str, Attribute] = Field(default_factory=dict)
    indicators: dict[str, Indicator]
    tables: dict[str, Cuts] = Field(default_factory=dict)
    penalties: dict[str, list[Penalty]] = Field(default_factory=dict)
    nodes: dict[str, Node]
    result: Result

    @model_validator(mode="after")
    def _scale_falls(self) -> Self:
        cuts = [band.at_least for band in self.scale]
        if any(better <= worse for better, worse in pairwise(cuts)):
            raise ValueError("scale: each band must begin below the one before, or it cannot be reached")
        return self

    @model_validator(mode="after")
    def _known(self) -> Self:
        problems = []
        for name, node in self.nodes.items():
            problems += [f"nodes.{name}: unknown node `{other}`" for other in node.inputs() if other not in self.nodes]
            problems += [f"nodes.{name}: unknown attribute `{key}`" for key in node.when if key not in self.attributes]
            if isinstance(node, PointsNode):
                for value, known, what in (
                    (node.indicator, self.indicators, "indicator"),
                    (node.cuts, self.tables, "table"),
                    (node.penalties, self.penalties, "penalty table"),
                ):
                    if value is not None and value not in known:
                        problems.append(f"nodes.{name}: unknown {what} `{value}`")
        for name in (self.result.score, self.result.rating, *self.result.also):
            if name not in self.nodes:
                problems.append(f"result: unknown node `{name}`")
        if problems:
            raise ValueError("; ".join(problems))
        self.order()
        return self

    def order(self) -> list[str]:
        """The nodes, each after its inputs. Raises ValueError on a cycle, naming its nodes."""
        ordered: dict[str, None] = {}

        def visit(name: str, path: tuple[str, ...]) -> None:
            if name in path:
                raise ValueError(f"nodes: a cycle: {' -> '.join((*path[path.index(name) :], name))}")
            if name not in ordered:
                for other in self.nodes[name].inputs():
                    visit(other, (*path, name))
                ordered[name] = None

        for name in self.nodes:
            visit(name, ())
        return list(ordered)
