"""Schools as they were on a date, as known at an instant: one query, whoever asks."""

from functools import lru_cache
from typing import Any
from uuid import UUID

from kit.errors import NotFound
from sqlalchemy import ColumnElement, Select, Text, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.dated import believed
from registry.schools.schemas import SchoolView
from registry.schools.tables import School, SchoolAlias, SchoolAssignment, SchoolFacts, SchoolOccupancy
from registry.schools.timelines import ALIASES, ASSIGNMENTS, BUILDINGS, FACTS, as_object, version_at
from registry.standpoint import Standpoint


def holding(table: Any, at: Standpoint) -> ColumnElement[bool]:
    """Rows of a dated table that hold for the school at hand."""
    held: ColumnElement[bool] = (
        (table.school_id == School.id) & believed(table, at.known_at) & table.during.contains(at.day)
    )
    return held


@lru_cache(maxsize=64)  # to put it together takes longer than to run it, and most look from today
def schools_at(at: Standpoint) -> Select[Any]:
    """Every school there is at a standpoint, put together as JSON by PostgreSQL itself; shaped by `shape`."""
    span = {"validFrom": func.lower(SchoolFacts.during), "validTo": func.upper(SchoolFacts.during)}
    said = as_object({"id": School.id, "version": version_at(at.known_at), **span, **FACTS.members, **dated_lists(at)})
    columns: list[Any] = [School.id, cast(said, Text).label("said")]
    return from_schools(select(*columns), at)


def from_schools(query: Select[Any], at: Standpoint) -> Select[Any]:
    """`query` over the schools there are at a standpoint and their facts."""
    return query.join_from(School, SchoolFacts, holding(SchoolFacts, at))


def dated_lists(at: Standpoint) -> dict[str, Any]:
    """What else holds of the school at hand, each list as JSON."""
    return {
        "aliases": ALIASES.listed(holding(SchoolAlias, at)),
        "assignments": ASSIGNMENTS.listed(holding(SchoolAssignment, at), id=SchoolAssignment.id),
        "buildings": BUILDINGS.listed(holding(SchoolOccupancy, at)),
    }


def shape(row: Any) -> SchoolView:
    """A row of `schools_at` as it is shown."""
    return SchoolView.model_validate_json(row.said)


async def view_of(
    session: AsyncSession, school_id: UUID, at: Standpoint, mine: ColumnElement[bool] | None = None
) -> SchoolView:
    """One school at a standpoint. Raises NotFound."""
    query = schools_at(at).where(School.id == school_id)
    if mine is not None:
        query = query.where(mine)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NotFound(f"There is no school {school_id} of yours on {at.day}.")
    return shape(row)
