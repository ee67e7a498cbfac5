"""Everything that is or becomes public of some schools in a year, as cells and relations for kit's rule."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any
from uuid import UUID

from kit.suppression import Cell, Relation, Span, hidden_cells

from accountability.frameworks.composing import MeasureNode
from accountability.frameworks.document import Framework
from accountability.frameworks.nodes import PointsNode
from accountability.frameworks.referring import RollupNode
from accountability.privacy.facts import Fact, Publication, Subject
from accountability.privacy.knowledge import has_content, openness, possible, quantity, rules, unlike_numbers
from accountability.privacy.policy import Policy
from accountability.runs.tables import Outcome, Run

WHOLE = "ALL"
FEW = 2
"""A result is shown if so many figures at least that may be shown are behind it."""

Outcomes = Mapping[tuple[int, Subject], Mapping[str, Outcome]]


def _no_relation() -> list[Relation]:
    return []


@dataclass
class System:
    """Cells by name: facts, and what each node of each run gave."""

    policy: Policy
    numbers: dict[Any, int] = field(default_factory=dict)
    cells: list[Cell] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=_no_relation)
    ties: dict[int, set[int]] = field(default_factory=dict)
    first: set[int] = field(default_factory=set)
    shown: set[int] = field(default_factory=set)
    unlike: Iterator[float] = field(default_factory=unlike_numbers)

    def number(self, key: Any, cell: Cell) -> int:
        """The number of the cell of this name, made if it is new."""
        if key not in self.numbers:
            self.numbers[key] = len(self.cells)
            self.cells.append(cell)
        return self.numbers[key]

    def is_secret(self, fact: Fact) -> bool:
        """True if the policy does not let the figure be shown."""
        return self.policy.is_small(fact.n) or (fact.is_rate and self.policy.coded(fact.value) is not None)

    def code(self, fact: Fact) -> str | None:
        """What is said instead of a hidden rate of many students that is near its ends: that it is."""
        return self.policy.coded(fact.value) if fact.is_rate and not self.policy.is_small(fact.n) else None

    def span(self, fact: Fact) -> Span:
        """What everybody may think that a figure could be: one that is coded lies beyond the end that is told."""
        if fact.value is None or fact.minimum is None or fact.maximum is None:
            return Span(-inf, inf)
        if self.code(fact) is None:
            return Span(fact.minimum, fact.maximum)
        bottom, top = self.policy.ends(fact.value)
        return Span(max(fact.minimum, bottom), min(fact.maximum, top))

    def fact(self, fact: Fact) -> int:
        """The cell of a fact. Until something public reads it, nobody knows it."""
        key = fact[:4]
        if key in self.numbers:
            return self.numbers[key]
        cell = self.number(key, self.cell(fact, (0, fact.n or inf)))
        self.ties[cell] = {cell}
        self.first.add(cell)
        return cell

    def cell(self, fact: Fact, rank: tuple[float, ...]) -> Cell:
        """A figure as a cell, guarded if it is secret."""
        span = self.span(fact)
        return Cell(fact.value or 0, span, openness(span) if self.is_secret(fact) else None, rank)

    def show(self, fact: Fact) -> int:
        """Let something public tell the fact, unless it is secret; its cell."""
        cell = self.fact(fact)
        if not self.is_secret(fact):
            self.first.discard(cell)
        return cell

    def is_public(self, cell: int) -> bool:
        """True if what is public already tells the cell."""
        return not self.shown.isdisjoint(self.ties.get(cell, {cell}))

    def tie(self, cells: Iterable[int]) -> None:
        """Let these cells be hidden only together, with all that they are tied to already."""
        group = set().union(*(self.ties.get(cell, {cell}) for cell in cells))
        self.ties |= dict.fromkeys(group, group)

    def hidden(self) -> set[int]:
        """The cells to hide."""
        return hidden_cells(self.cells, self.relations, self.first, self.shown, self.ties.values())


@dataclass(frozen=True)
class Explained:
    """What a run gave for a subject, the facts that it read, and the framework that says how."""

    run: Run
    framework: Framework
    subject: Subject
    outcomes: Mapping[str, Outcome]
    facts: Mapping[str, Fact]

    def results(self) -> list[str]:
        """The nodes that are the rating itself."""
        result = self.framework.result
        return [
            name for name in (result.score, result.rating, *result.also) if name is not None and name in self.outcomes
        ]

    def has_rollups(self) -> bool:
        """True if it puts together what others gave."""
        return any(isinstance(self.framework.nodes[name], RollupNode) for name in self.outcomes)

    def fact_of(self, name: str) -> Fact | None:
        """The fact that a node shows, if it shows one."""
        node = self.framework.nodes[name]
        return self.facts.get(node.indicator) if isinstance(node, PointsNode | MeasureNode) else None

    def read(self) -> dict[str, Fact]:
        """The facts that become public: by nodes, as attributes, or by whatever is made of published figures."""
        codes = {*self.framework.indicators, *self.framework.attributes}
        return {code: fact for code, fact in self.facts.items() if code in codes}


def explained(
    run: Run, framework: Framework, subject: Subject, outcomes: Mapping[str, Outcome], facts: Iterable[Fact]
) -> Explained:
    """What is public of a run and subject: nodes that gave something, in the order of computation."""
    ordered = {name: outcomes[name] for name in framework.order() if name in outcomes and has_content(outcomes[name])}
    known = {fact.indicator: fact for fact in facts if fact.known_with(run.input_version)}
    return Explained(run, framework, subject, ordered, known)


def add_explanation(system: System, said: Explained) -> dict[str, int]:
    """Cells and relations of an explanation; the number of each node's cell."""
    numbers, results = {}, said.results()
    for fact in said.read().values():
        system.show(fact)
    for place, (name, row) in enumerate(said.outcomes.items()):
        own, can_be = said.fact_of(name), possible(said.framework, name)
        if own is not None and isinstance(said.framework.nodes[name], MeasureNode) and system.code(own) is not None:
            can_be = system.span(own)
        secret = own is not None and system.is_secret(own)
        rank = (2, place) if name in results else (0, own.n or inf) if own else (1, place)
        cell = Cell(quantity(said.framework, row), can_be, openness(can_be) if secret else None, rank)
        numbers[name] = system.number((said.run.number, said.subject, name), cell)
        if own is not None:
            _show(system, system.fact(own), numbers[name], said.framework, name)
    system.relations += [rule.relation(numbers) for rule in rules(said.framework, said.outcomes, system.unlike)]
    _hide_results_of_few(system, said, numbers)
    return numbers


