"""A school's whole timeline, between the tables and what is said: the event, the history, and what edits work on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from contracts.vocabulary import Alias, Period
from kit.periods import period
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from contracts import registry as said
from registry.dated import among, believed
from registry.schools.tables import (
    School,
    SchoolAlias,
    SchoolAssignment,
    SchoolFacts,
    SchoolOccupancy,
    SchoolVersion,
)

ADDRESS = ("street", "city", "state", "postal_code", "latitude", "longitude")
PLAIN = (
    "name",
    "short_name",
    "school_type",
    "operational_status",
    "arrangement",
    "chartered",
    "grade_low",
    "grade_high",
)


def fact_columns(facts: Any) -> dict[str, Any]:
    """The columns that keep facts (`contracts.registry.SchoolFacts` or a body)."""
    plain = {name: getattr(facts, name) for name in (*PLAIN, "source")}
    return plain | {name: getattr(facts.address, name) for name in ADDRESS}


def _span(row: Any) -> dict[str, date | None]:
    return {"valid_from": row.during.lower, "valid_to": row.during.upper}


def facts_of(row: SchoolFacts) -> said.SchoolFacts:
    """A row of facts as they are said."""
    address = said.Address(**{name: getattr(row, name) for name in ADDRESS})
    return said.SchoolFacts(
        **_span(row), address=address, source=row.source, **{name: getattr(row, name) for name in PLAIN}
    )


def _alias_of(row: SchoolAlias) -> Alias:
    return Alias(**_span(row), system=row.system, value=row.value)


def assignment_of(row: SchoolAssignment) -> said.Assignment:
    """A row of an assignment as it is said."""
    return said.Assignment(**_span(row), organization_id=row.organization_id, role=row.role, source=row.source)


def _occupancy_of(row: SchoolOccupancy) -> said.Occupancy:
    return said.Occupancy(**_span(row), building_id=row.building_id, share=row.share, source=row.source)


def _own_columns(item: Period) -> dict[str, Any]:
    return item.model_dump(exclude={"valid_from", "valid_to"})


@dataclass(frozen=True)
class Part:
    """One of the lists of a timeline, and the table that keeps it."""

    name: str
    table: Any
    said_of: Callable[[Any], Period]
    own_columns: Callable[[Any], dict[str, Any]] = _own_columns

    def of(self, timeline: said.SchoolChanged) -> list[Any]:
        """This list of a timeline."""
        items: list[Any] = getattr(timeline, self.name)
        return items

    def columns(self, school_id: UUID, item: Period) -> dict[str, Any]:
        """The row that keeps `item`."""
        return {"school_id": school_id, "during": period(item.valid_from, item.valid_to), **self.own_columns(item)}


PARTS = (
    Part("facts", SchoolFacts, facts_of, fact_columns),
    Part("aliases", SchoolAlias, _alias_of),
    Part("assignments", SchoolAssignment, assignment_of),
    Part("buildings", SchoolOccupancy, _occupancy_of),
)


async def timelines(
    session: AsyncSession, ids: Sequence[UUID], known_at: datetime | None = None
) -> list[said.SchoolChanged]:
    """The timelines of schools as known at an instant (None: now), in the order of `ids`; unknown schools left out."""
    versions = await _versions(session, ids, known_at)
    kept = {part.name: await rows_of(session, part, ids, known_at) for part in PARTS}
    return [
        said.SchoolChanged(
            id=school,
            version=versions[school],
            **{part.name: [part.said_of(row) for row in kept[part.name].get(school, [])] for part in PARTS},
        )
        for school in ids
        if school in versions
    ]


async def _versions(session: AsyncSession, ids: Sequence[UUID], known_at: datetime | None) -> Mapping[UUID, int]:
    if known_at is None:
        found = select(School.id, School.version).where(among(School.id, ids))
    else:
        found = (
            select(SchoolVersion.school_id, func.max(SchoolVersion.version))
            .where(among(SchoolVersion.school_id, ids), SchoolVersion.recorded_at <= known_at)
            .group_by(SchoolVersion.school_id)
        )
    return {row[0]: row[1] for row in await session.execute(found)}


async def rows_of(
    session: AsyncSession, part: Part, ids: Sequence[UUID], known_at: datetime | None = None
) -> dict[UUID, list[Any]]:
    """The rows of one part by school, in the order of their periods."""
    table = part.table
    query = (
        select(table)
        .where(among(table.school_id, ids), believed(table, known_at))
        .order_by(func.lower(table.during), table.id)
        .execution_options(populate_existing=True)
    )
    found: dict[UUID, list[Any]] = {}
    for row in await session.scalars(query):
        found.setdefault(row.school_id, []).append(row)
    return found
