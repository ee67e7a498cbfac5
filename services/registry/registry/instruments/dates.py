"""The dates that an instrument's rules give: deadlines with their roll rule, effects, reviews. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from registry.instruments.document import Deadline, Effect, Review

SATURDAY = 5
_STEP = {"next-business-day": timedelta(days=1), "previous-business-day": timedelta(days=-1)}


@dataclass(frozen=True)
class Due:
    """A deadline's last day as counted, and as it is after the roll rule."""

    counted: date
    on: date
    roll: str

    def __str__(self) -> str:
        rolled = "" if self.on == self.counted else f", rolled from {self.counted:%A} {self.counted}"
        return f"{self.on:%A} {self.on} (roll rule: {self.roll}{rolled})"


def is_business_day(day: date) -> bool:
    """Monday to Friday. The holidays of a district are not known to an instrument."""
    return day.weekday() < SATURDAY


def due(deadline: Deadline, start: date) -> Due:
    """The last day of `deadline`; `start` itself is day 0."""
    counted = start + timedelta(days=deadline.days)
    if deadline.count == "business":
        counted = _business_days_after(start, deadline.days)
    on = counted
    while deadline.roll != "none" and not is_business_day(on):
        on += _STEP[deadline.roll]
    return Due(counted, on, deadline.roll)


def _business_days_after(start: date, days: int) -> date:
    day = start
    while days:
        day += timedelta(days=1)
        days -= is_business_day(day)
    return day


def school_year_start(effect: Effect, day: date) -> date:
    """The first day of a school year on or after `day`."""
    month, of_month = map(int, effect.school_year_starts.split("-"))
    start = date(day.year, month, of_month)
    return start if start >= day else date(day.year + 1, month, of_month)


def effect_from(effect: Effect, executed_on: date, stated: date | None) -> date:
    """When an agreement executed on `executed_on` begins to hold; `stated` is what the parties wrote, if anything.

    Raises ValueError if the parties wrote a date that the rule does not allow.
    """
    if effect.begins == "on-date":
        return stated or executed_on
    next_start = school_year_start(effect, executed_on + timedelta(days=1))
    if stated is None:
        return next_start
    if stated != school_year_start(effect, stated):
        raise ValueError(f"it begins with a school year, on {effect.school_year_starts}")
    if effect.begins == "next-school-year" and stated < next_start:
        raise ValueError(f"executed on {executed_on}, it begins on {next_start} at the earliest")
    return stated


def first_full_school_year(effect: Effect, effective_from: date) -> int:
    """The ending year of the first school year that lies wholly within the agreement."""
    return school_year_start(effect, effective_from).year + 1


@dataclass(frozen=True)
class ReviewDue:
    """A review: on a day, or in a school year (its ending year)."""

    on: date | None
    school_year: int | None
    rule: Review


def reviews(review: Review, effect: Effect, start: date, until: date) -> Iterator[ReviewDue]:
    """The reviews that fall due from `start` through `until`."""
    number = review.first
    while True:
        if review.kind == "anniversary":
            found = ReviewDue(years_after(start, number), None, review)
            begins = found.on or until
        else:
            ending_year = first_full_school_year(effect, start) + number - 1
            found = ReviewDue(None, ending_year, review)
            begins = school_year_start(effect, date(ending_year - 1, 1, 1))
        if begins > until:
            return
        yield found
        number += review.every


def years_after(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
