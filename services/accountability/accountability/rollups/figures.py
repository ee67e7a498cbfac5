"""A figure of a district, three ways: its own schools, the autonomous ones, both; and separate units beside them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal
from uuid import UUID

from contracts.vocabulary import Wire
from pydantic import Field

from accountability.rollups.law import Treatment
from accountability.rollups.pooling import Pooled, SchoolFigure, factor, half_up, pool
from accountability.rollups.standing import Standing

Part = Literal["district-run", "autonomous", "combined", "separate-unit"]
PARTS: tuple[Part, ...] = ("district-run", "autonomous", "combined", "separate-unit")
RATING = "rating"
"""What the framework's own result is called among the figures."""


class PartFigure(Wire):
    """The figure of one part of a district. Averages exist beside the pooled counts, and differ from them."""

    schools: int
    students: int | None
    numerator: float | None = Field(description="Of all its schools together, if all have counts.")
    denominator: float | None
    by_counts: float | None = Field(description="Pooled again: numerators through denominators, rounded half up.")
    by_students: float | None = Field(description="The mean of the schools, weighed by students, rounded half up.")
    simple: float | None = Field(
        description="The mean of the schools, each alike, rounded half up; hidden where it gives away."
    )
    ratings: dict[str, int] = Field(description="Of the framework's result: how many schools have which rating.")
    suppressed: bool = Field(default=False, description="Of too few students, or it would give away such a figure.")
    coded: str | None = Field(
        default=None, description="What is said of a hidden rate near its ends.", examples=[">95 %"]
    )


class NotCounted(Wire):
    """A school without a part in a figure, and why: never as a zero."""

    school_id: UUID
    reason: str = Field(description="Its treatment, `no-figure`, or why it is not rated.", examples=["excluded"])


@dataclass(frozen=True)
class Figures:
    """What is known of one figure for the schools of a district."""

    code: str
    title: str
    measures_growth: bool
    of: Mapping[UUID, SchoolFigure]
    ratings: Mapping[UUID, str]
    """Of the framework's result alone: the label of each rated school."""
    reasons: Mapping[UUID, str]
    """Why a school has none, where that was said."""
    own: SchoolFigure | None = None
    """What the district itself was measured at, unless another official figure stands for it."""

    @cached_property
    def times(self) -> int:
        """What shares of counts are multiplied by."""
        return factor(self.of.values())

    def part_of(self, standing: Standing) -> Part | None:
        """The part of the figure that a school counts in; None: in none."""
        return self._part(standing) if standing.school_id in self.of else None

    def labels(self, standings: Iterable[Standing]) -> dict[Part, list[str]]:
        """The ratings of each part, also of schools that are rated without a score."""
        rated = {each.school_id: self._part(each) for each in standings if each.school_id in self.ratings}
        members = {school: part for school, part in rated.items() if part is not None}
        return {part: [self.ratings[school] for school in schools_in(members, part)] for part in PARTS}

    def _part(self, standing: Standing) -> Part | None:
        if standing.treatment == "separate-unit":
            return "separate-unit"
        return standing.part if _counts(standing.treatment, self.measures_growth) else None

    def members(self, standings: Iterable[Standing]) -> dict[UUID, Part]:
        """The schools that count, and in which part."""
        parts = ((each.school_id, self.part_of(each)) for each in standings)
        return {school: part for school, part in parts if part is not None}

    def pooled(self, schools: Iterable[UUID]) -> Pooled:
        """The figure of some schools together."""
        return pool([self.of[school] for school in sorted(schools)], self.times)

    def not_counted(self, standings: Iterable[Standing]) -> list[NotCounted]:
        """The schools without a part, and why."""
        without = [each for each in standings if self.part_of(each) in (None, "separate-unit")]
        return [NotCounted(school_id=each.school_id, reason=self._why_not(each)) for each in without]

    def _why_not(self, standing: Standing) -> str:
        if not _counts(standing.treatment, self.measures_growth):
            return standing.treatment
        return self.reasons.get(standing.school_id, "no-figure")


def _counts(treatment: Treatment, measures_growth: bool) -> bool:
    return treatment == "included" or (treatment == "growth-only" and measures_growth)


def schools_in(members: Mapping[UUID, Part], part: Part) -> list[UUID]:
    """The schools of a part; combined: the district's own and the autonomous ones."""
    parts = ("district-run", "autonomous") if part == "combined" else (part,)
    return sorted(school for school, of in members.items() if of in parts)


def part_figures(figures: Figures, standings: Sequence[Standing], digits: int) -> dict[Part, PartFigure]:
    """The figure of every part, rounded to `digits`."""
    members, labels = figures.members(standings), figures.labels(standings)
    return {part: _shown(figures.pooled(schools_in(members, part)), labels[part], digits) for part in PARTS}


def _shown(pooled: Pooled, labels: Sequence[str], digits: int) -> PartFigure:
    return PartFigure(
        schools=pooled.schools,
        students=pooled.students,
        numerator=_float(pooled.numerator),
        denominator=_float(pooled.denominator),
        by_counts=half_up(pooled.by_counts, digits),
        by_students=half_up(pooled.by_students, digits),
        simple=half_up(pooled.simple, digits),
        ratings=dict(sorted(Counter(labels).items())),
    )


def _float(figure: object) -> float | None:
    return None if figure is None else float(figure)  # type: ignore[arg-type]
