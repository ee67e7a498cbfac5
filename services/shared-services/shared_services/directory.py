"""Our copy of what the registry says, kept from its events: schools, who answers for them, what they may have.

Rebuilt from the stream alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from contracts.registry import (
    AgreementChanged,
    BuildingChanged,
    EntitlementsChanged,
    SchoolChanged,
    ServiceTerm,
)
from kit.clock import today_in
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    Text,
    bindparam,
    cast,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, JSONB, Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from shared_services.rows import Row


class School(Row):
    """A school with its whole timeline, as the registry last said it."""

    __tablename__ = "directory_school"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    said: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Assignment(Row):
    """Who held which role at a school, and when: the part of the timeline that SQL conditions ask for."""

    __tablename__ = "directory_assignment"
    __table_args__ = (Index("ix_directory_assignment_organization_id_school_id", "organization_id", "school_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("directory_school.id", ondelete="cascade"), index=True)
    organization_id: Mapped[UUID]
    role: Mapped[str] = mapped_column(Text)
    during: Mapped[Range[date]] = mapped_column(DATERANGE)


class Organization(Row):
    """An organization as the registry last said it."""

    __tablename__ = "directory_organization"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(Text)
    types: Mapped[list[str]] = mapped_column(ARRAY(Text))
    time_zone: Mapped[str | None] = mapped_column(Text)


class Entitlements(Row):
    """What a school may have, as the registry last said it. The id is the school's."""

    __tablename__ = "directory_entitlements"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    said: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Agreement(Row):
    """An agreement with its standings, as the registry last said it."""

    __tablename__ = "directory_agreement"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    said: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Building(Row):
    """A building with its owners, as the registry last said it."""

    __tablename__ = "directory_building"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    said: Mapped[dict[str, Any]] = mapped_column(JSONB)


PROJECTION = (Assignment, School, Organization, Entitlements, Agreement, Building)
"""The tables that `concordat rebuild` empties."""


@dataclass(frozen=True)
class Standing:
    """Who answers for a school today: the date is the one in its accountable district."""

    district_id: UUID
    time_zone: str
    today: date
    operators: tuple[UUID, ...]

    def answers(self, organization_id: UUID | None) -> bool:
        """True for the operator, the district, and the platform's administrator (None)."""
        return organization_id in (None, self.district_id, *self.operators)


@dataclass(frozen=True)
class KnownSchool:
    """A school as it is known: its whole timeline, what is laid down of its services, and who answers for it at an
    instant (None: no district does)."""

    timeline: SchoolChanged
    services: Sequence[ServiceTerm]
    standing: Standing | None


@lru_cache(maxsize=2048)
def _read_school(said: str) -> SchoolChanged:
    """A kept timeline, read once for each of its texts."""
    return SchoolChanged.model_validate_json(said)


@lru_cache(maxsize=2048)
def _read_services(said: str | None) -> Sequence[ServiceTerm]:
    return () if said is None else tuple(EntitlementsChanged.model_validate_json(said).services)


_SCHOOL = select(cast(School.said, Text).label("said")).where(School.id == bindparam("id"))
_SERVICES = select(cast(Entitlements.said, Text)).where(Entitlements.id == bindparam("id"))
_ZONE = select(Organization.time_zone).where(Organization.id == bindparam("id"))
_ZONES = (
    select(func.jsonb_object_agg(Organization.id, Organization.time_zone))
    .join(Assignment, Assignment.organization_id == Organization.id)
    .where(Assignment.school_id == School.id, Assignment.role == "accountable-lea")
    .scalar_subquery()
)
_KNOWN = _SCHOOL.outerjoin(Entitlements, Entitlements.id == School.id).add_columns(
    cast(Entitlements.said, Text).label("services"), _ZONES.label("zones")
)


async def school(session: AsyncSession, school_id: UUID) -> SchoolChanged | None:
    """A school's whole timeline, which answers for any date; None if there is no such school."""
    said = await session.scalar(_SCHOOL, {"id": school_id})
    return None if said is None else _read_school(said)


