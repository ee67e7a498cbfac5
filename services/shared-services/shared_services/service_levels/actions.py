"""What can be done with calendars and promises."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kit.auth import Caller
from kit.errors import Invalid
from kit.journal import record
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.catalog.actions import require_provider
from shared_services.clocks.calendar import CalendarTerms
from shared_services.clocks.open_time import calendar_errors
from shared_services.clocks.promises import Promises, promise_errors
from shared_services.clocks.tables import Calendar, ServicePromise
from shared_services.clocks.versions import append
from shared_services.requests.dating import due_times
from shared_services.requests.lifecycle import OPEN
from shared_services.requests.reading import requests, shape
from shared_services.requests.tables import ServiceRequest
from shared_services.requests.telling import Act, changed, transition
from shared_services.service_levels.schemas import (
    CalendarReport,
    CalendarView,
    NewCalendar,
    NewPromises,
    PromisesView,
)

BATCH = 1000
OWN = {"district_id", "reason"}


async def append_calendar(session: AsyncSession, caller: Caller, body: NewCalendar, now: datetime) -> CalendarReport:
    """Lay down the next version of a district's calendar, and date its open requests by it.

    Steps that were taken stay as they are; what the versions before said is read with `knownAt`.
    Raises Forbidden, Invalid.
    """
    await require_provider(session, caller, body.district_id)
    terms = CalendarTerms.model_validate(body.model_dump(exclude=OWN))
    errors = calendar_errors(terms)
    if errors:
        raise Invalid("The calendar contradicts itself; see `errors`.", errors=errors)
    row = await append(session, Calendar, body.district_id, terms, body.reason, now)
    anew = await _date_anew(session, Act(caller, "system", now, f"Calendar version {row.version}: {body.reason}"), row)
    return CalendarReport(**show_calendar(row).model_dump(), requests_dated_anew=anew)


async def append_promises(session: AsyncSession, caller: Caller, body: NewPromises, now: datetime) -> PromisesView:
    """Lay down the next version of a district's promises: for requests to come. Raises Forbidden, Invalid."""
    await require_provider(session, caller, body.district_id)
    terms = Promises.model_validate(body.model_dump(exclude=OWN))
    errors = promise_errors(terms)
    if errors:
        raise Invalid("The promises contradict themselves; see `errors`.", errors=errors)
    return show_promises(await append(session, ServicePromise, body.district_id, terms, body.reason, now))


def show_calendar(row: Calendar) -> CalendarView:
    """A version of a calendar as it is shown."""
    return CalendarView(calendar=CalendarTerms.model_validate(row.document), **_facts(row))


def show_promises(row: ServicePromise) -> PromisesView:
    """A version of promises as it is shown."""
    return PromisesView(promises=Promises.model_validate(row.document), **_facts(row))


def _facts(row: Calendar | ServicePromise) -> dict[str, object]:
    return {name: getattr(row, name) for name in ("id", "district_id", "version", "recorded_at", "reason")}


async def _date_anew(session: AsyncSession, act: Act, calendar: Calendar) -> int:
    """Date a district's open requests by its new calendar; the count of those now due at another time."""
    after, count = UUID(int=0), 0
    while True:
        mine = ServiceRequest.providing_organization_id == calendar.district_id, ServiceRequest.id > after
        promised = ServiceRequest.promise_version.is_not(None), ServiceRequest.status.in_(OPEN)
        query = select(ServiceRequest).where(*mine, *promised).order_by(ServiceRequest.id).limit(BATCH)
        batch = (await session.scalars(query.with_for_update())).all()
        if not batch:
            return count
        after = batch[-1].id
        count += await _date_batch(session, act, batch)


async def _date_batch(session: AsyncSession, act: Act, batch: Sequence[ServiceRequest]) -> int:
    due = await due_times(session, batch)
    moved = [request for request in batch if due[request.id] != request.due_at]
    for request in moved:
        request.due_at, request.version, request.updated_at = due[request.id], request.version + 1, act.at
        session.add(transition(request, act, request.status))
    if moved:
        await session.flush()
        rows = await session.execute(requests(ServiceRequest.id.in_([request.id for request in moved])))
        await record(session, *(changed(shape(row)) for row in rows), caller=act.caller)
    return len(moved)
