"""What district calendars look like on the wire."""

from uuid import UUID

from contracts.registry import CalendarClosure, CountDate, Weekday
from contracts.vocabulary import SchoolYear, Wire
from kit.periods import Day
from kit.text import Name, Text
from pydantic import ConfigDict, Field


class StatedClosure(CalendarClosure):
    """Days on which nobody works, as they are written."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(examples=["Thanksgiving"])
    first_day: Day
    last_day: Day | None = Field(default=None, description="If it is more than one day.")


class StatedCountDate(CountDate):
    """A day on which pupils are counted, as it is written."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    day: Day


class _Calendar(Wire):
    first_day: Day
    last_day: Day
    business_weekdays: list[Weekday] = Field(
        default=["monday", "tuesday", "wednesday", "thursday", "friday"], min_length=1, max_length=7
    )
    closures: list[StatedClosure] = Field(default_factory=list, max_length=100)
    count_dates: list[StatedCountDate] = Field(default_factory=list, max_length=20)
    source: Text = Field(min_length=1, examples=["Board calendar 2026-27"])


class NewCalendar(_Calendar):
    """A district's calendar of a school year, named by the year in which it ends."""

    school_year: SchoolYear


class CalendarPatch(Wire):
    """What to change of a calendar; members left out stay."""

    first_day: Day | None = None
    last_day: Day | None = None
    business_weekdays: list[Weekday] | None = Field(default=None, min_length=1, max_length=7)
    closures: list[StatedClosure] | None = Field(default=None, max_length=100)
    count_dates: list[StatedCountDate] | None = Field(default=None, max_length=20)
    source: Text | None = Field(default=None, min_length=1)


class CalendarView(NewCalendar):
    """A calendar as it is known. Its days are those of the district's time zone."""

    id: UUID
    version: int
    organization_id: UUID
    time_zone: str | None
