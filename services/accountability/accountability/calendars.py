"""Our copy of district calendars, kept from the registry's events: which days of a year are school days."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from contracts.event import Envelope
from contracts.registry import DistrictCalendarChanged
from kit.copies import keep_newest
from sqlalchemy import BigInteger, Index, SmallInteger, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from accountability.rows import Row

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
JULY = 7
"""A school year without a calendar is taken from 1 July to 30 June."""


class DistrictCalendar(Row):
    """A district's calendar of a school year as the registry last said it."""

    __tablename__ = "directory_calendar"
    __table_args__ = (Index("ix_directory_calendar_organization_id", "organization_id", "school_year"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    organization_id: Mapped[UUID]
    school_year: Mapped[int] = mapped_column(SmallInteger)
    said: Mapped[dict[str, Any]] = mapped_column(JSONB)


async def keep_calendar(session: AsyncSession, event: DistrictCalendarChanged, envelope: Envelope) -> None:
    """Keep the newest version of a calendar."""
    said = event.model_dump(mode="json", by_alias=True)
    named = event.model_dump(include={"id", "version", "organization_id", "school_year"})
    await keep_newest(session, DistrictCalendar, **named, said=said)


async def calendar_of(
    session: AsyncSession, organization_id: UUID | None, school_year: int
) -> DistrictCalendarChanged | None:
    """A district's calendar of a school year, if it is known."""
    query = select(DistrictCalendar.said).where(
        DistrictCalendar.organization_id == organization_id, DistrictCalendar.school_year == school_year
    )
    said = await session.scalar(query.order_by(DistrictCalendar.id.desc()).limit(1))
    return None if said is None else DistrictCalendarChanged.read(said)


def school_days(calendar: DistrictCalendarChanged) -> list[date]:
    """The days on which there is school."""
    return [day for day in _days(calendar.first_day, calendar.last_day) if _is_school_day(calendar, day)]


def calendar_days(school_year: int) -> list[date]:
    """All days of a school year."""
    return _days(date(school_year - 1, JULY, 1), date(school_year, JULY, 1) - timedelta(days=1))


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=passed) for passed in range((last - first).days + 1)]


def _is_school_day(calendar: DistrictCalendarChanged, day: date) -> bool:
    closed: Sequence[bool] = [
        closure.first_day <= day <= (closure.last_day or closure.first_day) for closure in calendar.closures
    ]
    return WEEKDAYS[day.weekday()] in calendar.business_weekdays and not any(closed)
