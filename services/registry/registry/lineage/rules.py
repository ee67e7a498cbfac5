"""What a lineage event does to the schools it is about: from their timelines to new ones. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from contracts.registry import Address, Occupancy, SchoolChanged
from kit.errors import Conflict, FieldError, Invalid

from registry.lineage import schemas
from registry.lineage.schemas import NewLineageEvent
from registry.pieces import ended, overlay
from registry.schools.rules import handed_over

NOT_IN_OPERATION = {"closed", "inactive", "future"}


class DoesNotFit(Conflict):
    """This cannot happen to the school at that time"""

    type = "lineage-does-not-fit"


def predecessors(event: NewLineageEvent) -> list[UUID]:
    """The schools before the event."""
    match event:
        case schemas.Opened():
            return []
        case schemas.Merged():
            return event.school_ids
        case _:
            return [event.school_id]


def successors(event: NewLineageEvent) -> list[UUID]:
    """The schools after the event; one that stays is on both sides."""
    match event:
        case schemas.Closed() | schemas.Cancelled():
            return []
        case schemas.Merged():
            return [event.into_id]
        case schemas.Split():
            return event.into_ids
        case schemas.Reconstituted():
            return [event.successor_id or event.school_id]
        case _:
            return [event.school_id]


def effects(event: NewLineageEvent, schools: Mapping[UUID, SchoolChanged]) -> dict[UUID, SchoolChanged]:
    """The timelines after the event. Raises Invalid and DoesNotFit."""
    before, after = predecessors(event), successors(event)
    _refuse_twice(before, after)
    changed = dict(schools)
    for school in after:
        _require_known(schools[school], event.effective_on)
    match event:
        case schemas.Merged() | schemas.Split() | schemas.Reconstituted() | schemas.Closed():
            for school in after:
                if school not in before:
                    _require_in_operation(schools[school], event.effective_on)
            for school in before:
                _require_open(schools[school], event.effective_on)
                if school not in after:
                    changed[school] = closed(schools[school], event.effective_on, event.source)
        case schemas.Cancelled():
            changed[event.school_id] = _cancelled(schools[event.school_id], event)
        case _:
            changed[event.school_id] = _stays(schools[event.school_id], event)
    return changed


def closed(school: SchoolChanged, day: date, source: str) -> SchoolChanged:
    """The school out of operation from `day` on. Its LEA goes on answering for it, and its identifiers stay."""
    return school.model_copy(
        update={
            "facts": overlay(school.facts, {"operational_status": "closed"}, day, None, source),
            "assignments": ended(school.assignments, day, lambda held: held.role != "accountable-lea"),
            "buildings": ended(school.buildings, day, lambda _: True),
        }
    )


def _cancelled(school: SchoolChanged, event: schemas.Cancelled) -> SchoolChanged:
    first = min(facts.valid_from for facts in school.facts)
    before = school.facts_on(event.effective_on)
    if before is not None and before.operational_status != "future":
        raise DoesNotFit(f"{before.name} is {before.operational_status} on {event.effective_on}: close it instead.")
    return closed(school, max(first, event.effective_on), event.source)


def _stays(school: SchoolChanged, event: Any) -> SchoolChanged:
    """The same school with what the event changes about it."""
    day, source = event.effective_on, event.source
    match event:
        case schemas.Opened():
            return _opened(school, event)
        case schemas.Renamed():
            return _with(school, event, name=event.name, short_name=event.short_name)
        case schemas.GradeSpanChanged():
            return _with(school, event, grade_low=event.grade_low, grade_high=event.grade_high)
        case schemas.Converted():
            chartered = {} if event.chartered is None else {"chartered": event.chartered}
            return _with(school, event, arrangement=event.arrangement, **chartered)
        case schemas.Reopened():
            _require_closed(school, day)
            return _with(school, event, operational_status="reopened")
        case schemas.Relocated():
            return _moved(school, event)
        case schemas.Transferred():
            assignments = handed_over(school.assignments, "accountable-lea", event.organization_id, day, source)
            return school.model_copy(update={"assignments": assignments})
    return school  # reconstituted under its own identifier: only the event tells


def _with(school: SchoolChanged, event: Any, **given: Any) -> SchoolChanged:
    return school.model_copy(update={"facts": overlay(school.facts, given, event.effective_on, None, event.source)})


def _opened(school: SchoolChanged, event: schemas.Opened) -> SchoolChanged:
    before, on = school.facts_on(event.effective_on - timedelta(days=1)), school.facts_on(event.effective_on)
    if before is not None and before.operational_status not in NOT_IN_OPERATION:
        raise DoesNotFit(f"{before.name} is open on the day before {event.effective_on} already.")
    planned = on is not None and on.operational_status in NOT_IN_OPERATION
    return _with(school, event, operational_status="new") if planned else school


def _moved(school: SchoolChanged, event: schemas.Relocated) -> SchoolChanged:
    if event.address is not None:
        school = _with(school, event, address=Address(**event.address.model_dump()))
    if event.building_id is None:
        return school
    there = Occupancy(building_id=event.building_id, source=event.source, valid_from=event.effective_on)
    left = ended(school.buildings, event.effective_on, lambda _: True)
    return school.model_copy(update={"buildings": [*left, there]})


def _refuse_twice(before: list[UUID], after: list[UUID]) -> None:
    for side in (before, after):
        if len(set(side)) != len(side):
            error = FieldError("body", "repeated", "name each school once")
            raise Invalid("A school is named twice.", errors=[error])


def _require_known(school: SchoolChanged, day: date) -> None:
    if school.facts_on(day) is None:
        raise DoesNotFit(f"Nothing is known of school {school.id} on {day}: register it from that day on first.")


def _require_in_operation(school: SchoolChanged, day: date) -> None:
    facts = school.facts_on(day)
    if facts is not None and facts.operational_status in NOT_IN_OPERATION:
        state = facts.operational_status
        raise DoesNotFit(f"{facts.name} is {state} on {day}: record first that it opens, or opens again, by that day.")


def _require_open(school: SchoolChanged, day: date) -> None:
    facts = school.facts_on(day - timedelta(days=1))
    if facts is None or facts.operational_status in NOT_IN_OPERATION:
        state = facts.operational_status if facts else "not known"
        raise DoesNotFit(f"School {school.id} is {state} on the day before {day}: there is nothing to end.")


def _require_closed(school: SchoolChanged, day: date) -> None:
    facts = school.facts_on(day - timedelta(days=1))
    if facts is None or facts.operational_status not in NOT_IN_OPERATION:
        raise DoesNotFit(f"School {school.id} is not closed on the day before {day}: it cannot open again.")
