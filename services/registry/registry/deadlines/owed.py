"""What is owed by a day: to whom, by what rule, counted from what; and what became of it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from registry.agreements.dossier import Dossier
from registry.calendars.arithmetic import Due, Unit
from registry.instruments.document import DISTRICT

Kind = Literal["decision", "vote", "notice", "duty", "review", "non-renewal-notice", "renewal-case", "term-end"]
State = Literal["upcoming", "due", "overdue", "done", "waived"]
SOON_DAYS = 30
"""What is owed within so many days is `due`; what is owed later is `upcoming`."""


@dataclass(frozen=True)
class Done:
    """A recorded fact that settles a deadline; `waived` if it was not asked for, or not made use of."""

    on: date
    evidence: str
    waived: bool = False


@dataclass(frozen=True)
class Rule:
    """Where a deadline is written, and how it is counted in words."""

    says: str
    citation: str
    uncertain: str | None = None


@dataclass(frozen=True)
class Start:
    """What a deadline is counted from, and how many days; none: it is a date of its own."""

    event: str
    on: date
    days: int | None = None
    unit: Unit = "calendar"


@dataclass(frozen=True)
class Owed:
    """A deadline of an agreement; its key never changes, whatever becomes of calendars."""

    key: str
    kind: Kind
    title: str
    role: str
    to: str | None
    rule: Rule
    start: Start
    due: Due
    school_id: UUID | None = None
    school_year: int | None = None
    done: Done | None = None
    acknowledged_on: date | None = None
    is_a_right: bool = False
    """True of what one may do until then: when the day has passed unused, it was waived."""

    def state(self, day: date) -> State:
        """What it is on `day`."""
        if self.done is not None and self.done.on <= day:
            return "waived" if self.done.waived else "done"
        if self.due.on < day:
            return "waived" if self.is_a_right else "overdue"
        return "due" if (self.due.on - day).days <= SOON_DAYS else "upcoming"

    @property
    def late(self) -> bool:
        """True if it was done after its day."""
        return self.done is not None and not self.done.waived and self.done.on > self.due.on


def responsible(dossier: Dossier, role: str) -> UUID | None:
    """The party in a role; the district where nobody has the role."""
    held = {party.role: party.organization_id for party in reversed(dossier.parties)}
    return held.get(role, held.get(DISTRICT))


def years_of(start: date, until: date) -> Iterator[int]:
    """The calendar years from `start` through `until`."""
    yield from range(start.year, until.year + 1)
