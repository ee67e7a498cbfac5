"""What an edit of timelines comes to, school by school and day by day: shown before it is confirmed."""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

from contracts.registry import SchoolChanged
from contracts.vocabulary import Wire
from kit.errors import Conflict
from pydantic import Field

Edit = tuple[SchoolChanged, SchoolChanged]
"""A timeline as it is said, and as it shall be said."""


RELATIONS = ("assignment ", "building ", "alias ", "arrangement")
"""What is worth saying although it stays: under what the school is run, and who has to do with it."""


class Consequence(Wire):
    """One thing that begins, ends, changes or stays at a school."""

    school_id: UUID
    school: str = Field(examples=["Lincoln"])
    effect: Literal["begins", "ends", "changes", "stays"]
    what: str = Field(examples=["assignment zone 0192..."])
    on: date = Field(description="The first day of it.")
    before: Any = None
    after: Any = None


class Foreseen(Wire):
    """Everything that a change comes to; `digest` confirms that exactly this was seen."""

    consequences: list[Consequence]
    digest: str


class NotConfirmed(Conflict):
    """What would happen has not been confirmed"""

    type = "not-confirmed"


def foreseen(edits: Sequence[Edit], day: date, besides: Sequence[Consequence] = ()) -> Foreseen:
    """All consequences of `edits`, with what stays on `day` and what is found `besides`, and their digest."""
    found = [each for before, after in edits for each in (*differences(before, after), *_staying(before, after, day))]
    found += besides
    listed = [each.model_dump(mode="json", by_alias=True) for each in found]
    return Foreseen(consequences=found, digest=sha256(json.dumps(listed, sort_keys=True).encode()).hexdigest())


def require_confirmed(foresight: Foreseen, confirm: str | None) -> None:
    """Raise NotConfirmed unless `confirm` is the digest of what would happen now."""
    if confirm != foresight.digest:
        wrong = "There is no `confirm`" if confirm is None else "What would happen is not what was seen"
        raise NotConfirmed(
            f"{wrong}: look at `consequences`, then repeat with `confirm` set to `digest`.",
            **foresight.model_dump(mode="json", by_alias=True),
        )


def differences(before: SchoolChanged, after: SchoolChanged) -> list[Consequence]:
    """Whatever of the school's timeline is otherwise after the edit, each on the first day of it."""
    found, last = [], dict[str, tuple[Any, Any]]()
    for day in _turning_points(before, after):
        was, becomes = said_on(before, day), said_on(after, day)
        now = {key: pair for key in was | becomes if (pair := (was.get(key), becomes.get(key)))[0] != pair[1]}
        found += [consequence(after, key, day, *pair) for key, pair in now.items() if last.get(key) != pair]
        last = now
    return found


def first_difference(before: SchoolChanged, after: SchoolChanged) -> date | None:
    """The first day of which something else is said after the edit."""
    return min((each.on for each in differences(before, after)), default=None)


def _staying(before: SchoolChanged, after: SchoolChanged, day: date) -> Iterator[Consequence]:
    was, becomes = said_on(before, day), said_on(after, day)
    for key, value in becomes.items():
        if was.get(key) == value and key.startswith(RELATIONS):
            yield consequence(after, key, day, value, value)


def _turning_points(*timelines: SchoolChanged) -> list[date]:
    pieces = [piece for t in timelines for piece in (*t.facts, *t.aliases, *t.assignments, *t.buildings)]
    return sorted({day for piece in pieces for day in (piece.valid_from, piece.valid_to) if day is not None})


def said_on(timeline: SchoolChanged, day: date) -> dict[str, Any]:
    """Everything said of one day, by what it is about."""
    about: dict[str, Any] = {}
    facts = timeline.facts_on(day)
    if facts is not None:
        about |= facts.model_dump(mode="json", by_alias=True, exclude={"valid_from", "valid_to"}, exclude_none=True)
    about |= {f"alias {each.system}|{each.value}": "held" for each in timeline.aliases if each.covers(day)}
    for held in timeline.assignments:
        if held.covers(day):
            about[f"assignment {held.role} {held.organization_id}"] = {"source": held.source}
    for place in timeline.buildings:
        if place.covers(day):
            about[f"building {place.building_id}"] = {"share": place.share, "source": place.source}
    return about


def consequence(timeline: SchoolChanged, what: str, on: date, before: Any, after: Any) -> Consequence:
    """What becomes of one thing at a school on a day."""
    effect: Literal["begins", "ends", "changes", "stays"] = "changes"
    if before is None or after is None:
        effect = "begins" if before is None else "ends"
    elif before == after:
        effect = "stays"
    facts = timeline.facts_on(on) or next(reversed(timeline.facts), None)
    name = facts.name if facts is not None else ""
    return Consequence(school_id=timeline.id, school=name, effect=effect, what=what, on=on, before=before, after=after)
