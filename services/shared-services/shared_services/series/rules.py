"""On which days a series falls."""

from calendar import monthrange
from datetime import date, timedelta
from typing import get_args

from kit.errors import FieldError

from shared_services.clocks.calendar import Weekday
from shared_services.series.schemas import Repeats

MAX_DAYS = 366


def days(repeats: Repeats) -> list[date]:
    """Every day of a series in order, one more than MAX_DAYS at most."""
    found = _monthly(repeats) if repeats.every_months else _weekly(repeats)
    return found[: MAX_DAYS + 1]


def repeat_errors(repeats: Repeats) -> list[FieldError]:
    """What is wrong with how a series repeats."""
    if repeats.valid_to <= repeats.valid_from:
        return [FieldError("repeats.validTo", "after-start", f"must lie after validFrom, {repeats.valid_from}")]
    if bool(repeats.weekdays) == (repeats.every_months is not None):
        return [FieldError("repeats.weekdays", "one-of", "name weekdays, or everyMonths instead")]
    count = len(days(repeats))
    if count == 0:
        return [FieldError("repeats", "empty", "no day of the period is one of these")]
    if count > MAX_DAYS:
        return [FieldError("repeats.validTo", "too-many", f"a series has at most {MAX_DAYS} days: end it earlier")]
    return []


def _weekly(repeats: Repeats) -> list[date]:
    wanted = {get_args(Weekday).index(weekday) for weekday in repeats.weekdays}
    monday = repeats.valid_from - timedelta(days=repeats.valid_from.weekday())
    found, day = list[date](), repeats.valid_from
    while day < repeats.valid_to and len(found) <= MAX_DAYS:
        if day.weekday() in wanted and (day - monday).days // 7 % repeats.every_weeks == 0:
            found.append(day)
        day += timedelta(days=1)
    return found


def _monthly(repeats: Repeats) -> list[date]:
    found, day, step = list[date](), repeats.valid_from, 0
    while day < repeats.valid_to and len(found) <= MAX_DAYS:
        found.append(day)
        step += repeats.every_months or 1
        year, month = divmod(repeats.valid_from.month - 1 + step, 12)
        year, month = repeats.valid_from.year + year, month + 1
        day = date(year, month, min(repeats.valid_from.day, monthrange(year, month)[1]))
    return found
