"""What can be done with series. A series is the requests that it made."""

from datetime import date, datetime
from uuid import UUID

from kit.auth import Caller
from kit.errors import FieldError, Invalid, NotFound
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.clocks.versions import working_time
from shared_services.entitlements.actions import decide
from shared_services.requests.actions import require_side, sides
from shared_services.requests.entering import enter_all
from shared_services.requests.intake import ORDERED_AT_TRIPS, Intake, examine
from shared_services.requests.lifecycle import NOT_STARTED
from shared_services.requests.reconciling import cancel
from shared_services.requests.schemas import NewRequest
from shared_services.requests.tables import Series, ServiceRequest
from shared_services.requests.telling import Act
from shared_services.series.rules import days, repeat_errors
from shared_services.series.schemas import NewSeries, Occurrence, Repeats, SeriesEnd, SeriesView

MAX_SHOWN = 20


async def start_series(session: AsyncSession, caller: Caller, body: NewSeries, now: datetime) -> SeriesView:
    """Make the requests of a series. Raises Invalid if one of them could not be made, or is not free to have."""
    _refuse_dates(body)
    first = await examine(session, caller, _on(body, body.repeats.valid_from), now)
    dates = await _dates(session, first, body.repeats)
    errors = [*first.errors, *await _entitlement_errors(session, first, dates)]
    if errors or first.offering is None or first.school is None:
        raise Invalid("The series cannot be taken like this; see `errors`.", errors=errors)
    series = Series(
        school_id=body.request.school_id,
        requesting_organization_id=first.requesting_id,
        providing_organization_id=first.offering.district_id,
        offering=body.request.offering,
        repeats=body.repeats.model_dump(mode="json", by_alias=True),
        created_at=now,
    )
    session.add(series)
    await session.flush()
    intakes = [await examine(session, caller, _on(body, day), now) for day in dates]
    for intake in intakes:
        intake.series_id = series.id
    await enter_all(session, caller, intakes, now)
    return await show_series(session, caller, series.id)


async def show_series(session: AsyncSession, caller: Caller, series_id: UUID) -> SeriesView:
    """A series that the caller asked for or serves. Raises NotFound."""
    series = await _series(session, caller, series_id)
    made = select(ServiceRequest).where(ServiceRequest.series_id == series_id).order_by(ServiceRequest.service_date)
    return SeriesView(
        id=series.id,
        school_id=series.school_id,
        requesting_organization_id=series.requesting_organization_id,
        providing_organization_id=series.providing_organization_id,
        offering=series.offering,
        repeats=Repeats.model_validate(series.repeats),
        requests=[Occurrence.model_validate(row, from_attributes=True) for row in await session.scalars(made)],
    )


async def end_series(
    session: AsyncSession, caller: Caller, series_id: UUID, body: SeriesEnd, now: datetime
) -> SeriesView:
    """Cancel what of a series has not begun, from a day on. Raises NotFound, Forbidden."""
    await _series(session, caller, series_id)
    coming = ServiceRequest.service_date >= body.ends_on, ServiceRequest.status.in_(NOT_STARTED)
    query = select(ServiceRequest).where(ServiceRequest.series_id == series_id, *coming)
    for request in await session.scalars(query.order_by(ServiceRequest.id).with_for_update()):
        require_side(caller, "requester", await sides(session, caller, request, now), "Ending a series")
        await cancel(session, request, Act(caller, "requester", now, body.reason))
    return await show_series(session, caller, series_id)


async def _series(session: AsyncSession, caller: Caller, series_id: UUID) -> Series:
    query = select(Series).where(Series.id == series_id)
    mine = caller.organization_id
    if mine is not None:
        parties = Series.requesting_organization_id == mine, Series.providing_organization_id == mine
        query = query.where(or_(*parties))
    series = await session.scalar(query)
    if series is None:
        raise NotFound(f"There is no series {series_id} of yours.")
    return series


def _on(body: NewSeries, day: date) -> NewRequest:
    return body.request.model_copy(update={"service_date": day})


def _refuse_dates(body: NewSeries) -> None:
    errors = repeat_errors(body.repeats)
    for field in ("service_date", "external_id"):
        if getattr(body.request, field) is not None:
            name = NewRequest.model_fields[field].alias
            errors.append(FieldError(f"request.{name}", "not-in-a-series", "leave it out: it differs for each"))
    if errors:
        raise Invalid("The series does not say on which days it is; see `errors`.", errors=errors)


async def _dates(session: AsyncSession, first: Intake, repeats: Repeats) -> list[date]:
    working = await working_time(session, first.district_id) if repeats.skip_closed_days else None
    return [day for day in days(repeats) if working is None or working.time.open_on(day)]


async def _entitlement_errors(session: AsyncSession, first: Intake, dates: list[date]) -> list[FieldError]:
    """Why the school may not have it on all the days: what is quoted or refused is asked for one by one."""
    offering, school = first.offering, first.school
    if school is None:
        return [FieldError("request.schoolId", "unknown-school", "ask for single days until the school is known")]
    if offering is None:
        return []
    if offering.kind in ORDERED_AT_TRIPS:
        return [FieldError("request.offering", "ordered-as-a-trip", "order each trip: POST /v1/trips")]
    errors = [] if dates else [FieldError("repeats", "empty", "the district is closed on all of these days")]
    left = None
    for number, day in enumerate(dates):
        said = await decide(session, school, offering.code, offering, day, hazard=first.body.hazard, lock_quota=True)
        left = said.quota.remaining if said.quota is not None else None
        if not said.entitled:
            errors.append(FieldError("repeats", said.rule, f"{day}: {said.reason}", value=str(day)))
        elif left is not None and number >= left:
            message = f"{day}: {left} uses of the school year are left; end the series earlier"
            errors.append(FieldError("repeats.validTo", "quota", message, value=str(day)))
        if len(errors) >= MAX_SHOWN:
            break
    return errors
