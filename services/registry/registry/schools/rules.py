"""Edits of a school's timeline, and what no timeline may say. Pure."""

from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise
from typing import TypeVar
from uuid import UUID

from contracts.registry import Assignment, SchoolChanged
from contracts.vocabulary import AssignmentRole, Period
from kit.errors import FieldError, Invalid
from kit.periods import Overlap

from registry.pieces import ended

P = TypeVar("P", bound=Period)
ONE_AT_A_TIME = {"accountable-lea", "operator", "zone"}
"""Roles of which a school has at most one at any instant."""


def handed_over(
    assignments: Sequence[Assignment], role: AssignmentRole, organization_id: UUID, day: date, source: str
) -> list[Assignment]:
    """Assignments in which `organization_id` takes a role over on `day`, for as long as its present holder had it."""
    holder = next((held for held in assignments if held.role == role and held.covers(day)), None)
    later = [held.valid_from for held in assignments if held.role == role and held.valid_from > day]
    taken = Assignment(
        organization_id=organization_id,
        role=role,
        source=source,
        valid_from=day,
        valid_to=holder.valid_to if holder else min(later, default=None),
    )
    return [*ended(assignments, day, lambda held: held is holder), taken]


def check(timeline: SchoolChanged) -> None:
    """Raise Invalid for an empty period, Overlap for two of what may be only one at a time."""
    everything: list[Period] = [*timeline.facts, *timeline.aliases, *timeline.assignments, *timeline.buildings]
    if any(item.valid_to is not None and item.valid_to <= item.valid_from for item in everything):
        raise Invalid("A period is empty.", errors=[FieldError("validTo", "after-start", "must lie after validFrom")])
    _one_at_a_time(timeline.facts, lambda _: "facts", lambda _: "These facts hold")
    _one_at_a_time(timeline.aliases, lambda a: f"{a.system}|{a.value}", lambda _: "The school has this identifier")
    _one_at_a_time(timeline.buildings, lambda b: b.building_id, lambda b: f"The school is in building {b.building_id}")
    _one_at_a_time(
        [held for held in timeline.assignments if held.role in ONE_AT_A_TIME],
        lambda held: held.role,
        lambda held: f"Organization {held.organization_id} is the school's {held.role}",
    )


def _one_at_a_time(pieces: Sequence[P], key: Callable[[P], object], sentence: Callable[[P], str]) -> None:
    """Raise Overlap, naming the period in the way, if two pieces of the same key hold on a same day."""
    for one, other in pairwise(sorted(pieces, key=lambda piece: (str(key(piece)), piece.valid_from))):
        if key(one) == key(other) and one.covers(other.valid_from):
            span = f"{one.valid_from} to {one.valid_to or 'open'}"
            error = FieldError("validFrom", "one-at-a-time", f"overlaps {span}", value=str(other.valid_from))
            raise Overlap(f"{sentence(one)} from {span}; end that first.", errors=[error])
