"""Whether a waiver sets a rule aside for a school on a date: the chain from which that follows. Pure.

A waiver dies with its agreement, with the labor contract that it amends, and when its rule is repealed or renumbered.
None of that is written down when it happens: it is derived from what each of them is on the date.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from registry.agreements.dossier import Dossier
from registry.agreements.standing import Standing, standing
from registry.autonomies.answers import Approved, Chain, Link, WaiverCheck
from registry.autonomies.schemas import AutonomyView, RuleView, WaiverView
from registry.instruments.document import Decision, Instrument, NeverWaived
from registry.votes.tables import Act

GRANTING: tuple[Decision, ...] = ("establish", "join", "amend", "renew")


@dataclass(frozen=True)
class Holding:
    """An agreement on the date: its standing, and the schools that it covers."""

    dossier: Dossier
    standing: Standing
    schools: frozenset[UUID]

    @classmethod
    def on(cls, dossier: Dossier, day: date) -> "Holding":
        """What `dossier` comes to on `day`."""
        return cls(dossier, standing(dossier, day), frozenset(dossier.schools_on(day)))


@dataclass(frozen=True)
class Law:
    """Everything on which waivers rest on one date: the waivers, the rules, and the agreements."""

    day: date
    waivers: Sequence[WaiverView]
    rules: Mapping[UUID, RuleView]
    agreements: Mapping[UUID, Holding]

    def chains(self, school_id: UUID, rule: RuleView) -> list[Chain]:
        """The waivers that name the rule, or one that became it, or its layer; those that hold first."""
        found = [self.chain(waiver, rule, school_id) for waiver in self.waivers if self._concerns(waiver, rule)]
        return sorted(found, key=lambda chain: not chain.holds)

    def waiving(self, rule: RuleView) -> list[WaiverView]:
        """The waivers that set the rule aside at the schools in their scope."""
        return [waiver for waiver in self.waivers if self._concerns(waiver, rule) and self._stands(waiver, rule)]

    def in_scope(self, waiver: WaiverView, school_id: UUID) -> bool:
        """True if the waiver is for the school on the date."""
        if school_id not in self.agreements[waiver.agreement_id].schools:
            return False
        return covers(waiver, self.day) and (not waiver.school_ids or school_id in waiver.school_ids)

    def chain(self, waiver: WaiverView, asked: RuleView, school_id: UUID) -> Chain:
        """Everything that must hold for `waiver` to set the rule aside."""
        held = self.agreements[waiver.agreement_id]
        links = [self._scope(waiver, school_id), *self.grounds(waiver, asked)]
        told = waiver.model_dump(include=set(Chain.model_fields))
        title = held.dossier.agreement.title
        approvals = list(_approvals(held.dossier, school_id))
        return Chain(waiver_id=waiver.id, agreement=title, links=links, approvals=approvals, **told)

    def grounds(self, waiver: WaiverView, asked: RuleView) -> list[Link]:
        """What must hold wherever the waiver is used."""
        rule = self.rules[waiver.rule_id] if waiver.rule_id else asked
        instrument = self.agreements[waiver.agreement_id].dossier.instrument
        return [self.parent(waiver), self._rule(rule, asked), self._waivable(waiver, rule, instrument)]

    def parent(self, waiver: WaiverView) -> Link:
        """Whether the agreement is in force; in holdover it still is."""
        dossier, now = self.agreements[waiver.agreement_id].dossier, self.agreements[waiver.agreement_id].standing
        says = now.because
        if dossier.latest("execute") is None:
            says = f"Its agreement was not executed by {self.day}: it is {now.status}."
        elif not now.in_force:
            says = f"Its agreement is {now.status} since {now.since}, and the waiver fell with it. {now.because}"
        return Link(of="agreement", holds=now.in_force, says=says, source=str(dossier.instrument))

    def _stands(self, waiver: WaiverView, asked: RuleView) -> bool:
        return covers(asked, self.day) and all(link.holds for link in self.grounds(waiver, asked))

    def _scope(self, waiver: WaiverView, school_id: UUID) -> Link:
        if self.in_scope(waiver, school_id):
            return Link(of="waiver", holds=True, says=f"Granted {_span(waiver)}.", source=waiver.clause)
        says = f"On {self.day} the agreement does not cover the school."
        if not covers(waiver, self.day):
            says = f"The waiver holds {_span(waiver)}."
        elif waiver.school_ids and school_id not in waiver.school_ids:
            says = "The waiver names other schools of the agreement."
        return Link(of="waiver", holds=False, says=says, source=waiver.clause)

    def _rule(self, rule: RuleView, asked: RuleView) -> Link:
        contract = self.agreements[rule.agreement_id] if rule.agreement_id else None
        holds, says = False, f"{rule.citation} is in force."
        if not covers(rule, self.day):
            says = f"{rule.citation} {out_of_force(rule, self.day, self.rules)}"
        elif rule.id != asked.id:
            says = f"What is waived is {rule.citation}, not yet {asked.citation}: a waiver of that is granted anew."
        elif contract is not None and not contract.standing.in_force:
            says = f"The labor contract of {rule.citation} is not in force: {contract.standing.because}"
        else:
            holds = True
        return Link(of="rule", holds=holds, says=says, source=rule.source)

    def _waivable(self, waiver: WaiverView, rule: RuleView, instrument: Instrument) -> Link:
        citation = never_waived(rule, instrument)
        excepted = next((each.citation for each in waiver.exceptions if each.rule_id == rule.id), None)
        if citation is not None:
            return Link(of="waivable", holds=False, says=f"{rule.citation} can never be waived.", source=citation)
        if excepted is not None:
            says = f"{rule.citation} is an exception from the blanket waiver."
            return Link(of="waivable", holds=False, says=says, source=excepted)
        says = f"{rule.citation} can be waived, {waiver.kind}."
        return Link(of="waivable", holds=True, says=says, source=instrument.grants.citation)

    def _concerns(self, waiver: WaiverView, rule: RuleView) -> bool:
        if waiver.rule_id is None:
            return rule.layer in waiver.layers
        return waiver.rule_id == rule.id or self.rules[waiver.rule_id].successor_id == rule.id


def covers(said: RuleView | WaiverView | AutonomyView, day: date) -> bool:
    """True if `day` lies inside the period."""
    return said.valid_from <= day and (said.valid_to is None or day < said.valid_to)


def out_of_force(rule: RuleView, day: date, rules: Mapping[UUID, RuleView]) -> str:
    """In words, why a rule is not in force on `day`."""
    if day < rule.valid_from:
        return f"is in force only from {rule.valid_from}."
    if rule.successor_id is None:
        return f"was repealed on {rule.valid_to}."
    became = rules[rule.successor_id].citation if rule.successor_id in rules else str(rule.successor_id)
    return f"was renumbered on {rule.valid_to} as {became}: a waiver of that is granted anew."


def never_waived(rule: RuleView, instrument: Instrument) -> str | None:
    """The citation by which the rule can never be waived under this kind of agreement; None if it can."""
    names = {name.casefold() for name in (rule.citation, rule.title, *rule.part_of)}
    listed: list[NeverWaived] = instrument.grants.never_waived
    return rule.never_waived_by or next((each.citation for each in listed if each.rule.casefold() in names), None)


def _span(waiver: WaiverView) -> str:
    return f"from {waiver.valid_from} until {waiver.valid_to or 'further notice'}"


def _approvals(dossier: Dossier, school_id: UUID) -> Iterator[Approved]:
    for row in dossier.approvals:
        decision = next((each for each in GRANTING if each == row.decision), None)
        steps = (dossier.instrument.steps(decision) or []) if decision else []
        step = next((step for step in steps if step.id == row.step), None)
        if step is None or row.school_id not in (None, school_id):
            continue
        says = row.outcome if isinstance(row, Act) else f"{row.yes} yes of {row.cast} cast, {row.eligible} eligible"
        yield Approved(title=step.title, body=step.body, decided_on=row.decided_on, says=says, evidence=row.evidence)


def checked(law: Law, rule: RuleView, school_id: UUID, known_at: datetime | None) -> WaiverCheck:
    """The answer to "is the rule waived for the school on the date, and by what?"."""
    chains = law.chains(school_id, rule)
    by = chains[0] if chains and chains[0].holds and covers(rule, law.day) else None
    return WaiverCheck(
        school_id=school_id,
        rule=rule,
        as_of=law.day,
        known_at=known_at,
        waived=by is not None,
        because=_because(law, rule, chains, by),
        by=by,
        others=[chain for chain in chains if chain is not by],
    )


def _because(law: Law, rule: RuleView, chains: Sequence[Chain], by: Chain | None) -> str:
    if by is not None:
        return f"{rule.citation} is waived by {by.clause} of {by.agreement!r}. {by.links[1].says}"
    if not covers(rule, law.day):
        return f"{rule.citation} {out_of_force(rule, law.day, law.rules)}"
    if not chains:
        return f"No waiver names {rule.citation} for the school."
    return " ".join(dict.fromkeys(link.says for chain in chains for link in chain.links if not link.holds))
