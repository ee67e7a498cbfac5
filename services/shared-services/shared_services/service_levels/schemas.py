"""What calendars and promises look like on the wire."""

from datetime import datetime
from uuid import UUID

from contracts.vocabulary import Wire
from kit.periods import Day
from kit.text import Code, Name
from pydantic import Field

from shared_services.clocks.calendar import CalendarTerms
from shared_services.clocks.promises import Promises, Target


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


class NewContractPromise(Wire):
    """What an agreement promises its schools instead of what the district promises to all.

    A target for all priorities stands before each of the district's for that clock; what is not named stays.
    """

    district_id: UUID
    agreement_id: UUID
    service_level: Code = Field(description="The class whose targets it changes.", examples=["routine"])
    offering: Code | None = Field(default=None, description="Only for this offering; it stands before one for all.")
    targets: list[Target] = Field(min_length=1, max_length=30)
    source: Name = Field(description="The clause that says so.", examples=["Network agreement, exhibit D 3"])
    valid_from: Day
    valid_to: Day | None = None


class ContractPromiseEnd(Wire):
    """When a contract's promise ends."""

    valid_to: Day = Field(description="The first day on which it no longer holds for requests that come in.")


class ContractPromiseView(NewContractPromise):
    """A contract's promise."""

    id: UUID
    version: int
    recorded_at: datetime
