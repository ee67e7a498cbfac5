"""Ratings over the years, with every place where the line must not be drawn through. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise
from uuid import UUID

from contracts.vocabulary import LineageKind

from registry.lineage.schemas import LineageView
from registry.published_ratings import PublishedRating

BREAKING: frozenset[LineageKind] = frozenset(
    {"merged", "split", "reconstituted", "converted", "transferred", "reopened"}
)
"""After these a school's results are not simply those of the school before."""

JULY = 7


@dataclass(frozen=True)
class Series:
    """The ratings of one school (or group of it) by one framework; `breaks[n]` lie before the rating at `n`."""

    school_id: UUID
    framework: str
    student_group: str
    ratings: Sequence[PublishedRating]
    breaks: Sequence[Sequence[str]]

    def rows(self) -> Iterator[tuple[PublishedRating, Sequence[str]]]:
        """Each rating with the breaks before it."""
        return zip(self.ratings, self.breaks, strict=True)


def series(ratings: Sequence[PublishedRating], events: Sequence[LineageView]) -> list[Series]:
    """The series of each school, framework and group, by school year."""

    def belongs(row: PublishedRating) -> tuple[str, str, str]:
        return str(row.school_id), row.framework, row.student_group

    ordered = sorted(ratings, key=lambda row: (*belongs(row), row.school_year))
    found = []
    for _, group in groupby(ordered, belongs):
        rows = list(group)
        first = rows[0]
        own = [each for each in events if first.school_id in (*each.predecessors, *each.successors)]
        breaks = [[], *(list(_breaks(one, other, own)) for one, other in pairwise(rows))]
        found.append(Series(first.school_id, first.framework, first.student_group, rows, breaks))
    return found


def _breaks(one: PublishedRating, other: PublishedRating, events: Sequence[LineageView]) -> Iterator[str]:
    missing = [f"{year - 1}-{year % 100:02}" for year in range(one.school_year + 1, other.school_year)]
    if missing:
        yield f"No rating was published for {', '.join(missing)}."
    if one.framework_version != other.framework_version:
        yield f"Another version of the framework: {one.framework_version} before, {other.framework_version} after."
    for event in events:
        if event.kind in BREAKING and one.school_year < _school_year(event.effective_on) <= other.school_year:
            ratings = event.continuity.get("ratings")
            goes_on = f"; ratings: {ratings.says or ratings.outcome}" if ratings else ""
            yield f"The school was {event.kind} on {event.effective_on}{goes_on}."


def _school_year(day: date) -> int:
    """The ending year of the school year of `day`, as in Ed-Fi."""
    return day.year + (day.month >= JULY)
