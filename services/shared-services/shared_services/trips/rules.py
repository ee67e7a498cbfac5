"""Which vehicle a party takes, when a bus can be spared, and how many are out at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from contracts.shared_services import RequestStatus
from kit.errors import FieldError

from shared_services.clocks.calendar import BellTier
from shared_services.trips.schemas import Blackout, FleetTerms, Hours, Vehicle

LONGEST = timedelta(days=14)
APPROVED: set[RequestStatus] = {"accepted", "triaged", "assigned", "scheduled", "in-progress", "completed", "closed"}


@dataclass(frozen=True)
class Choice:
    """A kind of vehicle, and how many of it a party needs."""

    vehicle: Vehicle
    count: int


@dataclass(frozen=True)
class Outing:
    """Vehicles that are out during `[departs_at, returns_at)`."""

    departs_at: datetime
    returns_at: datetime
    count: int


def choose(vehicles: Sequence[Vehicle], party: int, wheelchairs: int) -> Choice | None:
    """The smallest vehicle that takes the whole party, or else as many as it needs of the largest; None: none can."""
    able = sorted((v for v in vehicles if v.wheelchair_places or not wheelchairs), key=lambda v: (v.seats, v.code))
    for vehicle in able:
        if vehicle.seats >= party and vehicle.wheelchair_places >= wheelchairs:
            return Choice(vehicle, 1)
    if not able:
        return None
    largest = able[-1]
    by_places = -(-wheelchairs // largest.wheelchair_places) if wheelchairs else 1
    return Choice(largest, max(-(-party // largest.seats), by_places))


def busiest(outings: Sequence[Outing], departs_at: datetime, returns_at: datetime) -> int:
    """How many vehicles are out at the busiest moment of `[departs_at, returns_at)`."""
    out = [one for one in outings if one.departs_at < returns_at and departs_at < one.returns_at]
    moments = {max(one.departs_at, departs_at) for one in out}
    return max(
        (sum(one.count for one in out if one.departs_at <= moment < one.returns_at) for moment in moments), default=0
    )


def hour_errors(hours: Hours) -> list[FieldError]:
    """What is wrong with a trip's hours by themselves."""
    if hours.returns_at <= hours.departs_at:
        return [FieldError("returnsAt", "after-start", "must lie after departsAt", value=str(hours.returns_at))]
    if hours.returns_at - hours.departs_at > LONGEST:
        return [FieldError("returnsAt", "too-long", f"a trip takes {LONGEST.days} days at most")]
    return []


def run_errors(hours: Hours, zone: ZoneInfo, tiers: Sequence[BellTier], runs_on: Sequence[date]) -> list[FieldError]:
    """Where a trip leaves or comes back during a daily run, on the days on which there are runs (IPS trip rules)."""
    errors = []
    for field, instant in (("departsAt", hours.departs_at), ("returnsAt", hours.returns_at)):
        local = instant.astimezone(zone)
        for tier, start, end in _runs(tiers):
            if local.date() in runs_on and start < local.time() < end:
                message = f"the buses of {tier} run from {start:%H:%M} to {end:%H:%M}: choose an hour outside of that"
                errors.append(FieldError(field, "bell-tier-conflict", message, value=local.isoformat()))
    return errors


def blackout_errors(hours: Hours, zone: ZoneInfo, blackouts: Sequence[Blackout]) -> list[FieldError]:
    """The days without trips that a trip falls on."""
    first, last = hours.departs_at.astimezone(zone).date(), hours.returns_at.astimezone(zone).date()
    return [
        FieldError("departsAt", "blackout", f"no trips from {b.valid_from} until {b.valid_to}: {b.reason}")
        for b in blackouts
        if b.valid_from <= last and first < b.valid_to
    ]


def capacity_errors(choice: Choice, outings: Sequence[Outing], hours: Hours) -> list[FieldError]:
    """Whether the fleet has what a trip needs, beside the trips that are ordered."""
    out = busiest(outings, hours.departs_at, hours.returns_at)
    left = choice.vehicle.count - out
    if choice.count <= left:
        return []
    message = f"it takes {choice.count} of {choice.vehicle.name}, of which {max(left, 0)} are left at that time"
    return [FieldError("departsAt", "fleet-in-use", message, value=str(hours.departs_at))]


def fleet_errors(fleet: FleetTerms) -> list[FieldError]:
    """What is wrong with a fleet's parts taken together."""
    codes = [vehicle.code for vehicle in fleet.vehicles]
    errors = [
        FieldError(f"vehicles.{number}.code", "repeated", f"{code} is named twice: keep one")
        for number, code in enumerate(codes)
        if code in codes[:number]
    ]
    return errors + [
        FieldError(f"blackouts.{number}.validTo", "after-start", f"must lie after validFrom, {blackout.valid_from}")
        for number, blackout in enumerate(fleet.blackouts)
        if blackout.valid_to <= blackout.valid_from
    ]


def trip_number(request_number: str, status: RequestStatus) -> str | None:
    """A trip's own number, which it has once it is approved."""
    return request_number.replace("TRN", "TRIP", 1) if status in APPROVED else None


def _runs(tiers: Sequence[BellTier]) -> list[tuple[str, time, time]]:
    morning = [(tier.name, tier.morning_starts, tier.morning_ends) for tier in tiers]
    return morning + [(tier.name, tier.afternoon_starts, tier.afternoon_ends) for tier in tiers]
