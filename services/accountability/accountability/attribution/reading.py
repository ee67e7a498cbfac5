"""Attributions and scorecards as they are read: worked out from assignments, calendars and rules each time."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from contracts.registry import DistrictCalendarChanged, SchoolChanged
from contracts.vocabulary import SchoolYear
from sqlalchemy import cast, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.attribution.figures import measures_behind
from accountability.attribution.rules import attribute, operator_year
from accountability.attribution.schemas import AttributionView, Held, ScorecardLine
from accountability.attribution.tables import AttributionRule
from accountability.calendars import DistrictCalendar, calendar_days, school_days
from accountability.directory import School
from accountability.ratings.reading import published
from accountability.ratings.tables import Rating

Place = tuple[UUID | None, int]
"""A district and a year of data."""


class Attributions:
    """The calendars and rules of the districts and years that are asked for, each read once."""

    def __init__(self, calendars: Iterable[DistrictCalendar], rules: Iterable[AttributionRule]) -> None:
        self._days: dict[Place, list[date]] = {(row.organization_id, row.school_year): _days(row) for row in calendars}
        self._rules: dict[Place, AttributionRule] = {(row.organization_id, row.data_year): row for row in rules}

    def days(self, school: SchoolChanged, data_year: int) -> tuple[list[date], bool]:
        """The days of a school's year of data, and whether a calendar says so."""
        known = self._days.get((district_of(school, data_year), data_year))
        return (known, True) if known else (calendar_days(data_year), False)

    def of(self, school: SchoolChanged, data_year: int) -> AttributionView:
        """To whom a school's year of data counts."""
        rule = self._rules.get((district_of(school, data_year), data_year))
        days, has_calendar = self.days(school, data_year)
        found = attribute(school, days, rule.method if rule else None, rule.day if rule else None)
        used = rule if rule is not None and found.basis == rule.method else None
        return AttributionView(
            school_id=school.id,
            data_year=data_year,
            organization_id=found.organization_id,
            basis=found.basis,
            day=found.day,
            rule_id=used.id if used else None,
            citation=used.citation if used else None,
            held=[Held(organization_id=each, days=count) for each, count in found.days_held.items()],
            days=found.days,
            days_from="school-calendar" if has_calendar else "calendar-days",
            reason=found.reason,
        )


def _days(row: DistrictCalendar) -> list[date]:
    return school_days(DistrictCalendarChanged.read(row.said))


def district_of(school: SchoolChanged, data_year: int) -> UUID | None:
    """The district of a school at the end of a year of data, or when it last had one in it."""
    for day in reversed(calendar_days(data_year)):
        districts = school.organizations_on(day, "accountable-lea")
        if districts:
            return districts[0]
    return None


async def attributions(session: AsyncSession, years: Iterable[tuple[SchoolChanged, SchoolYear]]) -> Attributions:
    """What is known for these schools' years of data."""
    keys = sorted({(district, year) for school, year in years if (district := district_of(school, year))})
    calendars = select(DistrictCalendar).where(
        tuple_(DistrictCalendar.organization_id, DistrictCalendar.school_year).in_(keys)
    )
    rules = select(AttributionRule).where(tuple_(AttributionRule.organization_id, AttributionRule.data_year).in_(keys))
    return Attributions(
        await session.scalars(calendars.order_by(DistrictCalendar.id)),
        await session.scalars(rules.order_by(AttributionRule.id)),
    )


async def schools_run_by(session: AsyncSession, organization_id: UUID) -> dict[UUID, SchoolChanged]:
    """The schools that an organization ever operated."""
    assigned = [{"organizationId": str(organization_id), "role": "operator"}]
    ran = School.said.op("@>")(cast({"assignments": assigned}, JSONB))
    return {
        school.id: school
        for school in [SchoolChanged.read(said) for said in await session.scalars(select(School.said).where(ran))]
    }


async def scorecard(session: AsyncSession, organization_id: UUID, school_year: int | None) -> list[ScorecardLine]:
    """The published ratings of the schools that an operator ran in their years of data."""
    schools = await schools_run_by(session, organization_id)
    query = published().where(Rating.school_id.in_(schools), Rating.student_group == "ALL")
    if school_year is not None:
        query = query.where(Rating.school_year == school_year)
    rows = (await session.execute(query.order_by(Rating.id))).all()
    known = await attributions(session, [(schools[row.school_id], row.data_year) for row in rows])
    lines = [_line(row, organization_id, schools[row.school_id], known) for row in rows]
    held = [line for line in lines if any(each.organization_id == organization_id for each in line.attribution.held)]
    return await _with_measures(session, held)


def _line(row: Any, organization_id: UUID, school: SchoolChanged, known: Attributions) -> ScorecardLine:
    attribution = known.of(school, row.data_year)
    days, _ = known.days(school, row.data_year)
    computed = {"rating_id", "attributed", "operator_year", "attribution", "measures"}
    return ScorecardLine(
        rating_id=row.id,
        attributed=attribution.organization_id == organization_id,
        operator_year=operator_year(school, organization_id, days),
        attribution=attribution,
        measures=[],
        **{name: getattr(row, name) for name in ScorecardLine.model_fields.keys() - computed},
    )


async def _with_measures(session: AsyncSession, lines: Sequence[ScorecardLine]) -> list[ScorecardLine]:
    behind = {
        (framework, year): await measures_behind(session, framework, year, {line.school_id for line in lines})
        for framework, year in sorted({(line.framework, line.school_year) for line in lines})
    }
    return [
        line.model_copy(update={"measures": behind[line.framework, line.school_year].get(line.school_id, [])})
        for line in lines
    ]


def districts_of(schools: Iterable[SchoolChanged]) -> set[UUID]:
    """The districts that these schools ever had."""
    return {held.organization_id for school in schools for held in school.assignments if held.role == "accountable-lea"}
