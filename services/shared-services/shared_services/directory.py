"""Our copy of what the registry says, kept from its events: schools, who answers for them, what they may have.

Rebuilt from the stream alone.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from contracts.event import Envelope, Event
from contracts.registry import (
    AgreementChanged,
    BuildingChanged,
    EntitlementsChanged,
    OrganizationChanged,
    SchoolChanged,
    SchoolFacts,
    ServiceTerm,
)
from kit.clock import today_in
from kit.copies import keep_newest
from kit.periods import period
from sqlalchemy import BigInteger, ForeignKey, Index, Text, delete, insert, select, text
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, JSONB, Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

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


async def keep_school(session: AsyncSession, event: SchoolChanged, envelope: Envelope) -> None:
    """Keep the newest version of a school."""
    if not await _keep_said(session, School, event):
        return
    await session.execute(delete(Assignment).where(Assignment.school_id == event.id))
    held = [
        {
            "school_id": event.id,
            "organization_id": assignment.organization_id,
            "role": assignment.role,
            "during": period(assignment.valid_from, assignment.valid_to),
        }
        for assignment in event.assignments
    ]
    if held:
        await session.execute(insert(Assignment), held)


async def keep_organization(session: AsyncSession, event: OrganizationChanged, envelope: Envelope) -> None:
    """Keep the newest version of an organization."""
    await keep_newest(
        session, Organization, **event.model_dump(include={"id", "version", "name", "types", "time_zone"})
    )


async def keep_entitlements(session: AsyncSession, event: EntitlementsChanged, envelope: Envelope) -> None:
    """Keep the newest version of what a school may have."""
    await _keep_said(session, Entitlements, event)


async def keep_agreement(session: AsyncSession, event: AgreementChanged, envelope: Envelope) -> None:
    """Keep the newest version of an agreement."""
    await _keep_said(session, Agreement, event)


async def keep_building(session: AsyncSession, event: BuildingChanged, envelope: Envelope) -> None:
    """Keep the newest version of a building."""
    await _keep_said(session, Building, event)


Kept = type[School] | type[Organization] | type[Entitlements] | type[Agreement] | type[Building]


async def _keep_said(session: AsyncSession, table: Kept, event: Event) -> bool:
    said = event.model_dump(mode="json", by_alias=True)
    return await keep_newest(session, table, id=event.id, version=event.version, said=said)


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


async def school(session: AsyncSession, school_id: UUID) -> SchoolChanged | None:
    """A school's whole timeline, which answers for any date; None if there is no such school."""
    said = await session.scalar(select(School.said).where(School.id == school_id))
    return None if said is None else SchoolChanged.model_validate(said)


def name_on(said: dict[str, Any] | None, day: date) -> str | None:
    """The name that a kept timeline gives a school on `day`: read fact by fact, since lists ask for hundreds."""
    known = map(SchoolFacts.model_validate, said["facts"] if said else [])
    return next((facts.name for facts in known if facts.covers(day)), None)


async def standing(session: AsyncSession, school: SchoolChanged, now: datetime) -> Standing | None:
    """Who answers for the school at `now`; None if no district does."""
    for held in school.assignments:
        if held.role == "accountable-lea":
            zone = await time_zone(session, held.organization_id)
            today = today_in(zone, now)
            if held.covers(today):
                return Standing(held.organization_id, zone, today, tuple(school.organizations_on(today, "operator")))
    return None


async def time_zone(session: AsyncSession, organization_id: UUID) -> str:
    """The IANA time zone of an organization; UTC as long as none is known."""
    zone = await session.scalar(select(Organization.time_zone).where(Organization.id == organization_id))
    return zone or "UTC"


async def is_district(session: AsyncSession, organization_id: UUID) -> bool:
    """True if the registry says that this organization is a district."""
    types = await session.scalar(select(Organization.types).where(Organization.id == organization_id))
    return "district" in (types or [])


async def terms_on(session: AsyncSession, school_id: UUID, day: date) -> list[ServiceTerm]:
    """What is laid down of the school's services on `day`; of an agreement's terms, those of one in force.

    An agreement that was not heard of yet is believed to be in force.
    """
    said = await session.scalar(select(Entitlements.said).where(Entitlements.id == school_id))
    if said is None:
        return []
    terms = [term for term in EntitlementsChanged.model_validate(said).services if term.covers(day)]
    named = {term.agreement_id for term in terms if term.agreement_id is not None}
    known = {agreement.id: agreement for agreement in await _agreements(session, named)}
    return [
        term for term in terms if term.agreement_id not in known or known[term.agreement_id].in_force_on(day, school_id)
    ]


async def _agreements(session: AsyncSession, ids: set[UUID]) -> list[AgreementChanged]:
    if not ids:
        return []
    rows = await session.scalars(select(Agreement.said).where(Agreement.id.in_(ids)))
    return [AgreementChanged.model_validate(said) for said in rows]


async def building_owners(session: AsyncSession, school: SchoolChanged, day: date) -> set[UUID]:
    """Who owns the buildings in which the school is on `day`, by the buildings and by the school's own assignments."""
    owners = set(school.organizations_on(day, "building-owner"))
    used = [occupancy.building_id for occupancy in school.buildings if occupancy.covers(day)]
    if used:
        for said in await session.scalars(select(Building.said).where(Building.id.in_(used))):
            facts = BuildingChanged.model_validate(said).facts
            owners |= {fact.owner_id for fact in facts if fact.covers(day)}
    return owners
