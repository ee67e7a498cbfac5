"""What series look like on the wire."""

from datetime import date
from uuid import UUID

from contracts.shared_services import RequestStatus
from contracts.vocabulary import Period, Wire
from kit.periods import Day
from pydantic import Field

from shared_services.clocks.calendar import Weekday
from shared_services.requests.schemas import NewRequest, Statement


class Repeats(Period):
    """The days of a series: by weekdays every so many weeks, or the first day's number every so many months."""

    valid_from: Day
    valid_to: Day = Field(description="The first day on which it no longer happens.")
    weekdays: list[Weekday] = Field(default_factory=list, max_length=7)
    every_weeks: int = Field(default=1, ge=1, le=52, description="Goes with weekdays.")
    every_months: int | None = Field(default=None, ge=1, le=24, description="Instead of weekdays.")
    skip_closed_days: bool = Field(default=True, description="Leave out the days on which the district is closed.")


class NewSeries(Wire):
    """A request to make again and again; `serviceDate` and `externalId` stay out, since they differ."""

    request: NewRequest
    repeats: Repeats


class SeriesEnd(Wire):
    """From which day on a series no longer happens, and why."""

    ends_on: date = Field(description="The first day on which it no longer happens.")
    reason: Statement


class Occurrence(Wire):
    """A request of a series."""

    id: UUID
    number: str
    service_date: date
    status: RequestStatus


class SeriesView(Wire):
    """A series and the requests that it made, by date."""

    id: UUID
    school_id: UUID
    requesting_organization_id: UUID
    providing_organization_id: UUID
    offering: str
    repeats: Repeats
    requests: list[Occurrence]
