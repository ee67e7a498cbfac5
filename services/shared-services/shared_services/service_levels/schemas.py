"""What calendars and promises look like on the wire."""

from datetime import datetime
from uuid import UUID

from contracts.vocabulary import Wire
from kit.text import Name
from pydantic import Field

from shared_services.clocks.calendar import CalendarTerms
from shared_services.clocks.promises import Promises


class NewCalendar(CalendarTerms):
    """The next version of a district's calendar: all of it."""

    district_id: UUID
    reason: Name = Field(description="Why it changes.", examples=["Snow day on 12 January"])


class NewPromises(Promises):
    """The next version of a district's promises: all of them."""

    district_id: UUID
    reason: Name = Field(description="Why they change.", examples=["Board policy of 2026-06-10"])


class VersionFacts(Wire):
    """Of which district a version is, and since when it is known."""

    id: UUID
    district_id: UUID
    version: int
    recorded_at: datetime
    reason: str


class CalendarView(VersionFacts):
    """A version of a district's calendar."""

    calendar: CalendarTerms


class PromisesView(VersionFacts):
    """A version of a district's promises."""

    promises: Promises


class CalendarReport(CalendarView):
    """A new version, and how many open requests are due at another time by it."""

    requests_dated_anew: int
