"""For which days a school may be charged, who pays on them, and on which statement a day falls."""

from datetime import date
from uuid import UUID

from contracts.registry import SchoolChanged
from kit.errors import FieldError

from shared_services.charges.vocabulary import YEARLY, Unit
from shared_services.entitlements.rules import SERVED


def payer_on(school: SchoolChanged, day: date) -> UUID | None:
    """Who pays for a school on a day: its operator, or the district that runs it itself."""
    holders = [*school.organizations_on(day, "operator"), *school.organizations_on(day, "accountable-lea")]
    return next(iter(holders), None)


def first_unserved(school: SchoolChanged, day: date, until: date | None) -> date | None:
    """The first day of `[day, until)` on which the school is closed or another one pays; without `until`, of `day`."""
    payer = payer_on(school, day)
    for turn in [day, *(turn for turn in _turns(school) if until is not None and day < turn < until)]:
        facts = school.facts_on(turn)
        if facts is None or facts.operational_status not in SERVED or payer_on(school, turn) != payer:
            return turn
    return None


def served_errors(school: SchoolChanged, day: date, until: date | None) -> list[FieldError]:
    """Why a school cannot be charged for the days: it is closed on one of them, or another one pays from then on."""
    ended = first_unserved(school, day, until)
    if ended is None:
        return []
    message = f"from {ended} on the school is closed or run by another: nothing is charged after"
    return [FieldError("serviceDate" if ended == day else "serviceTo", "not-served", message, value=str(ended))]


def span_errors(unit: Unit, day: date, until: date | None) -> list[FieldError]:
    """What is wrong with the days that a unit is charged for: a yearly one says until when, no other does."""
    if unit not in YEARLY:
        return [] if until is None else [FieldError("serviceTo", "only-yearly", f"leave it out with `{unit}`")]
    if until is None:
        return [FieldError("serviceTo", "missing", "say the first day that is not paid for")]
    return [] if day < until else [FieldError("serviceTo", "after-start", f"must lie after {day}", value=str(until))]


def month_of(day: date) -> date:
    """The month of a day, written as its first day."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The month after a month."""
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)


def _turns(school: SchoolChanged) -> list[date]:
    """The days on which something changes at a school, in order."""
    periods = [*school.facts, *school.assignments]
    return sorted({day for one in periods for day in (one.valid_from, one.valid_to) if day is not None})