def _show(system: System, fact: int, node: int, framework: Framework, name: str) -> None:
    """A node shows a fact: both are hidden, or none."""
    system.tie((fact, node))
    if isinstance(framework.nodes[name], MeasureNode):
        system.relations.append(Relation({node: 1, fact: -1}))
    else:
        system.relations.append(Relation({node: next(system.unlike), fact: next(system.unlike)}, -inf, inf))


def _hide_results_of_few(system: System, said: Explained, numbers: Mapping[str, int]) -> None:
    """A result of nearly nothing but hidden figures is hidden with them."""
    behind = {fact for name in said.outcomes if (fact := said.fact_of(name)) is not None}
    secret = {fact for fact in behind if system.is_secret(fact)}
    if secret and len(behind - secret) < FEW:
        system.first |= {numbers[name] for name in said.results()}


def add_past(system: System, publication: Publication, said: Explained, numbers: Mapping[str, int]) -> None:
    """What was hidden of a publication stays hidden, and what was shown stays shown."""
    hidden = publication.hidden or {"nodes": {}, "attributes": []}
    for name, cell in numbers.items():
        (system.first if name in hidden["nodes"] else system.shown).add(cell)
    by_nodes, codes = {said.fact_of(name) for name in said.outcomes}, hidden.get("indicators", hidden["attributes"])
    for code, fact in said.read().items():
        if fact not in by_nodes:
            (system.first if code in codes or system.is_secret(fact) else system.shown).add(system.fact(fact))


def add_groups(system: System, said: Explained, facts: Iterable[Fact]) -> None:
    """Groups or levels that together are the whole school: what is not among them is a group too."""
    sets = system.policy.adding_up or (tuple(said.framework.student_groups),)
    known = [fact for fact in facts if fact.known_with(said.run.input_version)]
    by_key = {(fact.indicator, fact.subject.student_group): fact for fact in known}
    for indicator in (*said.framework.indicators, *said.framework.attributes):
        whole = by_key.get((indicator, WHOLE))
        for groups in sets if whole else ():
            parts = [by_key[indicator, group] for group in groups if group != WHOLE and (indicator, group) in by_key]
            _add_sum(system, whole, parts)


def add_members(system: System, run: Run, whole: Iterable[Fact], members: Iterable[Fact]) -> None:
    """Schools that together are a district or operator which is measured itself."""
    parts: dict[tuple[str, str], list[Fact]] = {}
    for fact in members:
        if fact.known_with(run.input_version):
            parts.setdefault((fact.indicator, fact.subject.student_group), []).append(fact)
    for fact in whole:
        if fact.known_with(run.input_version):
            _add_sum(system, fact, parts.get((fact.indicator, fact.subject.student_group), []))


def _add_sum(system: System, whole: Fact | None, parts: list[Fact]) -> None:
    """The whole is the mean of its parts and of the rest, weighted by their students."""
    counted = [fact for fact in parts if fact.n and fact.value is not None]
    if whole is None or not whole.n or whole.value is None or not counted:
        return
    rest = whole.n - sum(fact.n or 0 for fact in counted)
    if rest < 0:
        return  # they overlap: nothing adds up
    terms = {system.fact(whole): float(whole.n)} | {system.fact(fact): -float(fact.n or 0) for fact in counted}
    said = sum(times * system.cells[cell].value for cell, times in terms.items())
    if rest:
        terms[_rest(system, whole, parts, rest, said / rest)] = -float(rest)
        said = 0
    system.relations.append(Relation(terms, said, said))


def _rest(system: System, whole: Fact, parts: list[Fact], n: int, value: float) -> int:
    """The cell of those students of a whole that are in none of the parts. Nobody ever shows it."""
    small = system.policy.is_small(n)
    cell = system.number(
        ("rest", whole[:4], *(part[:4] for part in parts)), Cell(value, Span(-inf, inf), 0 if small else None)
    )
    system.first.add(cell)
    return cell


def add_rollups(
    system: System,
    said: Explained,
    others: Mapping[Subject, Mapping[str, int]],
    named: Mapping[Subject, Mapping[str, Fact]],
) -> None:
    """Nodes that put together what the members of a subject gave: whoever knows all but one knows the last."""
    own = system.numbers
    for name in said.outcomes:
        node = said.framework.nodes[name]
        if not isinstance(node, RollupNode):
            continue
        members = [
            subject
            for subject, facts in named.items()
            if (fact := facts.get(node.members)) is not None and fact.category == str(said.subject.school_id)
        ]
        cells = [others[member][node.of] for member in members if node.of in others.get(member, {})]
        cells.append(own[said.run.number, said.subject, name])
        system.relations.append(Relation({cell: next(system.unlike) for cell in cells}, -inf, inf))


def school_facts(facts: Iterable[Fact], school: UUID) -> list[Fact]:
    """The facts of a school, of all its groups."""
    return [fact for fact in facts if fact.subject.school_id == school]
