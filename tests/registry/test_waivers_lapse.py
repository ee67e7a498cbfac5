"""A waiver holds exactly while it, its rule and its agreement hold, whatever their dates are."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st
from kit.documents import parse_document
from kit.periods import period
from registry.agreements.dossier import Dossier
from registry.agreements.tables import Agreement, AgreementSchool, AgreementTransition
from registry.autonomies.schemas import RuleView, WaiverView
from registry.autonomies.waiving import Holding, Law
from registry.instruments.document import Instrument

from tests.registry.journeys import INSTRUMENTS

SCHOOL = uuid4()
KINDS = {
    name: parse_document((INSTRUMENTS / f"{name}.yaml").read_bytes(), Instrument)
    for name in ("ca-la-pilot-mou", "in-innovation-network-agreement")
}
"""One that goes on after its term, one that lapses."""
DAY = date(2022, 1, 1)
"""The day that is asked about; the periods lie around it, as often as not on its very edge."""


@st.composite
def spans(draw: Any) -> tuple[date, date | None]:
    """A period that covers the day, more often than it ended before or is still to come."""
    before = draw(st.sampled_from([0, 1, 400]) | st.integers(0, 700))
    after = draw(st.sampled_from([1, 2, 400]) | st.integers(1, 700))
    shift = draw(st.sampled_from([0, 0, 0, -after, before + 1]))
    moved = DAY + timedelta(days=shift)
    end = moved + timedelta(days=after)
    return moved - timedelta(days=before), draw(st.just(end) | st.just(None if shift >= 0 else end))


def executed(kind: Instrument, start: date, end: date | None) -> Dossier:
    """An agreement that takes effect on `start` and whose term ends before `end`."""
    steps = [("submit", start), ("approve-locally", start), ("execute", start)]
    transitions = [
        AgreementTransition(number=number, name=name, effective_on=on, effective_from=start, term_to=end)
        for number, (name, on) in enumerate(steps, start=1)
    ]
    coverage = AgreementSchool(school_id=SCHOOL, during=period(start, None))
    agreement = Agreement(id=uuid4(), title="the agreement")
    return Dossier(agreement, kind, None, [], [coverage], [], transitions, [], [])


def rule_during(start: date, end: date | None) -> RuleView:
    said = {"layer": "statute", "citation": "the rule", "title": "the rule", "source": "the code"}
    return RuleView.model_validate(said | {"id": uuid4(), "version": 1, "valid_from": start, "valid_to": end})


def waiver_during(start: date, end: date | None, **more: Any) -> WaiverView:
    said = {"kind": "enumerated", "clause": "c", "replacement_plan": "p", "approver": "a", "id": uuid4(), "version": 1}
    return WaiverView.model_validate(said | {"valid_from": start, "valid_to": end} | more)


def inside(span: tuple[date, date | None], day: date) -> bool:
    return span[0] <= day and (span[1] is None or day < span[1])


@given(st.sampled_from(sorted(KINDS)), spans(), spans(), spans())
def test_a_waiver_holds_exactly_while_all_that_it_stands_on_holds(
    kind: str,
    agreed: tuple[date, date | None],
    granted: tuple[date, date | None],
    bound: tuple[date, date | None],
) -> None:
    dossier, rule = executed(KINDS[kind], *agreed), rule_during(*bound)
    waiver = waiver_during(*granted, agreement_id=dossier.agreement.id, rule_id=rule.id)
    law = Law(DAY, [waiver], {rule.id: rule}, {dossier.agreement.id: Holding.on(dossier, DAY)})
    goes_on = KINDS[kind].term.when_it_passes == "holdover"
    in_force = inside((agreed[0], None) if goes_on else agreed, DAY)
    expected = in_force and inside(granted, DAY) and inside(bound, DAY)
    [chain] = law.chains(SCHOOL, rule)
    listed = any(law.in_scope(each, SCHOOL) for each in law.waiving(rule))
    assert (chain.holds, listed) == (expected, expected)


@given(spans(), spans())
def test_the_waiver_of_a_rule_is_never_one_of_what_the_rule_became(
    bound: tuple[date, date | None], following: tuple[date, date | None]
) -> None:
    dossier, successor = executed(KINDS["ca-la-pilot-mou"], date(2019, 7, 1), None), rule_during(*following)
    rule = rule_during(*bound).model_copy(update={"successor_id": successor.id})
    waiver = waiver_during(date(2019, 7, 1), None, agreement_id=dossier.agreement.id, rule_id=rule.id)
    rules = {each.id: each for each in (rule, successor)}
    law = Law(DAY, [waiver], rules, {dossier.agreement.id: Holding.on(dossier, DAY)})
    [chain] = law.chains(SCHOOL, successor)
    assert not chain.holds


@given(spans())
def test_what_does_not_hold_says_why(granted: tuple[date, date | None]) -> None:
    dossier, rule = executed(KINDS["ca-la-pilot-mou"], date(2019, 7, 1), None), rule_during(date(1990, 1, 1), None)
    waiver = waiver_during(*granted, agreement_id=dossier.agreement.id, rule_id=rule.id)
    law = Law(DAY, [waiver], {rule.id: rule}, {dossier.agreement.id: Holding.on(dossier, DAY)})
    [chain] = law.chains(SCHOOL, rule)
    failed = [link.of for link in chain.links if not link.holds]
    assert failed == ([] if inside(granted, DAY) else ["waiver"])
    assert all(link.says and link.source for link in chain.links)
