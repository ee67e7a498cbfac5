"""Schools review what a run gave, ask for corrections, and only then is it published."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from tests.accountability.lives import (
    DISTRICT,
    FORMER_OPERATOR,
    ONE,
    OPERATOR,
    OTHER_DISTRICT,
    OTHER_OPERATOR,
    STATE,
    TWO,
    VENDOR,
    Lives,
)


async def reviewed(lives: Lives, organization: Any, review_id: str) -> Any:
    """The schools that an organization sees in a review; the status if it sees none of it."""
    answer = await lives.by(organization).get(f"/v1/reviews/{review_id}/ratings")
    return {item["schoolId"] for item in answer.json()["items"]} if answer.status_code == 200 else answer.status_code


async def test_in_the_window_a_school_is_seen_by_its_operator_its_district_and_the_steward_alone(lives: Lives) -> None:
    review = (await (await lives.life()).open("review"))["id"]
    assert await reviewed(lives, OPERATOR, review) == {str(ONE)}
    assert await reviewed(lives, OTHER_OPERATOR, review) == {str(TWO)}
    assert await reviewed(lives, DISTRICT, review) == await reviewed(lives, STATE, review) == {str(ONE), str(TWO)}
    assert [await reviewed(lives, each, review) for each in (FORMER_OPERATOR, OTHER_DISTRICT, VENDOR)] == [404] * 3


@pytest.mark.parametrize(
    ("now", "seen"),
    [
        (datetime(2019, 10, 1, 4, 59, tzinfo=UTC), 404),
        (datetime(2019, 10, 1, 5, 0, tzinfo=UTC), {str(ONE)}),
        (datetime(2019, 11, 1, 4, 59, tzinfo=UTC), {str(ONE)}),
        (datetime(2019, 11, 1, 5, 0, tzinfo=UTC), 404),
    ],
    ids=["the evening before", "midnight in Chicago", "the last minute", "the first day after"],
)
async def test_the_window_is_of_the_districts_days_and_half_open(lives: Lives, now: datetime, seen: Any) -> None:
    review = (await (await lives.life()).open("review"))["id"]
    lives.at(now)
    assert await reviewed(lives, OPERATOR, review) == seen


async def test_a_school_sees_every_step_of_its_own_staged_rating_and_none_of_anothers(lives: Lives) -> None:
    life = await lives.life()
    url = f"/v1/reviews/{(await life.open('review'))['id']}/ratings"
    own = (await lives.by(OPERATOR).get(f"{url}/{ONE}/explanation")).json()
    foreign = await lives.by(OPERATOR).get(f"{url}/{TWO}/explanation")
    assert (own["rating"]["rating"], own["rating"]["score"]) == ("D", 40)
    assert [step["node"] for step in own["outcomes"]] == ["score", "rating"]
    assert foreign.status_code == 404


async def test_an_accepted_correction_is_appended_and_the_next_run_knows_it(lives: Lives) -> None:
    life = await lives.life()
    request = await life.ask((await life.open("review"))["id"])
    decided = await life.decide_request(request, "accepted")
    lives.at(datetime(2019, 11, 2, tzinfo=UTC))
    stale = await life.publish()
    await life.run()
    published = await life.publish()
    known = (await lives.by(STATE).get("/v1/measures", params={"schoolId": str(ONE)})).json()["items"]
    mine = [(row["value"], row["n"], row["source"]) for row in known if row["indicator"] == life.indicator]
    assert mine == [(60, 100, f"Correction request {request.json()['id']}, accepted")]
    assert decided.json()["importNumber"] is not None
    assert (stale.status_code, stale.json()["notInRun"], published.status_code) == (409, 1, 200)
    assert (await life.rating())["rating"] == "C"


async def test_what_was_measured_before_a_correction_is_still_known_as_of_then(lives: Lives) -> None:
    life = await lives.life()
    before = datetime.now(UTC).isoformat()
    request = await life.ask((await life.open("review"))["id"])
    await life.decide_request(request, "accepted")
    params = {"schoolId": str(ONE), "knownAt": before}
    known = (await lives.by(STATE).get("/v1/measures", params=params)).json()["items"]
    assert [row["value"] for row in known if row["indicator"] == life.indicator] == [40]


async def test_a_denied_correction_changes_nothing_and_says_why(lives: Lives) -> None:
    life = await lives.life()
    request = await life.ask((await life.open("review"))["id"])
    denied = (await life.decide_request(request, "denied")).json()
    again = await life.decide_request(request, "accepted")
    lives.at(datetime(2019, 11, 2, tzinfo=UTC))
    await life.publish()
    assert (denied["decision"], denied["decisionReason"]) == ("denied", "The sheets were looked at.")
    assert (denied["importNumber"], again.status_code) == (None, 412)
    assert (await life.rating())["rating"] == "D"


async def test_nothing_is_published_while_it_is_reviewed_or_while_a_request_is_undecided(lives: Lives) -> None:
    life = await lives.life()
    await life.ask((await life.open("review"))["id"])
    reviewing = await life.publish()
    lives.at(datetime(2019, 11, 2, tzinfo=UTC))
    undecided = await life.publish()
    await life.run()
    by_another_run = await life.publish()
    assert (reviewing.status_code, reviewing.json()["presentStage"]) == (409, "school-review")
    assert (undecided.status_code, undecided.json()["open"], by_another_run.status_code) == (409, 1, 409)


async def test_who_asks_for_a_correction_does_not_decide_it(lives: Lives) -> None:
    life = await lives.life()
    review = await life.open("review")
    request = await life.ask(review["id"], by=DISTRICT)
    decided = [(await life.decide_request(request, "accepted", by)).status_code for by in (DISTRICT, VENDOR, OPERATOR)]
    by_state = await life.ask(review["id"], by=STATE)
    assert decided == [403, 404, 404]
    assert (by_state.status_code, by_state.json()["errors"][0]["field"]) == (422, "schoolId")


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"schoolId": str(TWO)}, "schoolId", "unknown"),
        ({"schoolId": str(UUID(int=77))}, "schoolId", "unknown"),
        ({"indicator": "enrollment"}, "indicator", "unknown"),
        ({"value": None, "category": "Good"}, "category", "a-number"),
        ({"value": None}, "body", "value_error"),
    ],
    ids=["a foreign school", "no school", "no indicator of the framework", "a word for a number", "nothing claimed"],
)
async def test_a_request_names_an_own_school_and_a_possible_figure(
    lives: Lives, changes: dict[str, Any], field: str, rule: str
) -> None:
    life = await lives.life()
    answer = await life.ask((await life.open("review"))["id"], **changes)
    error = answer.json()["errors"][0]
    assert (answer.status_code, error["field"], error["rule"]) == (422, field, rule)


async def test_the_same_request_sent_again_is_one_request(lives: Lives) -> None:
    life = await lives.life()
    review = await life.open("review")
    lives.by(OPERATOR).headers["Idempotency-Key"] = life.name
    first, second = await life.ask(review["id"]), await life.ask(review["id"])
    del lives.by(OPERATOR).headers["Idempotency-Key"]
    assert first.json() == second.json()


async def test_a_window_that_holds_no_day_is_refused(lives: Lives) -> None:
    life = await lives.life()
    body = {"purpose": "review", "opensOn": "2019-10-01", "closesOn": "2019-10-01", "timeZone": "Mars/Olympus"}
    answer = await lives.by(STATE).post(f"/v1/runs/{life.run_id}/windows", json=body)
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, ["body.timeZone"])


async def test_provisional_becomes_official_without_a_reason_and_each_is_a_revision(lives: Lives) -> None:
    life = await lives.life()
    first, second, third = [(await life.publish(state)).json() for state in ("provisional", "official", "official")]
    back = await life.publish("provisional")
    rating = await life.rating()
    states = [(each["state"], each["superseded"]) for each in await life.revisions(rating["id"])]
    assert [each["published"] for each in (first, second)] == [2, 2]
    assert third == {"published": 0, "revised": 0, "unchanged": 2}
    assert states == [("provisional", True), ("official", False)]
    assert (back.status_code, back.json()["presentStage"]) == (409, "official")
