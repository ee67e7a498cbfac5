"""The notice a service needs, what a late change costs, how numbers look, and which requests look alike."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from contracts.shared_services import RequestStatus, ServiceCategory
from kit.errors import FieldError

from shared_services.catalog.schemas import Fee, OfferingView
from shared_services.requests.schemas import NewRequest

PREFIXES: Mapping[ServiceCategory, str] = {"transportation": "TRN", "maintenance": "MNT"}
OPAQUE = {"special-transport", "homeless-transport"}
"""Kinds of service of which nothing but opaque references may be known of the riders."""


def date_errors(
    day: date, lead_time_hours: int, now: datetime, time_zone: str, starts_at: datetime | None = None
) -> list[FieldError]:
    """What is wrong with a service date.

    Notice runs from `now` to the instant at which the service begins, or else to the start of its day in the district.
    """
    zone = ZoneInfo(time_zone)
    today = now.astimezone(zone).date()
    if day < today:
        return [FieldError("serviceDate", "in-the-past", f"choose {today} or later", value=str(day))]
    notice = (starts_at or datetime.combine(day, time.min, zone).astimezone(UTC)) - now
    if lead_time_hours and notice < timedelta(hours=lead_time_hours):
        until, field = ("it begins", "startsAt") if starts_at else ("the day begins", "serviceDate")
        message = f"the service needs {lead_time_hours} hours of notice before {until}: choose a later one"
        return [FieldError(field, "lead-time", message, value=str(starts_at or day))]
    return []


def rider_errors(body: NewRequest, offering: OfferingView) -> list[FieldError]:
    """Special transport names its riders by opaque references, and no other service names riders."""
    if offering.kind in OPAQUE and not body.riders:
        return [FieldError("riders", "missing", "name the riders by references that only you can resolve")]
    if body.riders and offering.kind not in OPAQUE:
        return [FieldError("riders", "only-for-special-transport", "leave it out: this service needs numbers only")]
    return []


def late_fee(fees: Sequence[Fee], starts_at: datetime | None, now: datetime) -> int:
    """What a change costs in cents: the highest of those whose notice it misses; nothing where no start is set."""
    if starts_at is None:
        return 0
    missed = [fee.cents for fee in fees if starts_at - now < timedelta(hours=fee.less_than_hours)]
    return max(missed, default=0)


def first_status(decision: str, approvals: Sequence[str]) -> RequestStatus:
    """Where a request begins, by what its entitlement decides."""
    if decision == "refuse":
        return "refused"
    if decision == "quote":
        return "quoted"
    return "awaiting-approval" if approvals else "submitted"


def number(category: ServiceCategory, year: int, count: int) -> str:
    """A request's number, e.g. `TRN-2026-000123`."""
    return f"{PREFIXES[category]}-{year}-{count:06}"


def alike(one: str | None, other: str | None) -> bool:
    """True if two texts may mean the same place: "Room 012" and "rm. 12", or one that says no more than the other."""
    ours, theirs = _words(one), _words(other)
    return ours <= theirs or theirs <= ours


def _words(place: str | None) -> set[str]:
    words = re.findall(r"[^\W_]+", (place or "").casefold())
    return {word.lstrip("0") or "0" for word in words} - {"room", "rm", "no", "the"}
