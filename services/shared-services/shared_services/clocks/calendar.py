"""A district's working time as it is written down."""

from datetime import UTC, date, datetime, time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from contracts.vocabulary import Period, Wire
from kit.text import Name
from pydantic import AfterValidator, AwareDatetime, Field

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("not an IANA time zone, as in America/Chicago") from error
    return name


def _without_offset(clock: time) -> time:
    if clock.tzinfo is not None:
        raise ValueError("leave the offset out: it is local time")
    return clock


EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
Instant = Annotated[
    AwareDatetime, Field(ge=EARLIEST, le=LATEST), AfterValidator(lambda instant: instant.astimezone(UTC))
]
"""An instant, given with any offset and kept in UTC."""

TimeZone = Annotated[str, Field(max_length=60, examples=["America/Chicago"]), AfterValidator(_known_zone)]
Clock = Annotated[
    time, Field(description="Local time without offset.", examples=["07:00"]), AfterValidator(_without_offset)
]


class OpenHours(Wire):
    """When work is done on a day of the week; several spans a day are several of these."""

    weekday: Weekday
    opens: Clock
    closes: Clock


class Closure(Period):
    """Days without work: a holiday, a break. `validTo` is the first working day after it."""

    name: Name
    valid_to: date


class ShortDay(Wire):
    """A day with hours of its own."""

    day: date
    opens: Clock
    closes: Clock


class BellTier(Wire):
    """The morning and afternoon runs of the buses that serve schools of one bell time."""

    name: Name
    morning_starts: Clock
    morning_ends: Clock
    afternoon_starts: Clock
    afternoon_ends: Clock


class CalendarTerms(Wire):
    """A district's working time: all of it, since a version replaces the one before."""

    time_zone: TimeZone
    hours: list[OpenHours] = Field(min_length=1, max_length=50)
    business_day_minutes: int = Field(ge=1, le=1440, description="What one business day of a promise counts.")
    closures: list[Closure] = Field(default_factory=list, max_length=400)
    short_days: list[ShortDay] = Field(default_factory=list, max_length=400)
    bell_tiers: list[BellTier] = Field(default_factory=list, max_length=20)
