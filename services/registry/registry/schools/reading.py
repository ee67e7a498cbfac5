"""Schools as they were on a date, as known at an instant: one query, whoever asks."""

from functools import lru_cache
from typing import Any
from uuid import UUID

from kit.errors import NotFound
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from registry.dated import believed
from registry.schools.schemas import SchoolView
from registry.schools.tables import (
    School,
    SchoolAlias,
    SchoolAssignment,
    SchoolFacts,
    SchoolOccupancy,
    SchoolVersion,
)
from registry.schools.timelines import facts_of
from registry.standpoint import Standpoint


def holding(table: Any, at: Standpoint) -> ColumnElement[bool]:
    """Rows of a dated table that hold for the school at hand."""
    held: ColumnElement[bool] = (
        (table.school_id == School.id) & believed(table, at.known_at) & table.during.contains(at.day)
    )
    return held


@lru_cache(maxsize=64)  # to put it together takes longer than to run it, and most look from today
def schools_at(at: Standpoint) -> Select[Any]:
    """Every school there is at a standpoint, with its facts and what else holds; shaped by `shape`."""
    return select(
        _version(at).label("version"),
        SchoolFacts,
        _all(SchoolAlias, at, system=SchoolAlias.system, value=SchoolAlias.value).label("aliases"),
        _all(
            SchoolAssignment,
            at,
            id=SchoolAssignment.id,
            organizationId=SchoolAssignment.organization_id,
            role=SchoolAssignment.role,
            source=SchoolAssignment.source,
        ).label("assignments"),
        _all(
            SchoolOccupancy,
            at,
            buildingId=SchoolOccupancy.building_id,
            share=SchoolOccupancy.share,
            source=SchoolOccupancy.source,
        ).label("buildings"),
    ).join_from(School, SchoolFacts, holding(SchoolFacts, at))


def _version(at: Standpoint) -> Any:
    if at.known_at is None:
        return School.version
    known = select(func.max(SchoolVersion.version))
    return known.where(SchoolVersion.school_id == School.id, SchoolVersion.recorded_at <= at.known_at).scalar_subquery()


def _all(table: Any, at: Standpoint, **members: Any) -> Any:
    """The rows of a dated table that hold, as one JSON list."""
    span = {"validFrom": func.lower(table.during), "validTo": func.upper(table.during)}
    flat = [part for name, column in (members | span).items() for part in (name, column)]
    each = func.jsonb_build_object(*flat, type_=JSONB)
    return (
        select(func.jsonb_agg(aggregate_order_by(each, func.lower(table.during), table.id)))
        .where(holding(table, at))
        .scalar_subquery()
    )


def shape(row: Any) -> SchoolView:
    """A row of `schools_at` as it is shown."""
    return SchoolView.model_validate(
        facts_of(row.SchoolFacts).model_dump()
        | {
            "id": row.SchoolFacts.school_id,
            "version": row.version,
            "aliases": row.aliases or [],
            "assignments": row.assignments or [],
            "buildings": row.buildings or [],
        }
    )


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
