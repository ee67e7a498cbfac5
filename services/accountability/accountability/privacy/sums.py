"""Means over schools that are shown beside ratings: each tells of every school that is in it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import chain, permutations
from typing import NamedTuple
from uuid import UUID

from kit.suppression import Relation

from accountability.privacy.facts import Fact, Subject
from accountability.privacy.system import WHOLE, System

Weighed = Sequence[tuple[Fact, float]]
"""The facts behind a mean, and what each weighs in it."""


class Sum(NamedTuple):
    """The mean of an indicator over whole schools: what each weighs, and with which file of measures it was known."""

    indicator: str
    weights: Mapping[UUID, float]
    known_with: Mapping[UUID, int]


class KnownFacts:
    """The facts of whole schools, by school and indicator."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._of: defaultdict[tuple[UUID, str], list[Fact]] = defaultdict(list)
        for fact in facts:
            if fact.subject.student_group == WHOLE and fact.value is not None:
                self._of[fact.subject.school_id, fact.indicator].append(fact)

    def behind(self, mean: Sum) -> Weighed:
        """The facts behind a mean, those of the least weight first."""
        return [
            (fact, weight)
            for school, weight in sorted(mean.weights.items(), key=lambda each: (each[1], each[0]))
            for fact in self._of[school, mean.indicator]
            if weight and fact.known_with(mean.known_with[school])
        ]


def add_sum(system: System, behind: Weighed, rank: tuple[float, ...] = ()) -> int:
    """The cell of a mean, hidden first if it is secret itself, and known to all if all that is behind it is public.

    Two of the same facts in the same shares are one.
    """
    if len(behind) == 1 and system.is_secret(behind[0][0]):
        return system.fact(behind[0][0])
    terms = {system.fact(fact): weight for fact, weight in behind}
    whole, mean = _weight(behind), mean_of(behind)
    shares = frozenset((cell, Fraction(weight) / Fraction(whole)) for cell, weight in terms.items())
    cell = system.number(("mean", shares), system.cell(mean, rank))
    # In weights, not in shares: binary fractions of what is a multiple of another would pass for something new.
    system.relations.append(Relation({cell: -whole} | terms))
    if all(map(system.is_public, terms)):
        system.shown.add(cell)
    elif system.is_secret(mean):
        system.first.add(cell)
    return cell


def mean_of(behind: Weighed) -> Fact:
    """The mean as if it were a fact: of all students that are behind it."""
    facts = [fact for fact, _ in behind]
    counted = [fact.n for fact in facts if fact.n is not None]
    first, ends = facts[0], [(fact.minimum, fact.maximum) for fact in facts]
    return first._replace(
        subject=Subject(first.subject.school_id, "mean"),
        value=sum(weight * (fact.value or 0) for fact, weight in behind) / _weight(behind),
        n=sum(counted) if counted else None,
        is_rate=any(fact.is_rate for fact in facts),
        minimum=ends[0][0],
        maximum=ends[0][1],
    )


def add_parts(system: System, means: Mapping[int, Weighed]) -> None:
    """Means that are part of others: whoever knows the whole and all but one of its parts knows that one."""
    alike: defaultdict[str, list[tuple[int, frozenset[tuple[Fact, float]]]]] = defaultdict(list)
    for cell, behind in means.items():
        alike[behind[0][0].indicator].append((cell, frozenset(behind)))
    for (whole, of_whole), (part, of_part) in chain.from_iterable(permutations(each, 2) for each in alike.values()):
        if of_part < of_whole:
            left = {system.fact(fact): weight for fact, weight in of_whole - of_part}
            system.relations.append(Relation(left | {whole: -_weight(of_whole), part: _weight(of_part)}))


def _weight(behind: Iterable[tuple[Fact, float]]) -> float:
    return sum(weight for _, weight in behind)


def add_few(system: System, means: Iterable[Weighed]) -> None:
    """Small figures that are in the same means are guarded together too, while they are of too few students."""
    sides: defaultdict[Fact, list[int]] = defaultdict(list)
    for place, behind in enumerate(means):
        for fact, _ in behind:
            if system.policy.is_small(fact.n):
                sides[fact].append(place)
    together: defaultdict[tuple[int, ...], list[tuple[Fact, float]]] = defaultdict(list)
    for fact, places in sides.items():
        together[tuple(places)].append((fact, float(fact.n or 0)))
    for weighed in together.values():
        if system.policy.is_small(mean_of(weighed).n):
            add_sum(system, weighed)
