"""Schools whose figures are added up somewhere: with the district or operator that is itself measured."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import Uuid, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.directory import Organization, School
from accountability.measures.tables import Measure

HELD = cast(
    """$.assignments[*] ? (
        (@.role == "operator" || @.role == "accountable-lea")
        && @.validFrom <= $day && (@.validTo == null || @.validTo > $day)
    )""",
    JSONPATH,
)
"""The assignments of a school by which its figures count for an organization on a day."""

OCTOBER = 10
"""Whose schools they are is asked as of the fall count."""


async def members_of_measured(session: AsyncSession, school_year: int) -> dict[UUID, set[UUID]]:
    """The schools of each district and operator that has measures of its own in a year."""
    day = date(school_year - 1, OCTOBER, 1)
    of_year = select(Measure.school_id).where(Measure.school_year == school_year).distinct()
    measured = set(await session.scalars(select(Organization.id).where(Organization.id.in_(of_year))))
    found: dict[UUID, set[UUID]] = {organization: set() for organization in measured}
    if not measured:
        return found
    asked = func.jsonb_build_object("day", day.isoformat())
    held = func.jsonb_path_query(School.said, HELD, asked, type_=JSONB)
    for organization, school in await session.execute(select(cast(held["organizationId"].astext, Uuid), School.id)):
        if organization in measured:
            found[organization].add(school)
    return found


def families(wholes: Iterable[frozenset[UUID]], schools: Iterable[UUID]) -> list[set[UUID]]:
    """The schools, each with all whose figures may betray its own: through a whole that both are part of."""
    joined: dict[UUID, set[UUID]] = {}
    for whole in set(wholes):
        family = set(whole)
        for one in whole:
            family |= joined.get(one, set())
        joined |= dict.fromkeys(family, family)
    found = {frozenset(joined.get(school, {school})) for school in schools}
    return [set(family) for family in found]
