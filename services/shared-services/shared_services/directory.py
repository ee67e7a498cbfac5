"""Our copy of schools and organizations, kept from the registry's events. Rebuilt from the stream alone."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from contracts.event import Envelope
from contracts.registry import OrganizationChanged, SchoolChanged
from kit.clock import today_in
from kit.periods import period
from sqlalchemy import BigInteger, ForeignKey, Index, Text, delete, insert, select, text
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, JSONB, Range
from sqlalchemy.dialects.postgresql import insert as upsert
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


PROJECTION = (Assignment, School, Organization)
"""The tables that `concordat rebuild` empties."""


async def keep_school(session: AsyncSession, event: SchoolChanged, envelope: Envelope) -> None:
    """Keep the newest version of a school."""
    said = event.model_dump(mode="json", by_alias=True)
    if not await _keep(session, School, id=event.id, version=event.version, said=said):
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
    await _keep(session, Organization, **event.model_dump(include={"id", "version", "name", "types", "time_zone"}))


async def _keep(session: AsyncSession, table: type[School] | type[Organization], **said: Any) -> bool:
    """Keep what was said unless as new a version is there; True if it was kept."""
    kept = upsert(table).values(**said)
    newest = kept.on_conflict_do_update(
        index_elements=["id"],
        set_={name: kept.excluded[name] for name in said},
        where=kept.excluded.version > table.version,
    )
    return await session.scalar(newest.returning(table.id)) is not None


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
