"""District calendars, and what was done by a deadline. Deadlines themselves are computed, never said."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from contracts.event import Event
from contracts.vocabulary import SchoolYear, Wire

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

FilingOutcome = Literal["filed", "acknowledged", "waived"]
"""What became of a duty: done, confirmed by whom it was owed to, or not asked for after all."""


class CalendarClosure(Wire):
    """Days on which nobody works: a holiday, a break; one day unless a last one is named."""

    model_config = ConfigDict(extra="ignore")

    name: str
    first_day: date
    last_day: date | None = None


class CountDate(Wire):
    """A day on which pupils are counted."""

    model_config = ConfigDict(extra="ignore")

    name: str
    day: date


class DistrictCalendarChanged(Event):
    """A district's calendar of a school year was recorded or changed."""

    service: ClassVar[str] = "registry"
    aggregate: ClassVar[str] = "district-calendar"
    happened: ClassVar[str] = "changed"

    organization_id: UUID
    school_year: SchoolYear
    first_day: date
    last_day: date
    business_weekdays: list[Weekday]
    closures: list[CalendarClosure]
    count_dates: list[CountDate]
    source: str


class FilingRecorded(Event):
    """Something owed by a deadline was filed, acknowledged or waived."""

    service: ClassVar[str] = "registry"
    aggregate: ClassVar[str] = "filing"
    happened: ClassVar[str] = "recorded"

    agreement_id: UUID
    deadline: str = Field(description="The deadline's key within the agreement.")
    outcome: FilingOutcome
    on: date
    withdrawn: bool = Field(default=False, description="True if it was recorded in error.")
