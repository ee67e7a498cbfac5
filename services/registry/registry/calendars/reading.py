"""Calendars as they are known, and the business days that they make."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, get_args
from uuid import UUID

from contracts.registry import Weekday
from kit.errors import NotFound
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.calendars.arithmetic import ONE_DAY, BusinessDays, YearOfDays
from registry.calendars.schemas import CalendarView
from registry.calendars.tables import Calendar, CalendarRevision
from registry.dated import believed
from registry.organizations.tables import Organization

WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


def calendars_known(known_at: datetime | None) -> Select[CalendarRevision, int, str | None]:
    """All calendars as known at an instant, each with its school year and its district's time zone."""
    query = select(CalendarRevision, Calendar.school_year, Organization.time_zone)
    query = query.join(Calendar, Calendar.id == CalendarRevision.id)
    query = query.join(Organization, Organization.id == Calendar.organization_id)
    return query.where(believed(CalendarRevision, known_at))


def calendar_view(row: Any) -> CalendarView:
    """A row of `calendars_known` as it is shown."""
    said = row.CalendarRevision
    members = {name: getattr(said, name) for name in CalendarView.model_fields if hasattr(said, name)}
    about = {"organization_id": said.subject_id, "school_year": row.school_year, "time_zone": row.time_zone}
    return CalendarView.model_validate(
        members | about | {"first_day": said.during.lower, "last_day": said.during.upper - ONE_DAY}
    )


async def calendar_of(
    session: AsyncSession, organization_id: UUID, school_year: int, known_at: datetime | None
) -> CalendarView:
    """A district's calendar of a school year. Raises NotFound."""
    query = calendars_known(known_at).where(
        Calendar.organization_id == organization_id, Calendar.school_year == school_year
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NotFound(f"The organization {organization_id} has no calendar of the school year {school_year}.")
    return calendar_view(row)


async def business_days(
    session: AsyncSession, organizations: Iterable[UUID], known_at: datetime | None
) -> dict[UUID, BusinessDays]:
    """The business days of organizations that have calendars."""
    query = calendars_known(known_at).where(Calendar.organization_id.in_(set(organizations)))
    years: dict[UUID, list[YearOfDays]] = {}
    for row in await session.execute(query.order_by(CalendarRevision.during)):
        view = calendar_view(row)
        years.setdefault(view.organization_id, []).append(_year(view))
    return {organization: BusinessDays(tuple(found)) for organization, found in years.items()}


def _year(view: CalendarView) -> YearOfDays:
    closed = {day: each.name for each in view.closures for day in _days(each.first_day, each.last_day)}
    weekdays = frozenset(WEEKDAYS.index(weekday) for weekday in view.business_weekdays)
    return YearOfDays(view.first_day, view.last_day, weekdays, closed)


def _days(first: date, last: date | None) -> list[date]:
    return [first + timedelta(days=number) for number in range(((last or first) - first).days + 1)]
