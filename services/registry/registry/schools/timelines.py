"""A school's whole timeline, read from the tables: what the event says and what history shows."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from contracts.vocabulary import Alias
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from contracts import registry as said
from registry.schools.tables import School, SchoolAlias, SchoolAssignment, SchoolFacts

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


def facts_of(row: SchoolFacts) -> said.SchoolFacts:
    """A row of facts as they are said."""
    return said.SchoolFacts(
        valid_from=row.during.lower,
        valid_to=row.during.upper,
        address=said.Address(**{name: getattr(row, name) for name in ADDRESS}),
        source=row.source,
        **{name: getattr(row, name) for name in PLAIN},
    )


async def timelines(session: AsyncSession, ids: Sequence[UUID]) -> list[said.SchoolChanged]:
    """The present timelines of schools, in the order of `ids`."""
    versions = {row.id: row.version for row in await session.scalars(select(School).where(School.id.in_(ids)))}
    facts, aliases, assignments = [
        await _live(session, table, ids) for table in (SchoolFacts, SchoolAlias, SchoolAssignment)
    ]
    return [
        said.SchoolChanged(
            id=school,
            version=versions[school],
            facts=[facts_of(row) for row in facts.get(school, [])],
            aliases=[
                Alias(system=row.system, value=row.value, valid_from=row.during.lower, valid_to=row.during.upper)
                for row in aliases.get(school, [])
            ],
            assignments=[
                said.Assignment(
                    organization_id=row.organization_id,
                    role=row.role,
                    source=row.source,
                    valid_from=row.during.lower,
                    valid_to=row.during.upper,
                )
                for row in assignments.get(school, [])
            ],
        )
        for school in ids
    ]


async def _live(session: AsyncSession, table: Any, ids: Sequence[UUID]) -> dict[UUID, list[Any]]:
    live = table.school_id.in_(ids) & table.superseded_at.is_(None)
    found: dict[UUID, list[Any]] = {}
    order = [func.lower(table.during), table.id]
    query = select(table).where(live).order_by(*order).execution_options(populate_existing=True)
    for row in await session.scalars(query):
        found.setdefault(row.school_id, []).append(row)
    return found
