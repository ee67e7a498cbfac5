"""What leaving a zone does to a school. Pure."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from contracts.registry import Assignment, SchoolChanged
from contracts.vocabulary import Arrangement
from kit.errors import Conflict, FieldError, Invalid

from registry.pieces import ended, overlay
from registry.zones.schemas import MemberOutcome, Outcome, SchoolOutcome

ARRANGEMENT: dict[Outcome, Arrangement] = {"reverts-to-district": "traditional", "keeps-its-plan": "waiver-based"}
"""How a school is run once the zone does not govern it (domain taxonomy X and A1)."""


class NotAMember(Conflict):
    """The zone does not govern this school then"""

    type = "not-a-member"


def leaves(school: SchoolChanged, zone_id: UUID, last_day: date, becomes: MemberOutcome, source: str) -> SchoolChanged:
    """The school after its last day in the zone. Everything that the zone holds there ends, not the school's own plan.

    Raises NotAMember.
    """
    day = last_day + timedelta(days=1)
    governed = next((held for held in school.assignments if _governs(held, zone_id) and held.covers(last_day)), None)
    if governed is None:
        raise NotAMember(f"The zone does not govern school {school.id} on {last_day}.")
    assignments = released(school, zone_id, day).assignments
    facts = school.facts
    if becomes.zone_id is not None:
        joined = {"organization_id": becomes.zone_id, "source": source, "valid_from": day}
        assignments.append(governed.model_copy(update=joined))
    elif becomes.outcome in ARRANGEMENT and school.facts_on(day) is not None:
        facts = overlay(facts, {"arrangement": ARRANGEMENT[becomes.outcome]}, day, None, source)
    return school.model_copy(update={"assignments": assignments, "facts": facts})


def released(school: SchoolChanged, zone_id: UUID, day: date) -> SchoolChanged:
    """The school without anything that the zone holds there from `day` on."""
    assignments = ended(school.assignments, day, lambda held: held.organization_id == zone_id)
    return school.model_copy(update={"assignments": assignments})


def outcomes(
    members: Sequence[UUID], default: MemberOutcome, exceptions: Sequence[SchoolOutcome]
) -> list[SchoolOutcome]:
    """What becomes of each member. Raises Invalid for an exception that is no member, or is named twice."""
    refuse_twice(exceptions)
    strangers = [each.school_id for each in exceptions if each.school_id not in members]
    if strangers:
        errors = [FieldError("exceptions", "not-a-member", "remove it", value=str(each)) for each in strangers]
        raise Invalid("Some exceptions are no members on the last day.", errors=errors)
    said = {each.school_id: each for each in exceptions}
    return [said.get(school) or SchoolOutcome(school_id=school, **default.model_dump()) for school in members]


def refuse_twice(schools: Sequence[SchoolOutcome]) -> None:
    """Raise Invalid if a school is named twice."""
    ids = [each.school_id for each in schools]
    twice = sorted({str(each) for each in ids if ids.count(each) > 1})
    if twice:
        errors = [FieldError("schools", "repeated", "name each school once", value=each) for each in twice]
        raise Invalid("A school is named twice.", errors=errors)


def _governs(held: Assignment, zone_id: UUID) -> bool:
    return held.role == "zone" and held.organization_id == zone_id
