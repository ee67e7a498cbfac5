"""How days are counted: business days by what calendars say, the roll rule for a last day that is none. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

Unit = Literal["calendar", "business"]
Roll = Literal["none", "next-business-day", "previous-business-day"]
MONDAY_TO_FRIDAY = frozenset(range(5))
ONE_DAY = timedelta(days=1)
_STEP = {"next-business-day": ONE_DAY, "previous-business-day": -ONE_DAY}


@dataclass(frozen=True)
class YearOfDays:
    """A calendar from its first to its last day: the weekdays of business (Monday is 0), the days closed by name."""

    first_day: date
    last_day: date
    weekdays: frozenset[int] = MONDAY_TO_FRIDAY
    closed: dict[date, str] = field(default_factory=dict)


@dataclass(frozen=True)
class BusinessDays:
    """The calendars of a district, one after the other; where there is none, Monday to Friday without holidays."""

    years: Sequence[YearOfDays] = ()

    def known(self, day: date) -> bool:
        """True if a calendar covers `day`."""
        return self._year(day) is not None

    def why_not(self, day: date) -> str | None:
        """Why `day` is no business day: the closure's name, or its weekday; None if it is one."""
        year = self._year(day)
        if year is not None and day in year.closed:
            return year.closed[day]
        weekdays = year.weekdays if year else MONDAY_TO_FRIDAY
        return None if day.weekday() in weekdays else f"{day:%A}"

    def is_business_day(self, day: date) -> bool:
        """True if the district works on `day`."""
        return self.why_not(day) is None

    def after(self, start: date, days: int, unit: Unit) -> date:
        """The day that lies `days` after `start`, which is day 0."""
        if unit == "calendar":
            return start + timedelta(days=days)
        day = start
        while days:
            day += ONE_DAY
            days -= self.is_business_day(day)
        return day

    def rolled(self, day: date, roll: Roll) -> date:
        """`day` if it is a business day or nothing rolls; otherwise the next or previous one that is."""
        while roll != "none" and not self.is_business_day(day):
            day += _STEP[roll]
        return day

    def _year(self, day: date) -> YearOfDays | None:
        return next((year for year in self.years if year.first_day <= day <= year.last_day), None)


PLAIN = BusinessDays()
"""Monday to Friday, for whoever has no calendar."""


@dataclass(frozen=True)
class Due:
    """A last day as it was counted, as it is after the roll rule, and why it was moved, if it was."""

    counted: date
    on: date
    roll: Roll
    because: str | None = None

    def __str__(self) -> str:
        rolled = "" if self.on == self.counted else f", rolled from {self.counted:%A} {self.counted}"
        return f"{self.on:%A} {self.on} (roll rule: {self.roll}{rolled})"


def due_on(day: date, roll: Roll, business: BusinessDays = PLAIN) -> Due:
    """When something counted to `day` is due."""
    on = business.rolled(day, roll)
    return Due(day, on, roll, business.why_not(day) if on != day else None)
