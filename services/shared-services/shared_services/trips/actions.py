"""What can be done with trips and fleets."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from kit.auth import Caller
from kit.errors import Conflict, FieldError, Invalid, NotFound
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services import directory
from shared_services.catalog.actions import require_provider, show_offering
from shared_services.clocks.calendar import BellTier, CalendarTerms
from shared_services.clocks.tables import Calendar
from shared_services.clocks.versions import append, version_of, working_time
from shared_services.entitlements.actions import decide, offering_for
from shared_services.requests.actions import add_late_fee, held_request, require_side, sides
from shared_services.requests.entering import enter
from shared_services.requests.intake import ORDERED_AT_TRIPS, examine
from shared_services.requests.lifecycle import NOT_STARTED, OPEN
from shared_services.requests.reading import find_request, visible
from shared_services.requests.rules import date_errors
from shared_services.requests.schemas import Particulars, RequestView
from shared_services.requests.tables import ServiceRequest
from shared_services.requests.telling import Act, change
from shared_services.trips.rules import (
    Choice,
    Outing,
    blackout_errors,
    capacity_errors,
    choose,
    fleet_errors,
    hour_errors,
    run_errors,
    trip_number,
)
from shared_services.trips.schemas import FleetTerms, FleetView, Hours, NewFleet, NewTrip, TripView
from shared_services.trips.tables import Fleet, Trip


class TripHasBegun(Conflict):
    """The trip can no longer be moved"""

    type = "trip-has-begun"


@dataclass(frozen=True)
class _Conditions:
    """What a district's trips are subject to."""

    zone: ZoneInfo
    tiers: list[BellTier]
    runs_on: list[date]
    fleet: FleetTerms | None


async def order_trip(session: AsyncSession, caller: Caller, body: NewTrip, now: datetime) -> TripView:
    """Ask for a trip. Raises Invalid with all that stands against it, ExternalIdTaken."""
    district_id, errors = await _district(session, body, now), hour_errors(body)
    conditions = await _conditions(session, district_id, body)
    local_day = body.departs_at.astimezone(conditions.zone).date()
    if body.request.service_date not in (None, local_day):
        message = f"leave it out, or say {local_day}: the day of departure in the district"
        errors.append(FieldError("request.serviceDate", "day-of-departure", message))
    request = body.request.model_copy(update={"service_date": local_day})
    intake = await examine(session, caller, request, now, starts_at=body.departs_at)
    if intake.offering is not None and intake.offering.kind not in ORDERED_AT_TRIPS:
        message = "this is no trip: ask for it at /v1/requests"
        intake.errors.append(FieldError("offering", "not-a-trip", message, value=body.request.offering))
    choice, wrong = await _plan(session, district_id, conditions, body, body.headcount + body.aides, body.wheelchairs)
    intake.errors += errors + wrong
    intake.ends_at = body.returns_at
    view = await enter(session, caller, intake, now)
    assert choice is not None  # otherwise `enter` refused
    session.add(
        Trip(
            request_id=view.id,
            vehicle=choice.vehicle.code,
            vehicle_count=choice.count,
            **body.model_dump(include={"destination", "headcount", "wheelchairs", "aides"}),
        )
    )
    await session.flush()
    return await show_trip(session, caller, view.id)


async def reschedule_trip(
    session: AsyncSession, caller: Caller, request_id: UUID, hours: Hours, version: int, now: datetime
) -> TripView:
    """Move a trip to other hours, at the fee of a late change.

    Raises NotFound, PreconditionFailed, Forbidden, TripHasBegun, Invalid.
    """
    request = await held_request(session, caller, request_id, version)
    trip = await session.get(Trip, request_id)
    if trip is None:
        raise NotFound(f"There is no trip {request_id} of yours.")
    require_side(caller, "requester", await sides(session, caller, request, now), "Moving a trip")
    if request.status not in NOT_STARTED:
        raise TripHasBegun(f"The trip is `{request.status}`; only one that has not begun is moved.")
    conditions = await _conditions(session, request.providing_organization_id, hours)
    local_day = hours.departs_at.astimezone(conditions.zone).date()
    errors = hour_errors(hours) + await _right_on(session, request, local_day, hours, now)
    party = trip.headcount + trip.aides
    choice, wrong = await _plan(
        session, request.providing_organization_id, conditions, hours, party, trip.wheelchairs, moved=request_id
    )
    if errors or wrong or choice is None:
        raise Invalid("The trip cannot be moved there; see `errors`.", errors=errors + wrong)
    fee = await add_late_fee(session, request, "rescheduled", now)
    request.service_date, request.starts_at, request.ends_at = local_day, hours.departs_at, hours.returns_at
    trip.vehicle, trip.vehicle_count = choice.vehicle.code, choice.count
    moved = {"service_date": local_day, "starts_at": hours.departs_at, "ends_at": hours.returns_at}
    particulars = Particulars.model_validate(fee.model_dump() | moved)
    await change(session, request, Act(caller, "requester", now, "Rescheduled", particulars))
    return await show_trip(session, caller, request_id)


async def show_trip(session: AsyncSession, caller: Caller, request_id: UUID) -> TripView:
    """A trip whose request the caller sees. Raises NotFound."""
    view = await find_request(session, visible(caller), request_id)
    trip = await session.get(Trip, request_id)
    if trip is None:
        raise NotFound(f"There is no trip {request_id} of yours.")
    return _view(view, trip)


