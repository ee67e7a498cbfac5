"""Votes: exact thresholds, results that are computed, and counts that cannot be."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from registry.votes.rules import Tally, count, needed

from tests.registry.conftest import Registry
from tests.registry.journeys import at, innovation_plan, zone_plan

FRACTIONS = st.tuples(st.integers(1, 999), st.integers(1, 999)).map(lambda two: f"{min(two)}/{max(two)}")
VOTERS = st.integers(1, 10_000)


@pytest.mark.parametrize(
    ("threshold", "voters", "expected"),
    [("3/5", 41, 25), ("2/3", 11, 8), ("67/100", 30, 21), ("2/3", 30, 20), ("majority", 12, 7), ("majority", 11, 6)],
)
def test_a_threshold_is_the_next_whole_vote(threshold: str, voters: int, expected: int) -> None:
    assert needed(threshold, voters) == expected


@given(FRACTIONS, VOTERS)
def test_a_fraction_needs_the_least_number_of_votes_that_reaches_it(threshold: str, voters: int) -> None:
    votes = needed(threshold, voters)
    assert Fraction(votes, voters) >= Fraction(threshold)
    assert votes == 1 or Fraction(votes - 1, voters) < Fraction(threshold)


@given(VOTERS)
def test_a_majority_is_more_than_half_and_not_one_more(voters: int) -> None:
    votes = needed("majority", voters)
    assert votes * 2 > voters >= (votes - 1) * 2


@given(FRACTIONS, VOTERS, st.data())
def test_one_more_yes_never_turns_a_passed_vote(threshold: str, eligible: int, data: st.DataObject) -> None:
    cast = data.draw(st.integers(1, eligible))
    yes = data.draw(st.integers(0, cast - 1))
    for base in ("of-eligible", "of-cast"):
        before = count(Tally(eligible, cast, yes, 0, 0), threshold, base)  # type: ignore[arg-type]
        after = count(Tally(eligible, cast, yes + 1, 0, 0), threshold, base)  # type: ignore[arg-type]
        assert after.passed or not before.passed


def test_sixty_percent_of_members_is_not_sixty_percent_of_the_votes_cast() -> None:
    tally = Tally(eligible=41, cast=30, yes=24, no=6, abstain=0)
    assert count(tally, "3/5", "of-eligible").verdict == "failed"
    assert count(tally, "3/5", "of-cast").verdict == "passed"


def test_a_body_of_nobody_does_not_consent() -> None:
    assert count(Tally(0, 0, 0, 0, 0), "majority", "of-eligible").verdict == "no-electorate"


def test_a_vote_in_which_nobody_voted_does_not_pass() -> None:
    assert not count(Tally(9, 0, 0, 0, 0), "1/2", "of-cast").passed


def test_a_tie_is_no_majority() -> None:
    assert count(Tally(10, 10, 5, 5, 0), "majority", "of-cast").verdict == "tied"


async def posted(registry: Registry, **body: Any) -> Any:
    journey, school = await innovation_plan(registry)
    said = {"step": "teachers", "schoolId": school, "heldOn": "2021-03-01", "evidence": "minutes"}
    return await journey.client.post(f"{journey.url}/votes", json=said | body)


async def test_a_vote_is_shown_with_its_computed_result_and_the_rule(registry: Registry) -> None:
    answer = await posted(registry, eligible=12, cast=12, yes=6, no=6)
    view = answer.json()
    assert (view["result"], view["needed"], view["threshold"]) == ("tied", 7, "majority")
    assert "22-32.5-104" in view["citation"]


async def test_a_count_that_cannot_be_is_refused_with_every_error(registry: Registry) -> None:
    answer = await posted(registry, eligible=10, cast=12, yes=9, no=4, opensOn="2021-03-02", closesOn="2021-03-05")
    assert answer.status_code == 422
    assert {error["rule"] for error in answer.json()["errors"]} == {"at-most-eligible", "at-most-cast", "in-window"}


async def test_a_vote_on_an_unknown_step_names_the_steps_there_are(registry: Registry) -> None:
    answer = await posted(registry, step="parents", eligible=1, cast=1, yes=1, no=0)
    assert answer.status_code == 422
    assert "administrators, teachers, accountability-committee" in answer.json()["errors"][0]["message"]


async def test_a_board_decision_cannot_be_recorded_as_a_vote(registry: Registry) -> None:
    answer = await posted(registry, step="local-board", schoolId=None, eligible=7, cast=7, yes=7, no=0)
    assert answer.json()["errors"][0]["rule"] == "other-kind"


async def test_the_same_vote_sent_again_under_its_key_is_recorded_once(registry: Registry) -> None:
    journey, school = await innovation_plan(registry)
    said = {"step": "teachers", "schoolId": school, "heldOn": "2021-03-01", "evidence": "minutes"}
    body, key = said | {"eligible": 9, "cast": 9, "yes": 9, "no": 0}, {"Idempotency-Key": "teachers-2021"}
    first = await journey.client.post(f"{journey.url}/votes", json=body, headers=key)
    again = await journey.client.post(f"{journey.url}/votes", json=body, headers=key)
    assert first.json() == again.json()
    assert len((await journey.show("/approvals"))["votes"]) == 1


async def test_a_corrected_vote_no_longer_counts(registry: Registry) -> None:
    journey, school = await innovation_plan(registry)
    wrong = await journey.vote("teachers", 12, 9, "2021-03-01", schoolId=school)
    right = await journey.vote("teachers", 12, 6, "2021-03-01", schoolId=school, corrects=wrong["id"])
    votes = (await journey.show("/approvals"))["votes"]
    assert [vote["id"] for vote in votes] == [right["id"]]


async def test_a_denial_carries_written_reasons(registry: Registry) -> None:
    journey, _ = await innovation_plan(registry)
    body = {"step": "local-board", "decidedOn": "2021-04-22", "outcome": "denied", "evidence": "minutes"}
    silent = await journey.client.post(f"{journey.url}/acts", json=body)
    reasoned = await journey.client.post(f"{journey.url}/acts", json=body | {"reasons": "No budget."})
    assert (silent.status_code, reasoned.status_code) == (422, 201)


async def test_a_board_that_voted_it_down_did_not_approve(registry: Registry) -> None:
    journey, _ = await innovation_plan(registry)
    body = {"step": "local-board", "decidedOn": "2021-04-22", "outcome": "approved", "evidence": "minutes"}
    answer = await journey.client.post(f"{journey.url}/acts", json=body | {"count": {"yes": 3, "no": 4}})
    assert answer.status_code == 422
    assert "3 yes and 4 no" in answer.text


async def test_an_advisory_vote_is_marked_and_decides_nothing(registry: Registry) -> None:
    """In Denver every voter was against a revocation that the board then decided 5 to 2."""
    at(registry, "2023-06-01")
    zone = await zone_plan(registry, "Green")
    [school] = [row["schoolId"] for row in (await zone.show())["schools"]]
    opinion = await zone.vote("staff", 40, 0, "2023-04-01", cast=40, decision="revoke", schoolId=school)
    await zone.act("local-board", "2023-04-10", decision="revoke", count={"yes": 5, "no": 2})
    await zone.move("notice-revocation", "2023-04-10", ground="insufficient-performance")
    revoked = await zone.move("revoke", "2023-06-30")
    assert (opinion["binding"], opinion["result"]) == (False, "failed")
    assert (await zone.show(asOf="2023-06-29"))["inForce"]
    assert (await zone.show(asOf="2023-06-30"))["status"] == "revoked"
    assert revoked["status"] == "revocation-noticed"


def test_a_vote_in_which_nobody_voted_failed_and_was_no_tie() -> None:
    assert count(Tally(10, 0, 0, 0, 0), "majority", "of-eligible").verdict == "failed"


async def test_what_has_not_happened_is_no_approval(registry: Registry) -> None:
    at(registry, "2021-03-01")
    plan, school = await innovation_plan(registry)
    counted = {"step": "teachers", "schoolId": school, "eligible": 9, "cast": 9, "yes": 9, "no": 0}
    vote = await plan.client.post(f"{plan.url}/votes", json=counted | {"heldOn": "2021-03-02", "evidence": "notice"})
    decided = {"step": "local-board", "outcome": "approved", "decidedOn": "2029-01-01", "evidence": "agenda"}
    act = await plan.client.post(f"{plan.url}/acts", json=decided)
    for answer, field in ((vote, "heldOn"), (act, "decidedOn")):
        assert answer.status_code == 422, answer.text
        assert [(error["field"], error["rule"]) for error in answer.json()["errors"]] == [(field, "future")]


async def test_a_corrected_vote_is_shown_as_it_was_known(registry: Registry) -> None:
    at(registry, "2021-03-02")
    plan, school = await innovation_plan(registry)
    wrong = await plan.vote("teachers", 12, 7, "2021-03-01", schoolId=school)
    at(registry, "2021-03-05")
    await plan.vote("teachers", 12, 6, "2021-03-01", schoolId=school, corrects=wrong["id"])
    before = await plan.show("/approvals", knownAt="2021-03-03T00:00:00Z")
    now = await plan.show("/approvals")
    assert [[vote["yes"] for vote in shown["votes"]] for shown in (before, now)] == [[7], [6]]
