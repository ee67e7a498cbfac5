"""What of an obligation is due on a day, and what the end of an agreement makes of the rest. Pure and total."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.registry import AgreementChanged, SchoolChanged
from kit.errors import FieldError

from shared_services.obligations.schemas import Installment, NewObligation, OnNonRenewal

Span = tuple[date, date | None]


@dataclass(frozen=True)
class Due:
    """An installment by its number, when it is due after all, and whether that was brought forward."""

    number: int
    due_on: date
    cents: int
    brought_forward: bool = False


@dataclass(frozen=True)
class Balance:
    """What became of a sum up to a day, in cents; the parts add up to the principal."""

    repaid: int
    overdue: int
    forgiven: int
    remaining: int


def installments(schedule: Sequence[Installment], on_non_renewal: OnNonRenewal, ended_on: date | None) -> list[Due]:
    """What is due when, given the day on which the agreement ended unrenewed, if it did; what is forgiven is gone."""
    found = []
    for number, one in enumerate(schedule, start=1):
        after_the_end = ended_on is not None and one.due_on > ended_on
        if not after_the_end or on_non_renewal == "goes-on":
            found.append(Due(number, one.due_on, one.cents))
        elif on_non_renewal == "falls-due" and ended_on is not None:
            found.append(Due(number, ended_on, one.cents, brought_forward=True))
    return found


def balance(principal: int, due: Sequence[Due], on_ledger: Mapping[int, int], day: date) -> Balance:
    """How an obligation stands on a day, given what of each installment is on the ledger."""
    forgiven = principal - sum(one.cents for one in due)
    repaid = sum(on_ledger.values())
    overdue = sum(one.cents for one in due if one.due_on <= day and one.number not in on_ledger)
    return Balance(repaid, overdue, forgiven, principal - forgiven - repaid)


def ends_on(
    school: SchoolChanged | None, agreement: AgreementChanged | None, school_id: UUID, debtor_id: UUID, day: date
) -> date | None:
    """The first day on which what holds on `day`, or held last before it, no longer does; None: no end is known.

    That is the agreement's being in force for the school, or else the debtor's operating it. An agreement that another
    one took the place of was renewed.
    """
    if agreement is not None:
        end = _end_of(_in_force(agreement, school_id), day)
        if end is None or not any(one.status == "superseded" and one.valid_from == end for one in agreement.standings):
            return end
    held = [one for one in school.assignments if one.organization_id == debtor_id] if school else []
    return _end_of([(one.valid_from, one.valid_to) for one in held if one.role == "operator"], day)


def obligation_errors(body: NewObligation) -> list[FieldError]:
    """What is wrong with an obligation by itself."""
    errors = []
    total = sum(one.cents for one in body.schedule)
    if total != body.principal_cents:
        message = f"the installments come to {total} cents: let them add up to the principal"
        errors.append(FieldError("schedule", "adds-up", message, value=str(body.principal_cents)))
    days = [one.due_on for one in body.schedule]
    for number, day in enumerate(days):
        if day in days[:number] or (number and day < days[number - 1]):
            errors.append(FieldError(f"schedule.{number}.dueOn", "in-order", "name each day once, the first one first"))
    return errors


def _in_force(agreement: AgreementChanged, school_id: UUID) -> list[Span]:
    return [
        (max(one.valid_from, covered.valid_from), min(filter(None, (one.valid_to, covered.valid_to)), default=None))
        for one in agreement.standings
        for covered in agreement.schools
        if one.in_force and covered.school_id == school_id
    ]


def _end_of(spans: Iterable[Span], day: date) -> date | None:
    """Where the spans without a gap between them, of which the first began by `day`, come to an end."""
    end: date | None = None
    for start, until in sorted(spans, key=lambda span: span[0]):
        if end is not None and start > max(end, day):
            break
        end = until
        if end is None:
            return None
    return end
