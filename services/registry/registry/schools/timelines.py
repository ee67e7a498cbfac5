"""A school's whole timeline, between the tables and what is said: the event, the history, and what edits work on."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from contracts.vocabulary import Alias, Period
from kit.periods import period
from pydantic.alias_generators import to_camel
from sqlalchemy import JSON, ColumnElement, Date, Text, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from contracts import registry as said
from registry.dated import among, among_rows, believed
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


def _members(table: Any, names: Sequence[str]) -> dict[str, Any]:
    return {to_camel(name): getattr(table, name) for name in names}


@dataclass(frozen=True)
class Part:
    """One of the lists of a timeline, and the table that keeps it.

    `members` are the columns of an item by their names on the wire, all but its period.
    """

    name: str
    table: Any
    said_of: Callable[[Any], Period]
    members: Mapping[str, Any]
    own_columns: Callable[[Any], dict[str, Any]] = _own_columns

    def of(self, timeline: said.SchoolChanged) -> list[Any]:
        """This list of a timeline."""
        items: list[Any] = getattr(timeline, self.name)
        return items

    def columns(self, school_id: UUID, item: Period) -> dict[str, Any]:
        """The row that keeps `item`."""
        return {"school_id": school_id, "during": period(item.valid_from, item.valid_to), **self.own_columns(item)}

    def listed(self, holding: ColumnElement[bool], **further: Any) -> Any:
        """The rows for which `holding` is true, in the order of their periods, as a JSON list; empty if none."""
        during = self.table.during
        span = {"validFrom": func.lower(during), "validTo": func.upper(during)}
        each = as_object({**self.members, **further, **span})
        inside = select(func.json_agg(aggregate_order_by(each, func.lower(during), self.table.id))).where(holding)
        return func.coalesce(inside.scalar_subquery(), func.json_build_array(), type_=JSON)


def as_object(members: Mapping[str, Any]) -> Any:
    """Columns as one JSON object.

    Its names, which are ours, stand in the statement: as parameters they would be sent and typed with every read.
    """
    named: list[Any] = []
    for name, column in members.items():
        named += (literal_column(f"'{name}'"), column)
    return func.json_build_object(*named, type_=JSON)


FACTS = Part(
    "facts",
    SchoolFacts,
    facts_of,
    _members(SchoolFacts, (*PLAIN, "source")) | {"address": as_object(_members(SchoolFacts, ADDRESS))},
    fact_columns,
)
ALIASES = Part("aliases", SchoolAlias, _alias_of, _members(SchoolAlias, ("system", "value")))
ASSIGNMENTS = Part(
    "assignments", SchoolAssignment, assignment_of, _members(SchoolAssignment, ("organization_id", "role", "source"))
)
BUILDINGS = Part(
    "buildings", SchoolOccupancy, _occupancy_of, _members(SchoolOccupancy, ("building_id", "share", "source"))
)
PARTS = (FACTS, ALIASES, ASSIGNMENTS, BUILDINGS)


async def timelines(
    session: AsyncSession, ids: Sequence[UUID], known_at: datetime | None = None
) -> list[said.SchoolChanged]:
    """The timelines of schools as known at an instant (None: now), in the order of `ids`; unknown schools left out."""
    if not ids:
        return []
    lists = {part.name: part.listed(_of_the_school(part.table, known_at)) for part in PARTS}
    version = version_at(known_at)
    whole = as_object({"id": School.id, "version": version} | lists)
    asked = select(cast(whole, Text)).where(among(School.id, ids), version.is_not(None))
    found = {one.id: one for one in map(said.SchoolChanged.model_validate_json, await session.scalars(asked))}
    return [found[school] for school in ids if school in found]


def version_at(known_at: datetime | None) -> Any:
    """The version of the school at hand that was known at an instant, NULL if none was; None: that is known now."""
    if known_at is None:
        return School.version
    known = select(func.max(SchoolVersion.version))
    return known.where(SchoolVersion.school_id == School.id, SchoolVersion.recorded_at <= known_at).scalar_subquery()


def _of_the_school(table: Any, known_at: datetime | None) -> ColumnElement[bool]:
    mine: ColumnElement[bool] = table.school_id == School.id
    return mine & believed(table, known_at)


async def ids_of(session: AsyncSession, part: Part, items: Set[tuple[UUID, Period]]) -> list[UUID]:
    """The rows that keep these items of schools now."""
    table = part.table
    begun = among_rows(
        (table.school_id, func.lower(table.during, type_=Date)), {(school, item.valid_from) for school, item in items}
    )
    rows = await session.scalars(select(table).where(begun, believed(table)))
    return [row.id for row in rows if (row.school_id, part.said_of(row)) in items]
