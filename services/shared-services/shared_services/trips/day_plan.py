"""The dispatcher's plan of a day."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from kit.auth import Caller
from kit.errors import FieldError, Forbidden, Invalid
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services import directory
from shared_services.clocks.versions import version_of
from shared_services.directory import name_on, said_of
from shared_services.requests.lifecycle import OPEN
from shared_services.requests.tables import ServiceRequest
from shared_services.trips.rules import Outing, busiest, trip_number
from shared_services.trips.schemas import DayPlan, FleetTerms, PlannedTrip, VehicleUse
from shared_services.trips.tables import Fleet, Trip


async def show_day_plan(session: AsyncSession, caller: Caller, district_id: UUID | None, day: date) -> DayPlan:
    """Every trip that is out on a day of the district, by departure. Raises Forbidden, Invalid."""
    district_id = district_id or caller.organization_id
    if district_id is None:
        error = FieldError("query.districtId", "missing", "say whose day it is")
        raise Invalid("The platform has no trips of its own.", errors=[error])
    if caller.organization_id not in (None, district_id):
        raise Forbidden("A day plan is for the district that drives.")
    zone = await directory.time_zone(session, district_id)
    start, end = _bounds(day, ZoneInfo(zone))
    out = ServiceRequest.starts_at < end, ServiceRequest.ends_at > start
    going = ServiceRequest.status.in_((*OPEN, "completed", "closed"))
    rows = await session.execute(
        select(ServiceRequest, Trip, said_of(ServiceRequest.school_id))
        .join(Trip, Trip.request_id == ServiceRequest.id)
        .where(ServiceRequest.providing_organization_id == district_id, *out, going)
        .order_by(ServiceRequest.starts_at, ServiceRequest.id)
    )
    trips = [_line(*row) for row in rows]
    fleet = await version_of(session, Fleet, district_id)
    terms = FleetTerms.model_validate(fleet.document) if fleet else None
    uses = [
        VehicleUse(vehicle=vehicle.code, count=vehicle.count, busiest=_busiest(trips, vehicle.code, start, end))
        for vehicle in (terms.vehicles if terms else [])
    ]
    return DayPlan(district_id=district_id, day=day, time_zone=zone, trips=trips, fleet=uses)


def _bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    start, end = (datetime.combine(one, time.min, zone) for one in (day, day + timedelta(days=1)))
    return start.astimezone(UTC), end.astimezone(UTC)


def _busiest(trips: list[PlannedTrip], vehicle: str, start: datetime, end: datetime) -> int:
    out = [Outing(trip.departs_at, trip.returns_at, trip.vehicle_count) for trip in trips if trip.vehicle == vehicle]
    return busiest(out, start, end)


def _line(request: ServiceRequest, trip: Trip, said: str | None) -> PlannedTrip:
    assert request.starts_at is not None
    assert request.ends_at is not None
    return PlannedTrip(
        request_id=request.id,
        number=request.number,
        trip_number=trip_number(request.number, request.status),
        status=request.status,
        school_id=request.school_id,
        school_name=name_on(said, request.service_date),
        destination=trip.destination,
        departs_at=request.starts_at,
        returns_at=request.ends_at,
        party=trip.headcount + trip.aides,
        wheelchairs=trip.wheelchairs,
        aides=trip.aides,
        vehicle=trip.vehicle,
        vehicle_count=trip.vehicle_count,
    )
