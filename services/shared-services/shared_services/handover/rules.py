"""Who hands over to whom, and what may become of what."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from contracts.registry import SchoolChanged
from kit.errors import FieldError

from shared_services.entitlements.rules import SERVED
from shared_services.handover.schemas import Item, ItemKind, NewHandover, Outcome
from shared_services.requests.lifecycle import NOT_STARTED


class Turn(NamedTuple):
    """A change of a school's operator; nobody takes over a school that closes."""

    former_id: UUID
    successor_id: UUID | None


def turn_of(school: SchoolChanged, day: date) -> Turn | None:
    """Who hands a school over to whom on `day`; None if its operator does not change then."""
    former = _responsible(school, day - timedelta(days=1))
    successor = _responsible(school, day)
    return None if former is None or former == successor else Turn(former, successor)


def allowed(kind: ItemKind, status: str, turn: Turn) -> list[Outcome]:
    """What may become of an item in a status."""
    outcomes: Mapping[ItemKind, Sequence[Outcome]] = {
        "request": ("transfer", "cancel", "complete") if status in NOT_STARTED else ("transfer", "complete"),
        "series": ("transfer", "cancel"),
        "charge": ("complete",) if status == "disputed" else ("transfer", "complete"),
        "estimate": ("transfer", "cancel", "complete"),
        "election": (),
    }
    return [outcome for outcome in outcomes[kind] if outcome != "transfer" or turn.successor_id is not None]


def outcomes(items: Sequence[Item], body: NewHandover) -> tuple[list[Outcome], list[FieldError]]:
    """What becomes of each item, by its own decision or by the rule, and what is wrong with that."""
    decided = {one.id: one.outcome for one in body.decisions}
    found, errors = [], []
    for item in items:
        outcome = decided.pop(item.id, None) if item.id else None
        by_rule = item.allowed[0] if item.kind == "election" else getattr(body.rule, item.kind)
        found.append(outcome or by_rule)
        if found[-1] not in item.allowed:
            message = f"{item.name} is `{item.status}`: decide {' or '.join(item.allowed)}"
            errors.append(FieldError("decisions", "not-allowed", message, value=str(item.id)))
    for stranger in decided:
        message = "leave it out: it is not among the open items"
        errors.append(FieldError("decisions", "not-open", message, value=str(stranger)))
    return found, errors


def _responsible(school: SchoolChanged, day: date) -> UUID | None:
    """Who answers for a school's requests: its operator, or the district that runs it; nobody for a closed one."""
    facts = school.facts_on(day)
    if facts is None or facts.operational_status not in SERVED:
        return None
    holders = [*school.organizations_on(day, "operator"), *school.organizations_on(day, "accountable-lea")]
    return next(iter(holders), None)
