"""Open time: how much of it lies between two instants, and when an amount of it has passed. Pure and total.

Hours are local; what passes is real time. So a night with the change of the clocks is as long as it was.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import get_args
from zoneinfo import ZoneInfo

from kit.errors import FieldError

from shared_services.clocks.calendar import BellTier, CalendarTerms, Closure, OpenHours, ShortDay, Weekday

HORIZON = timedelta(days=3660)
"""How far open time is looked for: what is not due in ten years is never due."""

Span = tuple[datetime, datetime]
Hours = tuple[time, time]


@dataclass(frozen=True)
class OpenTime:
    """A calendar made ready for counting."""

    zone: ZoneInfo
    weekly: Mapping[int, Sequence[Hours]]
    closures: Sequence[tuple[date, date]]
    short: Mapping[date, Sequence[Hours]]

    def spans(self, start: datetime, end: datetime) -> Iterator[Span]:
        """The open spans between two instants, cut to them."""
        day, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        while day <= last:
            for opens, closes in self._hours_on(day):
                first, until = max(self._at(day, opens), start), min(self._at(day, closes), end)
                if first < until:
                    yield first, until
            day += timedelta(days=1)

    def _hours_on(self, day: date) -> Sequence[Hours]:
        if day in self.short:
            return self.short[day]
        if any(first <= day < end for first, end in self.closures):
            return ()
        return self.weekly.get(day.weekday(), ())

    def _at(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)

    def open_on(self, day: date) -> bool:
        """True if work is done on a local day."""
        return bool(self._hours_on(day))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The open time between two instants."""
        return sum((until - first for first, until in self.spans(start, end)), timedelta())

    def after(self, start: datetime, amount: timedelta) -> datetime | None:
        """The instant at which `amount` of open time has passed since `start`; None: not within the horizon."""
        if amount <= timedelta():
            return start
        for first, until in self.spans(start, start + HORIZON):
            if until - first >= amount:
                return first + amount
            amount -= until - first
        return None


class RealTime:
    """Time that passes day and night."""

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The time between two instants; none if the second is not the later one."""
        return max(end - start, timedelta())

    def after(self, start: datetime, amount: timedelta) -> datetime:
        """The instant at which `amount` has passed since `start`."""
        return start + amount


@lru_cache(maxsize=64)
def open_time(calendar_json: str) -> OpenTime:
    """The open time of a calendar, given as JSON so that one that was read before is ready."""
    calendar = CalendarTerms.model_validate_json(calendar_json)
    weekdays = get_args(Weekday)
    weekly: dict[int, list[Hours]] = {}
    for hours in sorted(calendar.hours, key=lambda hours: hours.opens):
        weekly.setdefault(weekdays.index(hours.weekday), []).append((hours.opens, hours.closes))
    return OpenTime(
        zone=ZoneInfo(calendar.time_zone),
        weekly=weekly,
        closures=[(closure.valid_from, closure.valid_to) for closure in calendar.closures],
        short={day.day: [(day.opens, day.closes)] for day in calendar.short_days},
    )


def calendar_errors(calendar: CalendarTerms) -> list[FieldError]:
    """What is wrong with a calendar's parts, taken together."""
    errors = [*_wrong_hours("hours", calendar.hours), *_wrong_hours("shortDays", calendar.short_days)]
    for number, one in enumerate(calendar.hours):
        others = (other for other in calendar.hours[:number] if other.weekday == one.weekday)
        if any(one.opens < other.closes and other.opens < one.closes for other in others):
            errors.append(FieldError(f"hours.{number}", "one-at-a-time", f"overlaps other hours of {one.weekday}"))
    errors += _wrong_closures(calendar.closures) + _wrong_runs(calendar.bell_tiers)
    days = [day.day for day in calendar.short_days]
    for number, day in enumerate(days):
        if day in days[:number]:
            errors.append(FieldError(f"shortDays.{number}.day", "repeated", f"{day} is named twice: keep one"))
    return errors


def _wrong_hours(field: str, spans: Sequence[OpenHours | ShortDay]) -> list[FieldError]:
    return [
        FieldError(f"{field}.{number}.closes", "after-start", f"must lie after {span.opens:%H:%M} of the same day")
        for number, span in enumerate(spans)
        if span.closes <= span.opens
    ]


def _wrong_closures(closures: Sequence[Closure]) -> list[FieldError]:
    return [
        FieldError(f"closures.{number}.validTo", "after-start", f"must lie after validFrom, {closure.valid_from}")
        for number, closure in enumerate(closures)
        if closure.valid_to <= closure.valid_from
    ]


def _wrong_runs(tiers: Sequence[BellTier]) -> list[FieldError]:
    message = "name the morning's start, its end, the afternoon's start and its end in the order of the day"
    return [
        FieldError(f"bellTiers.{number}", "in-order", message)
        for number, tier in enumerate(tiers)
        if not tier.morning_starts < tier.morning_ends <= tier.afternoon_starts < tier.afternoon_ends
    ]
