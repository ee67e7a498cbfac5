"""What deadlines and filings look like on the wire."""

from datetime import date, datetime
from uuid import UUID

from contracts.registry import FilingOutcome
from contracts.vocabulary import Wire
from kit.periods import Day
from kit.text import Text
from pydantic import Field

from registry.calendars.arithmetic import Roll, Unit
from registry.deadlines.owed import Kind, State


class DeadlineView(Wire):
    """A deadline, as it is computed for a date: by what rule, counted from what, and what became of it."""

    agreement_id: UUID
    agreement: str = Field(description="Its title.")
    key: str = Field(description="Which deadline of the agreement; it stays, whatever becomes of calendars.")
    kind: Kind
    title: str
    instrument_id: str
    instrument_version: str
    school_id: UUID | None = Field(description="Where each school owes it by itself.")
    school_ids: list[UUID] = Field(description="The schools that the agreement covers on the day it is due.")
    responsible_id: UUID | None = Field(description="The organization that owes it.")
    role: str = Field(description="The role in which it does.")
    to: str | None = Field(description="To whom it is owed.")
    rule: str
    citation: str
    uncertain: str | None
    counted_from: str = Field(description="The transition, or the period, from which it is counted.")
    counted_from_on: date
    days: int | None
    unit: Unit
    counted: date = Field(description="The last day as counted, before the roll rule.")
    roll: Roll
    rolled_because: str | None = Field(description="Why the counted day was no business day, if it was moved.")
    calendar_known: bool = Field(description="False: no calendar covers the day; Monday to Friday are business days.")
    due_on: date
    weekday: str
    school_year: int | None = Field(description="Which school year it is about, by its end.")
    state: State
    days_left: int = Field(description="Below zero once it has passed.")
    done_on: date | None
    evidence: str | None
    late: bool = Field(description="True if it was done after its day.")
    acknowledged_on: date | None


class NewFiling(Wire):
    """What became of a deadline: a report filed, a receipt from whoever got a notice or report, or a waiver."""

    deadline: Text = Field(min_length=1, examples=["duty/annual-report/2025"], description="Its `key`.")
    outcome: FilingOutcome
    done_on: Day
    evidence: Text = Field(min_length=1, examples=["https://example.org/receipts/4711.pdf"])
    reference: Text | None = Field(default=None, min_length=1, description="The recipient's own number for it.")


class FilingView(NewFiling):
    """A filing as it was recorded."""

    id: UUID
    agreement_id: UUID
    actor: str
    organization_id: UUID | None
    recorded_at: datetime


class TrackLine(Wire):
    """How an agreement stands with what it asks for: nothing overdue, something overdue, overdue for a quarter."""

    agreement_id: UUID
    agreement: str
    school_ids: list[UUID]
    status: str = Field(examples=["on-track", "delayed", "incomplete"])
    upcoming: int
    due: int
    overdue: int
    done: int
    waived: int
    longest_overdue_days: int
