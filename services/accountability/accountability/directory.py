"""Our copy of schools and organizations, kept from the registry's events. Rebuilt from the stream alone."""

from datetime import date
from typing import Any
from uuid import UUID

from contracts.event import Envelope
from contracts.registry import OrganizationChanged, SchoolChanged
from kit.auth import Caller
from kit.copies import keep_newest
from sqlalchemy import BigInteger, Date, ForeignKey, Index, Text, delete, insert, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from accountability.rows import Row


class School(Row):
    """A school as the registry last said it."""

    __tablename__ = "directory_school"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(Text)
    said: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Alias(Row):
    """An identifier by which measures may name a school."""

    __tablename__ = "directory_alias"
    __table_args__ = (Index("ix_directory_alias_system_value", "system", "value"),)

    school_id: Mapped[UUID] = mapped_column(ForeignKey("directory_school.id", ondelete="cascade"), primary_key=True)
    system: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True)
    valid_from: Mapped[date] = mapped_column(Date, primary_key=True)
    valid_to: Mapped[date | None] = mapped_column(Date)


class Organization(Row):
    """An organization as the registry last said it."""

    __tablename__ = "directory_organization"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(Text)
    types: Mapped[list[str]] = mapped_column(ARRAY(Text))


class OrganizationAlias(Row):
    """An identifier by which measures may name an organization, for example a district that is rated."""

    __tablename__ = "directory_organization_alias"
    __table_args__ = (Index("ix_directory_organization_alias_system_value", "system", "value"),)

    organization_id: Mapped[UUID] = mapped_column(
        ForeignKey("directory_organization.id", ondelete="cascade"), primary_key=True
    )
    system: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True)
    valid_from: Mapped[date] = mapped_column(Date, primary_key=True)
    valid_to: Mapped[date | None] = mapped_column(Date)


PROJECTION = (Alias, School, OrganizationAlias, Organization)
"""The tables that `concordat rebuild` empties."""


async def keep_school(session: AsyncSession, event: SchoolChanged, envelope: Envelope) -> None:
    """Keep the newest version of a school. The name is the one of its newest facts."""
    name = event.facts[-1].name if event.facts else ""
    said = event.model_dump(mode="json", by_alias=True)
    if not await keep_newest(session, School, id=event.id, version=event.version, name=name, said=said):
        return
    await session.execute(delete(Alias).where(Alias.school_id == event.id))
    if event.aliases:
        await session.execute(insert(Alias), [{"school_id": event.id, **alias.model_dump()} for alias in event.aliases])


async def keep_organization(session: AsyncSession, event: OrganizationChanged, envelope: Envelope) -> None:
    """Keep the newest version of an organization."""
    if not await keep_newest(session, Organization, **event.model_dump(include={"id", "version", "name", "types"})):
        return
    await session.execute(delete(OrganizationAlias).where(OrganizationAlias.organization_id == event.id))
    if event.aliases:
        rows = [{"organization_id": event.id, **alias.model_dump()} for alias in event.aliases]
        await session.execute(insert(OrganizationAlias), rows)


async def identities(session: AsyncSession, alias_system: str) -> dict[str, str]:
    """Who is measured: schools and organizations by their identifier. One used again belongs to its newest holder."""
    holders = [
        select(holder, named.value, named.valid_from).where(named.system == alias_system)
        for named, holder in ((OrganizationAlias, OrganizationAlias.organization_id), (Alias, Alias.school_id))
    ]
    rows = await session.execute(union_all(*holders).order_by("valid_from"))
    return {value: str(holder) for holder, value, _ in rows}


async def may_steward(session: AsyncSession, caller: Caller) -> bool:
    """True for the platform's administrator, districts and state agencies: they rate and publish."""
    if caller.organization_id is None:
        return True
    types = await session.scalar(select(Organization.types).where(Organization.id == caller.organization_id))
    return bool({"district", "state-agency"} & set(types or []))
