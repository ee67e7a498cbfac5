"""The life of a framework's version as one table: for each rating year by itself, what may become of it.

A version that is active in no year yet is a draft. In a year at most one version of a framework is in charge (active or
suspended); activating another supersedes it. From its first activation on a version's document never changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kit.errors import FieldError

from accountability.frameworks.document import Framework

Status = Literal["draft", "active", "suspended", "superseded", "retired"]
"""What a version is, for a year. `suspended`: in charge, but schools are not rated; `retired`: abolished."""

MoveName = Literal["activate", "suspend", "retire"]
AUTHORS = ("state-agency", "district", "zone", "authorizer")
"""The types of organizations that may own a framework. Only the owner (or the platform) moves it."""

BY_RANK: Sequence[Status] = ("active", "suspended", "superseded", "retired", "draft")
"""A version is called by the first of these that it is in any year."""

IN_CHARGE = ("active", "suspended")


@dataclass(frozen=True)
class Move:
    """A step that a version takes in some years: from which statuses, to which, and whether it must be explained."""

    sources: frozenset[Status]
    target: Status
    needs_reason: bool


MOVES: Mapping[MoveName, Move] = {
    "activate": Move(frozenset({"draft", "suspended", "superseded"}), "active", needs_reason=False),
    "suspend": Move(frozenset({"active"}), "suspended", needs_reason=True),
    "retire": Move(frozenset({"active", "suspended", "superseded"}), "retired", needs_reason=True),
}


def status_of(years: Mapping[int, Status]) -> Status:
    """What a version is called, by what it is in its years."""
    return min(years.values(), key=BY_RANK.index, default="draft")


def move_errors(
    framework: Framework,
    name: MoveName,
    asked: Sequence[int],
    years: Mapping[int, Status],
    taken: Mapping[int, str],
    reason: str | None,
) -> list[FieldError]:
    """What is wrong with taking a step in the years `asked`.

    `years`: what the version is in its years; `taken`: which other version is in charge of a year.
    """
    move, errors = MOVES[name], []
    valid = ", ".join(map(str, framework.school_years))
    for year in asked:
        status = years.get(year, "draft")
        if year not in framework.school_years:
            errors.append(FieldError("schoolYears", "not-valid", f"the document is valid for {valid}", value=str(year)))
        elif status not in move.sources:
            message = f"it is {status} in {year}; to {name} it must be {' or '.join(sorted(move.sources))}"
            errors.append(FieldError("schoolYears", "not-in-lifecycle", message, value=str(year)))
    replaced = sorted({taken[year] for year in asked if year in taken}) if name == "activate" else []
    if reason is None and (move.needs_reason or replaced):
        why = f"say why it takes the place of {', '.join(replaced)}" if replaced else f"say why you {name} it"
        errors.append(FieldError("reason", "missing", why))
    return errors
