"""Gather what goals are judged by: published figures, the district's other schools, scales, breaks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from contracts.registry import SchoolChanged
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.breaks.actions import breaks_of
from accountability.breaks.restarts import restarts, school_year_of
from accountability.breaks.tables import SeriesBreak
from accountability.directory import School
from accountability.frameworks.tables import RegisteredFramework
from accountability.goals.judging import Evidence
from accountability.goals.schemas import Yardstick
from accountability.ratings.figures import Figure, Source, published_figures

RELATIVE = {"gap-to-district", "percentile-in-district", "percentile-in-state"}
"""Comparisons for which other schools count: a figure of theirs that changes may change the outcome."""

OCTOBER = 10
"""Schools belong to the district of 1 October, the day on which students are counted."""


@dataclass(frozen=True)
class Published:
    """All that is published of a source, and what is known of the framework's versions and of the schools."""

    source: Source
    figures: Mapping[tuple[UUID, int], Figure]
    versions: Mapping[str, Mapping[str, Any]]
    schools: Mapping[UUID, SchoolChanged]
    breaks: Sequence[SeriesBreak]

    def evidence(self, yardstick: Yardstick, school_id: UUID, year: int) -> Evidence | None:
        """What the school's target of a year is judged by; None while nothing of it is published."""
        figure = self.figures.get((school_id, year))
        if figure is None:
            return None
        version = self.versions[figure.framework_version]
        district = self._district(school_id, year)
        return Evidence(
            figure=figure,
            others=self._others(yardstick, school_id, year, district),
            district_id=district,
            scale=[band["label"] for band in version.get("scale", [])],
            breaks=self._breaks(yardstick, school_id, figure),
        )

    def _district(self, school_id: UUID, year: int) -> UUID | None:
        school = self.schools.get(school_id)
        held = school.organizations_on(date(year - 1, OCTOBER, 1), "accountable-lea") if school else []
        return held[0] if held else None

    def _others(self, yardstick: Yardstick, school_id: UUID, year: int, district: UUID | None) -> list[Figure]:
        """Figures of the other schools of the district or state, but for those that are hidden from anybody."""
        if yardstick.comparison not in RELATIVE:
            return []
        anywhere = yardstick.comparison == "percentile-in-state"
        return [
            figure
            for (other, of_year), figure in self.figures.items()
            if of_year == year and other != school_id and other in self.schools
            if figure.is_public and figure.value is not None
            if anywhere or (district is not None and self._district(other, year) == district)
        ]

    def _breaks(self, yardstick: Yardstick, school_id: UUID, figure: Figure) -> list[str]:
        """Why the figure is not comparable with the baseline."""
        baseline = yardstick.baseline
        if baseline is None:
            return []
        found = [
            f"{each.reason} ({each.citation})" for each in self.breaks if baseline.year < each.from_year <= figure.year
        ]
        if baseline.framework_version not in (None, figure.framework_version):
            found.append(f"version {figure.framework_version}, the baseline is of {baseline.framework_version}")
        school = self.schools.get(school_id)
        days = restarts(school) if school else []
        return found + [
            f"the school began anew on {day}" for day in days if baseline.year < school_year_of(day) <= figure.year
        ]


def source_of(yardstick: Yardstick) -> Source:
    """The figures that a yardstick is about."""
    return Source(yardstick.framework, yardstick.of, yardstick.indicator, yardstick.student_group)


async def published_of(
    session: AsyncSession, source: Source, yardsticks: Iterable[Yardstick], schools: Iterable[UUID], now: datetime
) -> Published:
    """What is published of a source until now: of `schools`, or of all where one of the yardsticks needs them."""
    needs_all = any(yardstick.comparison in RELATIVE for yardstick in yardsticks)
    asked = None if needs_all else set(schools)
    figures = await published_figures(session, source, now, asked)
    rows = await session.scalars(select(School).where(School.id.in_({figure.school_id for figure in figures})))
    registered = select(RegisteredFramework).where(RegisteredFramework.id == source.framework)
    return Published(
        source=source,
        figures={(figure.school_id, figure.year): figure for figure in figures},
        versions={row.version: row.document for row in await session.scalars(registered)},
        schools={row.id: SchoolChanged.read(row.said) for row in rows},
        breaks=await breaks_of(session, source, now),
    )
