"""Decide what is hidden of ratings that are about to be published, together with all that is public already.

What was hidden in one revision is not betrayed by the next; what was shown once cannot be hidden any more.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.frameworks.document import Framework
from accountability.frameworks.tables import RegisteredFramework
from accountability.privacy.facts import (
    Fact,
    Publication,
    Subject,
    facts_of,
    outcomes_of,
    published_before,
    runs_of,
    schools_with_secrets,
)
from accountability.privacy.families import families, members_of_measured
from accountability.privacy.policy import Policy, policy_for
from accountability.privacy.showing import Suppression
from accountability.privacy.sums import KnownFacts, Sum, add_few, add_sum
from accountability.privacy.system import (
    WHOLE,
    Explained,
    Outcomes,
    System,
    add_explanation,
    add_groups,
    add_members,
    add_past,
    add_rollups,
    explained,
)
from accountability.ratings.changes import Change
from accountability.runs.tables import Run

Said = TypeVar("Said", Fact, Publication)
Place = tuple[int, Subject]
"""A run, and whom it is about."""
Explanations = Mapping[Place, Explained]
Numbers = Mapping[Place, Mapping[str, int]]
"""The cell of each node of each explanation."""


@dataclass(frozen=True)
class Public:
    """All that is or becomes public of some schools in a year."""

    policy: Policy
    facts: Sequence[Fact]
    publications: Sequence[Publication]
    outcomes: Outcomes
    runs: Mapping[int, Run]
    frameworks: Mapping[tuple[str, str], Framework]
    members: Mapping[UUID, set[UUID]]
    sums: Sequence[Sum]

    def by_family(self, concerned: Sequence[set[UUID]]) -> Iterator["Public"]:
        """The same of each family of schools by itself."""
        facts, publications = _by_school(self.facts), _by_school(self.publications)
        for family in concerned:
            schools = sorted(family)
            yield replace(
                self,
                facts=[fact for school in schools for fact in facts[school]],
                publications=[each for school in schools for each in publications[school]],
                sums=[each for each in self.sums if not family.isdisjoint(each.weights)],
            )


async def suppressions(
    session: AsyncSession, changes: Sequence[Change], sums: Sequence[Sum]
) -> dict[UUID, Suppression]:
    """What is hidden of each change that hides anything, by its rating. The changes are of one framework and year.

    `sums`: those of the year that are public.
    """
    year, framework_id = changes[0].rating.school_year, changes[0].rating.framework_id
    policy = await policy_for(session, framework_id, year, "accountability")
    secret: set[UUID] = set()
    for run in {change.run.number: change.run for change in changes}.values():
        framework = await framework_of(session, run)
        codes = [*framework.indicators, *framework.attributes]
        secret |= await schools_with_secrets(session, year, run.input_version, codes, policy)
    if not secret:
        return {}
    members = await members_of_measured(session, year)
    concerned = families(wholes(members, sums), secret)
    schools = set().union(*concerned)
    new = [_becoming(change) for change in changes if change.rating.school_id in schools]
    before = await published_before(session, year, schools)
    public = await all_public(session, policy, [*before, *new], year, schools, members, sums)
    await rest_long(session)
    return await asyncio.to_thread(_decided, public, concerned)


async def rest_long(session: AsyncSession) -> None:
    """Let the session wait until it is decided: a state takes longer than a session may rest."""
    await session.execute(text("set local idle_in_transaction_session_timeout = '15min'"))


def wholes(members: Mapping[UUID, set[UUID]], sums: Iterable[Sum]) -> list[frozenset[UUID]]:
    """The sets of schools whose figures are public together."""
    return [frozenset({whole, *parts}) for whole, parts in members.items()] + [frozenset(each.weights) for each in sums]


def _becoming(change: Change) -> Publication:
    rating = change.rating
    subject = Subject(rating.school_id, rating.student_group)
    return Publication(rating.id, subject, change.run.number, None, is_new=True)


async def all_public(
    session: AsyncSession,
    policy: Policy,
    publications: Sequence[Publication],
    year: int,
    schools: Collection[UUID],
    members: Mapping[UUID, set[UUID]],
    sums: Sequence[Sum],
    also: Collection[str] = (),
) -> Public:
    """All that is or becomes public of these schools in a year; with the facts of `also` these indicators."""
    runs = {run.number: run for run in await runs_of(session, publications)}
    frameworks = {(run.framework_id, run.framework_version): await framework_of(session, run) for run in runs.values()}
    read = {code for each in frameworks.values() for code in (*each.indicators, *each.attributes)}
    read |= {each.indicator for each in sums} | set(also)
    groups = {group for each in frameworks.values() for group in each.student_groups}
    groups |= {WHOLE}.union(*policy.adding_up)
    facts = await facts_of(session, year, schools, read, groups)
    outcomes = await outcomes_of(session, list(runs), schools)
    return Public(policy, facts, publications, outcomes, runs, frameworks, members, sums)


async def framework_of(session: AsyncSession, run: Run) -> Framework:
    """The framework of a run."""
    registered = await session.get_one(RegisteredFramework, (run.framework_id, run.framework_version))
    return Framework.model_validate(registered.document)


def _decided(public: Public, concerned: Sequence[set[UUID]]) -> dict[UUID, Suppression]:
    found: dict[UUID, Suppression] = {}
    for family in public.by_family(concerned):
        found |= decide(family)
    return found


def _by_school(said: Iterable[Said]) -> Mapping[UUID, list[Said]]:
    found: defaultdict[UUID, list[Said]] = defaultdict(list)
    for each in said:
        found[each.subject.school_id].append(each)
    return found


def decide(public: Public) -> dict[UUID, Suppression]:
    """What is hidden of the new publications of one family, by their ratings."""
    system, said, numbers = system_of(public)
    hidden = system.hidden()
    return {
        publication.rating_id: suppression
        for publication in public.publications
        if publication.is_new
        and (suppression := _of(system, said[publication.run, publication.subject], numbers, hidden))
    }


def system_of(public: Public) -> tuple[System, Explanations, Numbers]:
    """All that is or becomes public as cells and relations; the explanations, and the cells of their nodes."""
    system, said = System(public.policy), _explanations(public)
    numbers = {key: add_explanation(system, each) for key, each in said.items()}
    for publication in public.publications:
        if not publication.is_new:
            key = publication.run, publication.subject
            add_past(system, publication, said[key], numbers[key])
    _relate(system, public, said, numbers)
    known = KnownFacts(public.facts)
    means = [behind for each in public.sums if (behind := known.behind(each))]
    system.shown |= {add_sum(system, behind) for behind in means}
    add_few(system, means)
    return system, said, numbers


def _explanations(public: Public) -> dict[Place, Explained]:
    facts: dict[Subject, list[Fact]] = {}
    for fact in public.facts:
        facts.setdefault(fact.subject, []).append(fact)
    found = {}
    for each in public.publications:
        run = public.runs[each.run]
        framework = public.frameworks[run.framework_id, run.framework_version]
        given = public.outcomes.get((each.run, each.subject), {})
        found[each.run, each.subject] = explained(run, framework, each.subject, given, facts.get(each.subject, []))
    return found


def _relate(system: System, public: Public, said: Explanations, numbers: Numbers) -> None:
    """What hangs together between groups, schools and the wholes that they are part of."""
    by_school: dict[UUID, list[Fact]] = {}
    for fact in public.facts:
        by_school.setdefault(fact.subject.school_id, []).append(fact)
    for (number, school), each in {(run, subject.school_id): each for (run, subject), each in said.items()}.items():
        add_groups(system, each, by_school.get(school, []))
        members = [fact for member in public.members.get(school, ()) for fact in by_school.get(member, [])]
        add_members(system, public.runs[number], by_school.get(school, []), members)
    for (number, _), each in said.items():
        if not each.has_rollups():
            continue
        alike = {subject: other for (run, subject), other in said.items() if run == number}
        cells = {subject: numbers[number, subject] for subject in alike}
        add_rollups(system, each, cells, {subject: other.facts for subject, other in alike.items()})


def _of(system: System, said: Explained, numbers: Numbers, hidden: set[int]) -> Suppression | None:
    """What is hidden of an explanation; None if nothing is."""
    cells, result = numbers[said.run.number, said.subject], said.framework.result
    nodes = {name: _instead(system, said, name) for name, cell in cells.items() if cell in hidden}
    facts = {code: fact for code, fact in sorted(said.read().items()) if system.fact(fact) in hidden}
    attributes = [code for code in said.framework.attributes if code in facts]
    if not nodes and not attributes and all(map(system.is_secret, facts.values())):
        return None  # nobody would look for them here
    return {
        "rule": system.policy.words,
        "nodes": nodes,
        "indicators": list(facts),
        "attributes": attributes,
        "score": result.score in nodes,
        "rating": result.rating in nodes,
        "labels": {name: None for name in result.also if name in nodes},
    }


def _instead(system: System, said: Explained, name: str) -> str | None:
    fact = said.fact_of(name)
    return None if fact is None else system.code(fact)
