"""Whose year it was: the days that each operator held a school, and what a named rule makes of them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from contracts.registry import SchoolChanged

Method = Literal["majority-of-days", "test-date", "count-date", "none"]
Basis = Literal["majority-of-days", "test-date", "count-date", "none", "one-operator", "no-rule"]
"""The rule that was used; one operator alone needs none, and without a rule nobody is credited or blamed."""


@dataclass(frozen=True)
class Attribution:
    """To whom a school's year counts, by which rule; the days that each held it."""

    organization_id: UUID | None
    basis: Basis
    day: date | None
    days_held: dict[UUID, int]
    days: int
    reason: str | None = None
    """Why it counts to nobody."""


def operators_on(school: SchoolChanged, day: date) -> list[UUID]:
    """Who runs a school on a day: its operators, or where there is none, its district."""
    return school.organizations_on(day, "operator") or school.organizations_on(day, "accountable-lea")


def days_held(school: SchoolChanged, days: Iterable[date]) -> dict[UUID, int]:
    """On how many of these days each organization ran the school."""
    return dict(sorted(Counter(each for day in days for each in operators_on(school, day)).items()))


def attribute(school: SchoolChanged, days: Sequence[date], method: Method | None, day: date | None) -> Attribution:
    """To whom the year with these school days counts; `day`: the test date or count date of the rule."""
    held = days_held(school, days)
    if len(held) < 2:
        only = next(iter(held), None)
        return Attribution(only, "one-operator", None, held, len(days), None if held else "nobody held it")
    match method:
        case None:
            found, why = None, "no rule is recorded for this district and year"
        case "none":
            found, why = None, "the rule attributes a year of two operators to none"
        case "majority-of-days":
            found, why = _majority(held), "no operator held it longest"
        case _:
            assert day is not None
            found, why = _only(operators_on(school, day)), f"not one operator alone held it on {day}"
    return Attribution(found, method or "no-rule", day, held, len(days), None if found else why)


def _majority(held: dict[UUID, int]) -> UUID | None:
    most = max(held.values())
    return _only([each for each, count in held.items() if count == most])


def _only(some: Sequence[UUID]) -> UUID | None:
    return some[0] if len(some) == 1 else None


def operator_year(school: SchoolChanged, organization_id: UUID, days: Sequence[date]) -> int | None:
    """Which year of an operator at a school ends with these days: 1 is its first; None if it did not hold it then.

    A year begins when the operator does, whoever ran the school before; a return begins anew.
    """
    held = sorted(
        (assignment.valid_from, assignment.valid_to or date.max)
        for assignment in school.assignments
        if assignment.role == "operator" and assignment.organization_id == organization_id
    )
    since = None
    for start, end in held:
        if start > days[-1]:
            break
        since = (start if since is None or start > since[1] else since[0], end)
    if since is None or since[1] <= days[0]:
        return None
    return 1 + _school_year(days[-1]) - _school_year(since[0])


JULY = 7


def _school_year(day: date) -> int:
    return day.year + (day.month >= JULY)
