"""The dates that an instrument's rules give: deadlines with their roll rule, effects, reviews. Pure."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from registry.calendars.arithmetic import PLAIN, BusinessDays, Due, due_on
from registry.instruments.document import Deadline, Effect, Review


def due(deadline: Deadline, start: date, business: BusinessDays = PLAIN) -> Due:
    """The last day of `deadline` by a district's calendar; `start` itself is day 0."""
    return due_on(business.after(start, deadline.days, deadline.count), deadline.roll, business)


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
    return months_after(day, 12 * years)


def months_after(day: date, months: int) -> date:
    """The same day of the month `months` later (earlier if negative), or the month's last if it has no such day."""
    year, month = divmod(12 * day.year + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
