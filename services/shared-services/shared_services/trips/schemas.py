"""What trips and fleets look like on the wire."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from contracts.shared_services import RequestStatus
from contracts.vocabulary import Period, Wire
from kit.text import Code, Name
from pydantic import Field

from shared_services.clocks.calendar import Instant
from shared_services.requests.schemas import NewRequest, RequestView

Departure = Annotated[Instant, Field(examples=["2026-12-03T10:00:00-06:00"])]
Count = Annotated[int, Field(ge=0, le=2000)]


class Vehicle(Wire):
    """A kind of vehicle and how many there are of it."""

    code: Code = Field(examples=["small-bus"])
    name: Name
    seats: int = Field(ge=1, le=200)
    wheelchair_places: int = Field(default=0, ge=0, le=50)
    count: int = Field(ge=0, le=10_000, description="For trips: what the daily runs leave over.")


class Blackout(Period):
    """Days without trips. `validTo` is the first day with trips after it."""

    valid_to: date
    reason: Name


class FleetTerms(Wire):
    """A district's vehicles for trips and the days without: all of it, since a version replaces the one before."""

    vehicles: list[Vehicle] = Field(min_length=1, max_length=50)
    blackouts: list[Blackout] = Field(default_factory=list, max_length=200)


class NewFleet(FleetTerms):
    """The next version of a district's fleet: all of it."""

    district_id: UUID
    reason: Name


class FleetView(Wire):
    """A version of a district's fleet."""

    id: UUID
    district_id: UUID
    version: int
    recorded_at: datetime
    reason: str
    fleet: FleetTerms


class Hours(Wire):
    """When a trip leaves the school and when it is back."""

    departs_at: Departure
    returns_at: Departure


class NewTrip(Hours):
    """A trip to order: the request for it, and what has to be carried where."""

    request: NewRequest
    destination: Name
    headcount: int = Field(ge=1, le=2000, description="Everybody but the aides.")
    wheelchairs: Count = 0
    aides: Count = Field(default=0, description="Who rides along to help.")


class TripView(Wire):
    """A trip. It has a trip number once it is approved; the request's number approves nothing."""

    request: RequestView
    trip_number: str | None
    destination: str
    headcount: int
    wheelchairs: int
    aides: int
    vehicle: str
    vehicle_count: int


class PlannedTrip(Wire):
    """A line of a day plan."""

    request_id: UUID
    number: str
    trip_number: str | None
    status: RequestStatus
    school_id: UUID
    school_name: str | None
    destination: str
    departs_at: datetime
    returns_at: datetime
    party: int
    wheelchairs: int
    aides: int
    vehicle: str
    vehicle_count: int


class VehicleUse(Wire):
    """How many of a kind of vehicle there are, and how many are out at the busiest moment of the day."""

    vehicle: str
    count: int
    busiest: int


class DayPlan(Wire):
    """Who leaves when on a day, in what, and how much of the fleet that takes."""

    district_id: UUID
    day: date
    time_zone: str
    trips: list[PlannedTrip]
    fleet: list[VehicleUse]
