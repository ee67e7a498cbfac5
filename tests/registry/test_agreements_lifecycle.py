"""The life of an agreement, as properties: nothing comes into force unapproved, and dates alone keep their promises."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
from contracts.vocabulary import AgreementStatus
from hypothesis import given
from hypothesis import strategies as st
from kit.documents import parse_document
from kit.errors import Refused
from registry.agreements.dossier import Dossier
from registry.agreements.judgement import judge, settle
from registry.agreements.lifecycle import IN_FORCE, MOVES, OutOfOrder, status_on, timeline
from registry.agreements.schemas import MoveName
from registry.agreements.tables import Agreement, AgreementSchool, AgreementText, AgreementTransition
from registry.instruments.document import Instrument, VoteStep
from registry.votes.tables import Act, Vote
from sqlalchemy.dialects.postgresql import Range

from tests.registry.journeys import INSTRUMENTS

DAY = date(2020, 1, 1)
NOON = datetime(2020, 1, 1, 12, tzinfo=UTC)
SCHOOLS = [uuid4(), uuid4()]
KINDS = ["co-innovation-zone-plan", "ga-charter-system-contract", "ma-innovation-school-plan", "ca-la-pilot-mou"]
STRAIGHT = ["submit", "approve-locally", "send-to-state", "approve-by-state", "execute"]
MAKING = [name for name, move in MOVES.items() if move.decision == "establish"] + ["return", "return-by-state"]


def instrument(name: str) -> Instrument:
    return parse_document((INSTRUMENTS / f"{name}.yaml").read_bytes(), Instrument)


def taken(number: int, name: str, day: date, **more: Any) -> AgreementTransition:
    facts = {"authority": "board", "evidence": "minutes", "reason": "because", "actor": "test", "recorded_at": NOON}
    return AgreementTransition(number=number, name=name, effective_on=day, **facts | more)


def approvals(kind: Instrument, given_to: dict[tuple[str, UUID | None], bool]) -> list[Vote | Act]:
    """A vote or act for each answer: True approves with the votes of all, False with one yes too few."""
    found: list[Vote | Act] = []
    for step in kind.approvals["establish"]:
        for school in SCHOOLS if step.per_school else [None]:
            answer = given_to.get((step.id, school))
            about = {"decision": "establish", "step": step.id, "text_number": 1, "school_id": school}
            if answer is None:
                continue
            if isinstance(step, VoteStep):
                counted = {"eligible": 20, "cast": 20, "yes": 20 if answer else 10, "no": 0, "abstain": 0}
                found.append(Vote(**about, **counted, secret=True, held_on=DAY, recorded_at=NOON))
            else:
                outcome = "approved" if answer else "denied"
                found.append(Act(**about, outcome=outcome, reasons="because", decided_on=DAY, recorded_at=NOON))
    return found


def dossier(kind: Instrument, decided: list[Vote | Act]) -> Dossier:
    return Dossier(
        agreement=Agreement(effective_from=None, term_to=date(2023, 7, 1), title="x"),
        instrument=kind,
        parent=None,
        parties=[],
        schools=[AgreementSchool(school_id=school, during=Range(None, None)) for school in SCHOOLS],
        texts=[AgreementText(number=1)],
        transitions=[],
        notices=[],
        approvals=decided,
    )


def asked(kind: Instrument) -> list[tuple[str, UUID | None]]:
    """Every binding approval that establishing needs."""
    steps = [step for step in kind.approvals["establish"] if step.binding]
    return [(step.id, school) for step in steps for school in (SCHOOLS if step.per_school else [None])]


@st.composite
def walks(draw: st.DrawFn) -> tuple[Instrument, dict[tuple[str, UUID | None], bool], list[str]]:
    kind = instrument(draw(st.sampled_from(KINDS)))
    withheld = draw(st.sets(st.sampled_from(asked(kind)), max_size=2))
    given_to = {key: key not in withheld for key in asked(kind) if key not in withheld or draw(st.booleans())}
    astray = st.lists(st.sampled_from(MAKING), max_size=6)
    return kind, given_to, [name for straight in STRAIGHT for name in (*draw(astray), straight)]


def walk(start: Dossier, names: list[str]) -> Dossier:
    """Try each step in turn; those that are refused leave no trace."""
    steps: list[AgreementTransition] = []
    for name in names:
        now = Dossier(**vars(start) | {"transitions": list(steps)})
        step = taken(len(steps) + 1, name, DAY + timedelta(days=len(steps) + 1))
        try:
            judge(now, settle(now, step), date(2020, 6, 1))
        except Refused:
            continue
        steps.append(step)
    return Dossier(**vars(start) | {"transitions": steps})


@given(walks())
def test_no_path_comes_into_force_without_every_binding_approval(
    walked: tuple[Instrument, dict[tuple[str, UUID | None], bool], list[str]],
) -> None:
    kind, given_to, names = walked
    ended = walk(dossier(kind, approvals(kind, given_to)), names)
    if any(piece.value in IN_FORCE for piece in ended.statuses()):
        assert all(given_to.get(key) is True for key in asked(kind))


@pytest.mark.parametrize("name", KINDS)
def test_with_every_approval_the_straight_path_comes_into_force(name: str) -> None:
    kind = instrument(name)
    ended = walk(dossier(kind, approvals(kind, dict.fromkeys(asked(kind), True))), STRAIGHT)
    assert any(piece.value in IN_FORCE for piece in ended.statuses())


@pytest.mark.parametrize("name", KINDS)
def test_with_any_one_approval_absent_or_refused_the_straight_path_does_not(name: str) -> None:
    kind = instrument(name)
    approved = dict.fromkeys(asked(kind), True)
    for key in asked(kind):
        absent, refused = {other: True for other in asked(kind) if other != key}, approved | {key: False}
        for given_to in (absent, refused):
            ended = walk(dossier(kind, approvals(kind, given_to)), STRAIGHT)
            assert not any(piece.value in IN_FORCE for piece in ended.statuses()), key


@st.composite
def lives(draw: st.DrawFn) -> list[AgreementTransition]:
    """A life that the table allows: at each step one of the possible moves, some days later."""
    steps = [
        taken(1, "submit", DAY),
        taken(2, "approve-locally", DAY + timedelta(days=10)),
        taken(3, "execute", DAY + timedelta(days=20), effective_from=date(2020, 7, 1), term_to=date(2022, 7, 1)),
    ]
    day = DAY + timedelta(days=20)
    for _ in range(draw(st.integers(0, 12))):
        day += timedelta(days=draw(st.integers(0, 300)))
        step = taken(len(steps) + 1, draw(st.sampled_from(sorted(MOVES))), day)
        step.effective_from = date(2020, 7, 1)
        step.term_to = day + timedelta(days=draw(st.integers(1, 900)))
        try:
            timeline([*steps, step], "holdover")
        except OutOfOrder:
            continue
        steps.append(step)
    return steps


@given(lives())
def test_statuses_follow_each_other_without_gap_and_each_differs_from_the_last(
    steps: list[AgreementTransition],
) -> None:
    pieces = timeline(steps, "holdover")
    assert pieces[0].start == DAY
    assert pieces[-1].end is None
    assert all(first.end == second.start for first, second in pairwise(pieces))
    assert all(first.value != second.value for first, second in pairwise(pieces))


@given(lives())
def test_in_the_order_of_their_days_however_they_were_recorded(steps: list[AgreementTransition]) -> None:
    assert timeline(list(reversed(steps)), "holdover") == timeline(steps, "holdover")


@given(lives())
def test_after_the_term_nothing_is_simply_active(steps: list[AgreementTransition]) -> None:
    pieces = timeline(steps, "holdover")
    last_term = max(step.term_to for step in steps if step.term_to and step.name in ("execute", "renew"))
    standing = status_on(pieces, max(last_term, steps[-1].effective_on) + timedelta(days=1))
    assert standing is not None
    assert standing.value not in {"active", "renewal-review"}


@given(lives())
def test_what_is_over_stays_over(steps: list[AgreementTransition]) -> None:
    pieces = timeline(steps, "holdover")
    over = {"revoked", "terminated", "superseded", "expired"}
    ended = [index for index, piece in enumerate(pieces) if piece.value in over]
    assert ended in ([], [len(pieces) - 1])


def test_an_agreement_may_hold_from_before_it_was_executed() -> None:
    steps = [
        taken(1, "submit", date(2020, 5, 1)),
        taken(2, "approve-locally", date(2020, 7, 10)),
        taken(3, "execute", date(2020, 7, 17), effective_from=date(2020, 7, 1), term_to=date(2021, 7, 1)),
    ]
    spans = [(piece.value, piece.start) for piece in timeline(steps, "lapse")]
    assert spans == [("submitted", date(2020, 5, 1)), ("active", date(2020, 7, 1)), ("lapsed", date(2021, 7, 1))]


def test_a_revocation_under_way_outlives_the_term_where_rights_hold_over() -> None:
    steps = [
        taken(1, "submit", date(2020, 5, 1)),
        taken(2, "approve-locally", date(2020, 5, 2)),
        taken(3, "execute", date(2020, 5, 3), effective_from=date(2020, 7, 1), term_to=date(2021, 7, 1)),
        taken(4, "notice-revocation", date(2021, 6, 1)),
    ]
    held, lapsed = timeline(steps, "holdover"), timeline(steps, "lapse")
    assert (held[-1].value, lapsed[-1].value) == ("revocation-noticed", "lapsed")


def test_every_move_of_the_api_is_in_the_table_and_every_status_in_the_contract() -> None:
    with_routes_of_their_own = {
        "propose-amendment",
        "adopt-amendment",
        "reject-amendment",
        "join-school",
        "exit-school",
    }
    assert set(get_args(MoveName)) | with_routes_of_their_own == set(MOVES)


def test_the_contract_knows_every_status_that_an_executed_agreement_can_have() -> None:
    by_steps = {move.target for move in MOVES.values() if move.target and move.sources & (IN_FORCE | {"lapsed"})}
    by_date = {"active", "holdover", "lapsed", "expired"}
    assert set(get_args(AgreementStatus)) == by_steps | by_date | {"executed"}
