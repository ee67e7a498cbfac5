"""The shape of a framework document. Everything about a state or district is in the document, nothing in code."""

from typing import Annotated, Self

from contracts.vocabulary import SchoolYear
from pydantic import AfterValidator, Field, model_validator

from accountability.frameworks.lookups import Lookup
from accountability.frameworks.nodes import Node
from accountability.frameworks.parts import (
    Attribute,
    Band,
    Cuts,
    Indicator,
    Part,
    Penalty,
    check_falling,
    check_penalties,
)

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,79}$")]
"""What nodes, indicators, attributes and tables are called."""


class Result(Part):
    """Which nodes are the result: the score, the rating, and labels that go with it.

    Without an overall rating the score or the labels are the result, and `not_rated` are the words in its place.
    """

    score: str | None = None
    rating: str | None = None
    also: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.score is None and self.rating is None and not self.also:
            raise ValueError("give a `rating`, or the `score` or labels (`also`) that stand without one")
        return self


class Framework(Part):
    """A rating framework: identity, scale, indicators, tables and the graph of nodes.

    That its parts fit together is checked by `rules.faults`, before it is registered.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,60}$")
    version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,30}$")
    title: str = Field(max_length=60)
    owner: str
    school_years: list[SchoolYear] = Field(min_length=1, description="Ending years for which it is valid.")
    data_year_lag: int = Field(ge=0, le=10, description="Rating year minus data year.")
    sources: list[str]
    not_covered: list[str] = Field(default_factory=list)
    not_rated: str = Field(description="The published words where there is no rating.")
    not_rated_labels: list[str] = Field(
        default_factory=list, description="Labels that stand in place of a rating, though a score may be there."
    )
    student_groups: list[str] = Field(
        default=["ALL"], min_length=1, description="Groups or levels of a school, each rated by itself; ALL: the whole."
    )
    scale: Annotated[list[Band], AfterValidator(check_falling)] = Field(
        default_factory=list, description="From the best band to the worst; none where nothing is rated by a scale."
    )
    attributes: dict[Name, Attribute] = Field(default_factory=dict, max_length=100)
    indicators: dict[Name, Indicator] = Field(max_length=500)
    tables: dict[Name, Cuts] = Field(default_factory=dict, max_length=500)
    lookups: dict[Name, Lookup] = Field(default_factory=dict, max_length=50)
    penalties: dict[Name, Annotated[list[Penalty], AfterValidator(check_penalties)]] = Field(default_factory=dict)
    nodes: dict[Name, Node] = Field(max_length=1000)
    result: Result

    def order(self) -> list[str]:
        """The nodes, each after its inputs. Raises ValueError on a cycle, naming its nodes."""
        ordered: dict[str, None] = {}

        def visit(name: str, path: dict[str, None]) -> None:
            if name in path:
                around = [*list(path)[list(path).index(name) :], name]
                raise ValueError(f"a cycle: {' -> '.join(around)}")
            if name not in ordered:
                for other in self.nodes[name].inputs():
                    visit(other, path | {name: None})
                ordered[name] = None

        for name in self.nodes:
            visit(name, {})
        return list(ordered)
