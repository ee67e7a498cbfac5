"""When a promise falls due, from what happened and by which calendar. Nothing here is reset: a clock starts once.

A new priority changes how long the clock has, never since when it runs. Reopening goes on with what was left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import get_args

from contracts.shared_services import RequestPriority, RequestStatus

from shared_services.clocks.open_time import OpenTime, RealTime
from shared_services.clocks.promises import ClockName, Pause, PauseReason, ServiceLevel, Target

DONE: set[RequestStatus] = {"completed", "closed"}
GIVEN_UP: set[RequestStatus] = {"refused", "cancelled", "duplicate", "referred", "converted-to-project"}


@dataclass(frozen=True)
class Moment:
    """A step that a request took: since when it is where it is, and why it waits there, if it does."""

    at: datetime
    status: RequestStatus
    by_provider: bool
    waits_for: PauseReason | None = None


@dataclass(frozen=True)
class Working:
    """A calendar in force: its open time, the length of its business day, and its version."""

    time: OpenTime
    business_day: timedelta
    version: int


@dataclass(frozen=True)
class Reading:
    """What a clock says. A pause that goes on is counted to its limit, so `due_at` is never later than shown."""

    clock: ClockName
    target: Target
    due_at: datetime | None
    met_at: datetime | None
    stopped_at: datetime | None
    paused_since: datetime | None
    used: float

    def late(self, now: datetime) -> bool:
        """True if what was promised came after the due time, or has not come and is past it."""
        return self.due_at is not None and (self.met_at or self.stopped_at or now) > self.due_at

    @property
    def runs(self) -> bool:
        """True if something is still promised."""
        return self.met_at is None and self.stopped_at is None


def read_clocks(
    level: ServiceLevel,
    priority: RequestPriority | None,
    moments: Sequence[Moment],
    working: Working | None,
    now: datetime,
) -> list[Reading]:
    """What each clock of a class says of a request, given every step it took, the first one first."""
    readings = []
    for clock in get_args(ClockName):
        target = level.target(clock, priority)
        if target is not None:
            readings.append(_read(target, level.pauses, moments, working, now))
    return readings


def _read(
    target: Target, pauses: Sequence[Pause], moments: Sequence[Moment], working: Working | None, now: datetime
) -> Reading:
    met = met_at(target.clock, moments)
    last = moments[-1]
    stopped = last.at if met is None and last.status in GIVEN_UP else None
    stops = standstills(target.clock, pauses, moments)
    until = met or stopped or now
    paused = next((start for start, end in stops if start <= until < end), None) if until is now else None
    due, share = None, 0.0
    amount, time = length(target, working)
    if time is not None:
        due = _due(moments[0].at, amount, stops, time)
        share = _passed(moments[0].at, until, stops, time) / amount
    return Reading(target.clock, target, due, met, stopped, paused, share)


def length(target: Target, working: Working | None) -> tuple[timedelta, OpenTime | RealTime | None]:
    """How long a promise is, in which time; none if no calendar tells."""
    if target.unit in ("minutes", "hours"):
        return timedelta(**{target.unit: target.amount}), RealTime()
    if working is None:
        return timedelta(), None
    day = working.business_day if target.unit == "business-days" else timedelta(hours=1)
    return target.amount * day, working.time


def met_at(clock: ClockName, moments: Sequence[Moment]) -> datetime | None:
    """When a promise was kept; completion counts only if the work was not reopened since."""
    if clock == "acknowledge":
        return next((moment.at for moment in moments[1:] if moment.by_provider), None)
    if clock == "respond":
        return next((moment.at for moment in moments if moment.status in {"in-progress", *DONE}), None)
    if moments[-1].status not in DONE:
        return None
    done = [moment for moment in moments if moment.status == "completed"]
    return done[-1].at if done else moments[-1].at


def standstills(
    clock: ClockName, pauses: Sequence[Pause], moments: Sequence[Moment]
) -> list[tuple[datetime, datetime]]:
    """The times during which a clock stands still: named pauses up to their limit, and finished work until reopened."""
    limits = {pause.reason: timedelta(days=pause.at_most_days) for pause in pauses if clock in pause.clocks}
    stops = []
    for number, moment in enumerate(moments):
        following = moments[number + 1].at if number + 1 < len(moments) else None
        if moment.status in DONE and following is not None:
            stops.append((moment.at, following))
        elif moment.waits_for in limits:
            limit = moment.at + limits[moment.waits_for]
            stops.append((moment.at, limit if following is None else min(following, limit)))
    return stops


def _due(
    start: datetime, amount: timedelta, stops: Sequence[tuple[datetime, datetime]], time: OpenTime | RealTime
) -> datetime | None:
    for stop, resume in stops:
        passed = time.between(start, stop)
        if passed >= amount:
            break
        amount, start = amount - passed, resume
    return time.after(start, amount)


def _passed(
    start: datetime, until: datetime, stops: Sequence[tuple[datetime, datetime]], time: OpenTime | RealTime
) -> timedelta:
    total = timedelta()
    for stop, resume in stops:
        if stop >= until:
            break
        total, start = total + time.between(start, stop), resume
    return total + time.between(start, until)
