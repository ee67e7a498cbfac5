"""Decisions keep what they relied on; when that is revised, they are flagged and never changed."""

from typing import Any
from uuid import UUID

import pytest
from contracts.accountability import DecisionChanged
from sqlalchemy import text

from tests.accountability.lives import (
    DISTRICT,
    ONE,
    OPERATOR,
    OTHER_DISTRICT,
    OTHER_OPERATOR,
    STATE,
    TWO,
    VENDOR,
    Life,
    Lives,
)


async def decide(life: Life, *relied_on: tuple[str, int], by: UUID | None = DISTRICT, **changes: Any) -> Any:
    """Deny a renewal, relying on revisions of ratings."""
    body = {
        "schoolId": str(ONE),
        "kind": "renewal-decision",
        "decidedOn": "2019-12-12",
        "decidedBy": "Board of Education",
        "outcome": "Renewal denied.",
        "reliedOn": [{"ratingId": rating, "revision": revision} for rating, revision in relied_on],
    }
    return await life.lives.by(by).post("/v1/decisions", json=body | changes)


async def published(lives: Lives) -> tuple[Life, str]:
    """A framework by which the first school is a D, and that rating."""
    life = await lives.life()
    await life.open("appeals")
    await life.publish()
    return life, (await life.rating())["id"]


async def events_of(lives: Lives, decision_id: str) -> list[DecisionChanged]:
    """What was said of a decision."""
    subject = f"concordat.accountability.decision.{decision_id}"
    async with lives.service.app.state.database.snapshot() as session:
        rows = await session.scalars(
            text("select data from journal where subject = :s order by version"), {"s": subject}
        )
        return [DecisionChanged.read(row) for row in rows]


async def test_a_decision_is_flagged_when_an_appeal_revises_what_it_relied_on(lives: Lives) -> None:
    life, rating = await published(lives)
    made = (await decide(life, (rating, 1))).json()
    appeal = await life.appeal(rating)
    meanwhile = (await lives.by(DISTRICT).get(f"/v1/decisions/{made['id']}")).json()
    await life.load("01,60,100\n")
    await life.decide_appeal(appeal, decision="upheld", runId=life.run_id)
    after = (await lives.by(DISTRICT).get(f"/v1/decisions/{made['id']}")).json()
    beside = {"version", "reliedOnOutdated", "outdatedBy"}
    flagged = [(each["ratingId"], each["revision"]) for each in after["outdatedBy"]]
    assert not meanwhile["reliedOnOutdated"]
    assert (after["reliedOnOutdated"], flagged, after["version"]) == (True, [(rating, 3)], 2)
    assert after["reliedOn"][0]["rating"]["rating"] == "D"
    assert (await life.rating())["rating"] == "C"
    assert {name: after[name] for name in after.keys() - beside - {"reliedOn"}} == {
        name: made[name] for name in made.keys() - beside - {"reliedOn"}
    }


async def test_a_flag_is_listed_and_told(lives: Lives) -> None:
    life, rating = await published(lives)
    made = (await decide(life, (rating, 1))).json()
    await life.load("01,60,100\n")
    await life.publish(reason="Late corrections")
    lists = {}
    for outdated in (True, False):
        params = {"reliedOnOutdated": outdated, "schoolId": str(ONE), "limit": 500}
        items = (await lives.by(DISTRICT).get("/v1/decisions", params=params)).json()["items"]
        lists[outdated] = made["id"] in [item["id"] for item in items]
    events = await events_of(lives, made["id"])
    assert lists == {True: True, False: False}
    assert [(event.version, event.relied_on_outdated) for event in events] == [(1, False), (2, True)]
    assert "denied" not in events[0].model_dump_json()