async def lay_down_fleet(session: AsyncSession, caller: Caller, body: NewFleet, now: datetime) -> FleetView:
    """The next version of a district's fleet; trips that are ordered keep their vehicles. Raises Forbidden, Invalid."""
    await require_provider(session, caller, body.district_id)
    terms = FleetTerms.model_validate(body.model_dump(exclude={"district_id", "reason"}))
    errors = fleet_errors(terms)
    if errors:
        raise Invalid("The fleet contradicts itself; see `errors`.", errors=errors)
    return show_fleet(await append(session, Fleet, body.district_id, terms, body.reason, now))


def show_fleet(row: Fleet) -> FleetView:
    """A version of a fleet as it is shown."""
    facts = {name: getattr(row, name) for name in FleetView.model_fields if name != "fleet"}
    return FleetView(fleet=FleetTerms.model_validate(row.document), **facts)


async def outings(
    session: AsyncSession, district_id: UUID, start: datetime, end: datetime
) -> list[tuple[UUID, str, Outing]]:
    """The trips of a district that are ordered and out between two instants: request, vehicle, how many."""
    out = ServiceRequest.starts_at < end, ServiceRequest.ends_at > start, ServiceRequest.status.in_(OPEN)
    rows = await session.execute(
        select(ServiceRequest, Trip)
        .join(Trip, Trip.request_id == ServiceRequest.id)
        .where(ServiceRequest.providing_organization_id == district_id, *out)
    )
    return [
        (request.id, trip.vehicle, Outing(request.starts_at, request.ends_at, trip.vehicle_count))
        for request, trip in rows
        if request.starts_at and request.ends_at
    ]


async def _plan(
    session: AsyncSession,
    district_id: UUID,
    conditions: _Conditions,
    hours: Hours,
    party: int,
    wheelchairs: int,
    moved: UUID | None = None,
) -> tuple[Choice | None, list[FieldError]]:
    """The vehicles for a party at some hours, and all that stands against it."""
    errors = run_errors(hours, conditions.zone, conditions.tiers, conditions.runs_on)
    if conditions.fleet is None:
        return None, [*errors, FieldError("offering", "no-fleet", "the district lays down its fleet first")]
    errors += blackout_errors(hours, conditions.zone, conditions.fleet.blackouts)
    choice = choose(conditions.fleet.vehicles, party, wheelchairs)
    if choice is None:
        message = "no vehicle of the district has a place for a wheelchair"
        return None, [*errors, FieldError("wheelchairs", "no-vehicle", message, value=str(wheelchairs))]
    ordered = await outings(session, district_id, hours.departs_at, hours.returns_at)
    others = [out for request_id, vehicle, out in ordered if vehicle == choice.vehicle.code and request_id != moved]
    return choice, errors + capacity_errors(choice, others, hours)


async def _conditions(session: AsyncSession, district_id: UUID, hours: Hours) -> _Conditions:
    # Locked, so that of two orders for the last bus one sees the other.
    query = select(Fleet).where(Fleet.district_id == district_id).order_by(Fleet.version.desc()).limit(1)
    fleet = await session.scalar(query.with_for_update())
    zone = ZoneInfo(await directory.time_zone(session, district_id))
    calendar, working = await version_of(session, Calendar, district_id), await working_time(session, district_id)
    ends = {instant.astimezone(zone).date() for instant in (hours.departs_at, hours.returns_at)}
    return _Conditions(
        zone=zone,
        tiers=CalendarTerms.model_validate(calendar.document).bell_tiers if calendar else [],
        runs_on=[day for day in ends if working is not None and working.time.open_on(day)],
        fleet=FleetTerms.model_validate(fleet.document) if fleet else None,
    )


async def _district(session: AsyncSession, body: NewTrip, now: datetime) -> UUID:
    """The district that is asked; for a school that is not known, whatever: `examine` refuses or takes it."""
    asked = body.request
    school = await directory.known_school(session, asked.school_id, now)
    if school is None or school.standing is None:
        return asked.district_id or asked.school_id
    day = body.departs_at.astimezone(ZoneInfo(school.standing.time_zone)).date()
    offering = await offering_for(session, school, asked.offering, day, asked.district_id)
    return school.standing.district_id if offering is None else offering.district_id


async def _right_on(
    session: AsyncSession, request: ServiceRequest, day: date, hours: Hours, now: datetime
) -> list[FieldError]:
    """What the service's terms have against another day for a request."""
    offering = await show_offering(session, request.offering_id)
    zone = await directory.time_zone(session, request.providing_organization_id)
    errors = date_errors(day, offering.lead_time_hours, now, zone, hours.departs_at)
    school = await directory.known_school(session, request.school_id, now)
    if school is None:
        return errors
    said = await decide(session, school, offering.code, offering, day)
    if said.decision == "refuse" and said.rule != "quota":
        errors.append(FieldError("departsAt", said.rule, said.reason, value=str(day)))
    was = request.entitlement.get("quota")
    if was and said.quota and was["schoolYear"] != said.quota.school_year:
        message = "it counts in another school year there: cancel it and order anew"
        errors.append(FieldError("departsAt", "another-school-year", message, value=str(day)))
    return errors


def _view(view: RequestView, trip: Trip) -> TripView:
    said = {name: getattr(trip, name) for name in TripView.model_fields if hasattr(trip, name)}
    return TripView(request=view, trip_number=trip_number(view.number, view.status), **said)
