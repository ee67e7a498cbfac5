"""Record a district's calendar, and change it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from contracts.registry import DistrictCalendarChanged
from kit.auth import Caller
from kit.errors import Conflict, FieldError, Invalid
from kit.journal import record
from kit.periods import Overlap, period
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from registry.calendars.arithmetic import ONE_DAY
from registry.calendars.reading import calendar_of
from registry.calendars.schemas import CalendarPatch, CalendarView, NewCalendar
from registry.calendars.tables import Calendar, CalendarRevision
from registry.entitlements.access import require_district
from registry.organizations.actions import lock_organization
from registry.revisions import first_revision, locked, next_revision

LONGEST = timedelta(days=400)


class CalendarThere(Conflict):
    """There is a calendar of this school year already"""

    type = "calendar-there"


async def record_calendar(
    session: AsyncSession, caller: Caller, organization_id: UUID, body: NewCalendar
) -> CalendarView:
    """Record a district's calendar of a school year. Raises NotFound, Forbidden, Invalid, CalendarThere, Overlap."""
    district = await lock_organization(session, organization_id)
    await require_district(session, caller, organization_id)
    errors = list(_errors(body))
    if "district" not in district.types:
        errors.append(FieldError("organizationId", "no-district", "only a district has a calendar"))
    _refuse(errors)
    this = Calendar.organization_id == organization_id, Calendar.school_year == body.school_year
    if await session.scalar(select(Calendar.id).where(*this)) is not None:
        raise CalendarThere(f"Change the calendar of {body.school_year} instead of recording another.")
    thing = Calendar(version=1, organization_id=organization_id, school_year=body.school_year)
    try:
        await first_revision(session, thing, CalendarRevision, _columns(body, organization_id))
    except IntegrityError as error:
        raise _overlap() from error
    return await _say(session, caller, organization_id, body.school_year, None)


async def change_calendar(
    session: AsyncSession, caller: Caller, organization_id: UUID, school_year: int, patch: CalendarPatch, version: int
) -> CalendarView:
    """Change a calendar. Raises NotFound, Forbidden, PreconditionFailed, Invalid, Overlap."""
    known = await calendar_of(session, organization_id, school_year, None)
    await require_district(session, caller, organization_id)
    thing, newest = await locked(session, Calendar, CalendarRevision, known.id, version)
    before = await calendar_of(session, organization_id, school_year, None)
    given = {k: v for k, v in patch.model_dump(exclude_unset=True).items() if v is not None}
    after = CalendarView.model_validate(before.model_dump() | given)
    _refuse(list(_errors(after)))
    try:
        await next_revision(session, thing, newest, _columns(after, organization_id))
    except IntegrityError as error:
        raise _overlap() from error
    return await _say(session, caller, organization_id, school_year, before)


def _errors(body: NewCalendar) -> Iterator[FieldError]:
    if body.last_day < body.first_day or body.last_day - body.first_day > LONGEST:
        message = f"must lie within {LONGEST.days} days after firstDay, {body.first_day}"
        yield FieldError("lastDay", "after-start", message, value=str(body.last_day))
    if body.school_year not in (body.first_day.year + 1, body.last_day.year):
        message = f"is the year in which it ends: {body.last_day.year}"
        yield FieldError("schoolYear", "ending-year", message, value=str(body.school_year))
    for number, closure in enumerate(body.closures):
        last = closure.last_day or closure.first_day
        if last < closure.first_day:
            message = f"must not lie before firstDay, {closure.first_day}"
            yield FieldError(f"closures.{number}.lastDay", "after-start", message, value=str(last))
        elif closure.first_day < body.first_day or body.last_day < last:
            message = f"lies outside of the calendar, {body.first_day} through {body.last_day}"
            yield FieldError(f"closures.{number}.firstDay", "outside", message, value=str(closure.first_day))


def _refuse(errors: list[FieldError]) -> None:
    if errors:
        raise Invalid("The calendar breaks rules; see `errors`.", errors=errors)


def _overlap() -> Overlap:
    message = "another calendar of the district covers some of these days"
    return Overlap("A district has one calendar at a time.", errors=[FieldError("firstDay", "one-at-a-time", message)])


def _columns(body: NewCalendar, organization_id: UUID) -> dict[str, Any]:
    said = {"subject_id": organization_id, "business_weekdays": body.business_weekdays, "source": body.source}
    lists = body.model_dump(mode="json", include={"closures", "count_dates"})
    return said | lists | {"during": period(body.first_day, body.last_day + ONE_DAY)}


async def _say(
    session: AsyncSession, caller: Caller, organization_id: UUID, school_year: int, before: CalendarView | None
) -> CalendarView:
    view = await calendar_of(session, organization_id, school_year, None)
    private = before.model_dump(mode="json", by_alias=True) if before else None
    event = DistrictCalendarChanged.model_validate(view.model_dump(exclude={"time_zone"}))
    await record(session, event, caller=caller, before=private)
    return view