async def test_a_decision_is_flagged_when_what_it_relied_on_is_withdrawn(lives: Lives) -> None:
    life, rating = await published(lives)
    made = (await decide(life, (rating, 1))).json()
    body, newest = {"reason": "It should never have been public."}, {"If-Match": '"1"'}
    withdrawn = await lives.by(STATE).post(f"/v1/ratings/{rating}/withdrawal", json=body, headers=newest)
    after = (await lives.by(DISTRICT).get(f"/v1/decisions/{made['id']}")).json()
    params = {"reliedOnOutdated": True, "schoolId": str(ONE), "limit": 500}
    listed = (await lives.by(DISTRICT).get("/v1/decisions", params=params)).json()["items"]
    assert withdrawn.status_code == 200, withdrawn.text
    assert (after["reliedOnOutdated"], after["version"]) == (True, 2)
    assert after["reliedOn"][0]["rating"]["rating"] == "D"
    assert after["reliedOn"][0]["withdrawnAt"] is not None
    assert made["id"] in [item["id"] for item in listed]
    assert [event.relied_on_outdated for event in await events_of(lives, made["id"])] == [False, True]


async def test_a_decision_is_flagged_when_a_withdrawn_rating_comes_back_and_says_something_else(lives: Lives) -> None:
    life, rating = await published(lives)
    made = (await decide(life, (rating, 1))).json()
    body, newest = {"reason": "It should never have been public."}, {"If-Match": '"1"'}
    await lives.by(STATE).post(f"/v1/ratings/{rating}/withdrawal", json=body, headers=newest)
    await life.load("01,60,100\n")
    assert (await life.publish()).status_code == 200
    after = (await lives.by(DISTRICT).get(f"/v1/decisions/{made['id']}")).json()
    assert [(each["ratingId"], each["revision"]) for each in after["outdatedBy"]] == [(rating, 3)]


async def test_a_decision_that_relied_on_another_rating_is_not_flagged(lives: Lives) -> None:
    life, _ = await published(lives)
    other = (await life.rating(TWO))["id"]
    made = (await decide(life, (other, 1))).json()
    await life.load("01,60,100\n")
    await life.publish(reason="Late corrections")
    assert not (await lives.by(DISTRICT).get(f"/v1/decisions/{made['id']}")).json()["reliedOnOutdated"]


async def test_a_decision_recorded_late_is_flagged_at_once(lives: Lives) -> None:
    life, rating = await published(lives)
    await life.load("01,60,100\n")
    await life.publish(reason="Late corrections")
    made = (await decide(life, (rating, 1))).json()
    assert [(each["ratingId"], each["revision"]) for each in made["outdatedBy"]] == [(rating, 2)]


async def test_what_is_not_published_cannot_be_relied_on(lives: Lives) -> None:
    life, rating = await published(lives)
    unknown = str(UUID(int=77))
    answer = await decide(life, (rating, 2), (unknown, 1), schoolId=unknown)
    errors = [(error["field"], error["rule"]) for error in answer.json()["errors"]]
    assert (answer.status_code, errors) == (
        422,
        [("reliedOn.0", "unknown"), ("reliedOn.1", "unknown"), ("schoolId", "unknown")],
    )


@pytest.mark.parametrize(
    ("organization", "status"),
    [(DISTRICT, 200), (OPERATOR, 200), (None, 200), (OTHER_OPERATOR, 404), (OTHER_DISTRICT, 404), (VENDOR, 404)],
)
async def test_a_decision_is_read_by_who_recorded_it_and_who_answers_for_the_school(
    lives: Lives, organization: UUID | None, status: int
) -> None:
    life, rating = await published(lives)
    made = (await decide(life, (rating, 1))).json()
    url = f"/v1/decisions/{made['id']}"
    listed = (await lives.by(organization).get("/v1/decisions", params={"limit": 500})).json()["items"]
    assert (await lives.by(organization).get(url)).status_code == status
    assert (made["id"] in [item["id"] for item in listed]) == (status == 200)


async def test_only_stewards_record_decisions(lives: Lives) -> None:
    life, rating = await published(lives)
    assert [(await decide(life, (rating, 1), by=each)).status_code for each in (OPERATOR, VENDOR, STATE)] == [
        403,
        403,
        201,
    ]