async def known_school(session: AsyncSession, school_id: UUID, now: datetime) -> KnownSchool | None:
    """All that is known of a school at `now`; None if there is no such school."""
    row = (await session.execute(_KNOWN, {"id": school_id})).one_or_none()
    if row is None:
        return None
    timeline = _read_school(row.said)
    return KnownSchool(timeline, _read_services(row.services), _standing(timeline, row.zones or {}, now))


def _standing(school: SchoolChanged, zones: Mapping[str, str | None], now: datetime) -> Standing | None:
    for held in school.assignments:
        if held.role == "accountable-lea":
            zone = zones.get(str(held.organization_id)) or "UTC"
            today = today_in(zone, now)
            if held.covers(today):
                return Standing(held.organization_id, zone, today, tuple(school.organizations_on(today, "operator")))
    return None


def said_of(school_id: InstrumentedAttribute[UUID]) -> ColumnElement[str | None]:
    """A school's kept timeline in a query's rows, as `name_on` takes it.

    A subquery and no join: so PostgreSQL reads timelines for the rows of a page only, and not before it has sorted.
    """
    kept = select(cast(School.said, Text)).where(School.id == school_id)
    return kept.scalar_subquery().label("said")


def name_on(said: str | None, day: date) -> str | None:
    """The name that a kept timeline gives a school on `day`."""
    facts = None if said is None else _read_school(said).facts_on(day)
    return None if facts is None else facts.name


async def time_zone(session: AsyncSession, organization_id: UUID) -> str:
    """The IANA time zone of an organization; UTC as long as none is known."""
    return await session.scalar(_ZONE, {"id": organization_id}) or "UTC"


async def is_district(session: AsyncSession, organization_id: UUID) -> bool:
    """True if the registry says that this organization is a district."""
    types = await session.scalar(select(Organization.types).where(Organization.id == organization_id))
    return "district" in (types or [])


async def terms_on(session: AsyncSession, school_id: UUID, day: date) -> list[ServiceTerm]:
    """What is laid down of the school's services on `day`."""
    return await in_force(session, _read_services(await session.scalar(_SERVICES, {"id": school_id})), school_id, day)


async def in_force(
    session: AsyncSession, services: Sequence[ServiceTerm], school_id: UUID, day: date
) -> list[ServiceTerm]:
    """What of a school's terms counts on `day`: of an agreement's terms, those of one in force.

    An agreement that was not heard of yet is believed to be in force.
    """
    terms = [term for term in services if term.covers(day)]
    named = {term.agreement_id for term in terms if term.agreement_id is not None}
    known = await agreements(session, named)
    return [
        term for term in terms if term.agreement_id not in known or known[term.agreement_id].in_force_on(day, school_id)
    ]


async def served_by(session: AsyncSession, school: KnownSchool, day: date) -> set[UUID]:
    """The districts that give a school of another district a service on `day`, or say that they give it none."""
    terms = await in_force(session, school.services, school.timeline.id, day)
    return {term.district_id for term in terms if term.district_id is not None}


async def agreements(session: AsyncSession, ids: set[UUID]) -> dict[UUID, AgreementChanged]:
    """Agreements that were heard of, by id."""
    if not ids:
        return {}
    rows = await session.scalars(select(Agreement.said).where(Agreement.id.in_(ids)))
    return {agreement.id: agreement for agreement in map(AgreementChanged.model_validate, rows)}


async def schools(session: AsyncSession, ids: set[UUID]) -> dict[UUID, SchoolChanged]:
    """The timelines of schools that were heard of, by id."""
    rows = await session.scalars(select(cast(School.said, Text)).where(School.id.in_(ids)))
    return {school.id: school for school in map(_read_school, rows)}


async def building_owners(session: AsyncSession, school: SchoolChanged, day: date) -> set[UUID]:
    """Who owns the buildings in which the school is on `day`, by the buildings and by the school's own assignments."""
    owners = set(school.organizations_on(day, "building-owner"))
    used = [occupancy.building_id for occupancy in school.buildings if occupancy.covers(day)]
    if used:
        for said in await session.scalars(select(Building.said).where(Building.id.in_(used))):
            facts = BuildingChanged.model_validate(said).facts
            owners |= {fact.owner_id for fact in facts if fact.covers(day)}
    return owners
