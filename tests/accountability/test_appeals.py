"""Appeals: filed by whoever answers for a school, decided by whoever rates, published as widely as the rating was."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from contracts.accountability import RatingPublished
from kit.relay import number_committed_rows
from sqlalchemy import text

from tests.accountability.lives import (
    DISTRICT,
    FORMER_OPERATOR,
    ONE,
    OPERATOR,
    OTHER_OPERATOR,
    STATE,
    TWO,
    VENDOR,
    Life,
    Lives,
)


async def official(lives: Lives) -> tuple[Life, dict[str, Any]]:
    """A framework by which the first school is officially a D, and that rating; appeals are open."""
    life = await lives.life()
    await life.open("appeals")
    await life.publish()
    return life, await life.rating()


async def newest_change(lives: Lives) -> int:
    """Give the changes their numbers, as the relay does; the newest."""
    async with lives.service.app.state.database.transaction() as session:
        while await number_committed_rows(session):
            pass
        return int(await session.scalar(text("select change_version from journal_counter")))


async def heard_of(lives: Lives, rating_id: str) -> list[RatingPublished]:
    """The events of a rating, in order."""
    subject = f"concordat.accountability.rating.{rating_id}"
    async with lives.service.app.state.database.snapshot() as session:
        rows = await session.scalars(
            text("select data from journal where subject = :s order by version"), {"s": subject}
        )
        return [RatingPublished.read(row) for row in rows]


async def test_while_an_appeal_is_open_the_rating_shows_it_and_says_the_same(lives: Lives) -> None:
    life, rating = await official(lives)
    filed = await life.appeal(rating["id"])
    shown = await life.rating()
    assert filed.status_code == 201, filed.text
    assert (shown["state"], shown["underAppeal"], shown["rating"], shown["score"]) == ("under-appeal", True, "D", 40)
    assert (filed.json()["revision"], shown["revision"]) == (1, 2)


async def test_an_upheld_appeal_is_published_by_a_run_and_every_earlier_revision_stays(lives: Lives) -> None:
    life, rating = await official(lives)
    appeal = await life.appeal(rating["id"])
    await life.load("01,60,100\n")
    decided = await life.decide_appeal(appeal, decision="upheld", runId=life.run_id)
    revisions = await life.revisions(rating["id"])
    explained = (await lives.by(VENDOR).get(f"/v1/ratings/{rating['id']}/explanation")).json()
    assert (decided.json()["decision"], decided.json()["decidedRevision"]) == ("upheld", 3)
    assert [(each["state"], each["rating"], each["superseded"], each["underAppeal"]) for each in revisions] == [
        ("official", "D", True, False),
        ("under-appeal", "D", True, False),
        ("revised", "C", False, False),
    ]
    assert revisions[2]["revisionReason"] == "The sheets were looked at."
    assert explained["runId"] == life.run_id
    assert (await life.rating(TWO))["revision"] == 1


async def test_an_upheld_appeal_reaches_everybody_whom_the_original_reached(lives: Lives) -> None:
    life, rating = await official(lives)
    seen = await newest_change(lives)
    appeal = await life.appeal(rating["id"])
    decided = {"status": "rated", "rating": "C", "score": 60, "legalSource": "Order 7 of the Board"}
    await life.decide_appeal(appeal, decision="upheld", decided=decided)
    newest = await newest_change(lives)
    pulled = (await lives.by(VENDOR).get("/v1/ratings", params={"minChangeVersion": seen + 1})).json()["items"]
    files = await lives.by(VENDOR).get(
        "/v1/ratings", params={"framework": life.name}, headers={"accept": "application/x-ndjson"}
    )
    lines = {line["schoolId"]: line for line in map(json.loads, files.text.splitlines())}
    events = await heard_of(lives, rating["id"])
    assert [(each["rating"], each["changeVersion"]) for each in pulled] == [("C", newest)]
    assert (lines[str(ONE)]["rating"], lines[str(ONE)]["state"], lines[str(TWO)]["rating"]) == ("C", "revised", "A")
    assert [(event.version, event.state, event.rating) for event in events] == [
        (1, "official", "D"),
        (2, "under-appeal", "D"),
        (3, "revised", "C"),
    ]
    assert events[2].legal_source == (await life.rating())["legalSource"] == "Order 7 of the Board"


async def test_what_people_decided_is_not_undone_by_a_later_run(lives: Lives) -> None:
    life, rating = await official(lives)
    appeal = await life.appeal(rating["id"])
    decided = {"status": "not-rated", "reasonCode": "appeal", "legalSource": "Order 8 of the Board"}
    await life.decide_appeal(appeal, decision="upheld", decided=decided)
    await life.load("01,70,100\n02,30,100\n")
    published = (await life.publish(reason="Late corrections")).json()
    one, two = await life.rating(), await life.rating(TWO)
    assert published == {"published": 0, "revised": 1, "unchanged": 1}
    assert (one["status"], one["rating"], one["score"], one["reasonCode"]) == ("not-rated", "No Rating", None, "appeal")
    assert two["rating"] == "D"


async def test_a_denied_appeal_leaves_the_rating_as_it_was(lives: Lives) -> None:
    life, rating = await official(lives)
    appeal = await life.appeal(rating["id"])
    denied = await life.decide_appeal(appeal, decision="denied")
    shown = await life.rating()
    assert (denied.json()["decision"], denied.json()["decisionReason"]) == ("denied", "The sheets were looked at.")
    assert (shown["state"], shown["underAppeal"], shown["rating"], shown["revision"]) == ("official", False, "D", 3)


async def test_a_rating_under_appeal_that_a_run_revises_stays_under_appeal(lives: Lives) -> None:
    life, rating = await official(lives)
    await life.appeal(rating["id"])
    await life.load("01,85,100\n")
    await life.publish(reason="Late corrections")
    shown = await life.rating()
    assert (shown["rating"], shown["state"]) == ("A", "under-appeal")


async def test_only_who_answers_for_the_school_appeals(lives: Lives) -> None:
    life, rating = await official(lives)
    others = (OTHER_OPERATOR, FORMER_OPERATOR, VENDOR, STATE, None)
    refused = [(await life.appeal(rating["id"], by)).status_code for by in others]
    assert refused == [403] * 5
    assert (await life.appeal(rating["id"], DISTRICT)).status_code == 201


async def test_who_appealed_does_not_decide_and_others_do_not_see_the_appeal(lives: Lives) -> None:
    life, rating = await official(lives)
    appeal = await life.appeal(rating["id"])
    statuses = [
        (await life.decide_appeal(appeal, by, decision="denied")).status_code for by in (OPERATOR, DISTRICT, VENDOR)
    ]
    url = f"/v1/appeals/{appeal.json()['id']}"
    seen = [(await lives.by(each).get(url)).status_code for each in (OPERATOR, STATE, None, OTHER_OPERATOR, VENDOR)]
    listed = (await lives.by(VENDOR).get("/v1/appeals", params={"ratingId": rating["id"]})).json()["items"]
    assert (statuses, seen, listed) == ([403, 404, 404], [200, 200, 200, 404, 404], [])


async def test_appeals_are_taken_in_their_days_only(lives: Lives) -> None:
    life, rating = await official(lives)
    lives.at(datetime(2019, 11, 1, 5, tzinfo=UTC))
    late = await life.appeal(rating["id"])
    unset = await lives.life()
    await unset.publish()
    never = await unset.appeal((await unset.rating())["id"])
    assert (late.status_code, "2019-11-01" in late.json()["detail"]) == (409, True)
    assert (never.status_code, "no days for them were set" in never.json()["detail"]) == (409, True)


async def test_one_appeal_at_a_time_and_only_of_an_official_rating(lives: Lives) -> None:
    life, rating = await official(lives)
    await life.appeal(rating["id"])
    second = await life.appeal(rating["id"], DISTRICT)
    provisional = await lives.life()
    await provisional.open("appeals")
    await provisional.publish("provisional")
    early = await provisional.appeal((await provisional.rating())["id"])
    assert (second.status_code, second.json()["presentStage"]) == (409, "under-appeal")
    assert (early.status_code, early.json()["presentStage"]) == (409, "provisional")


async def test_a_decision_is_made_once(lives: Lives) -> None:
    life, rating = await official(lives)
    appeal = await life.appeal(rating["id"])
    await life.decide_appeal(appeal, decision="denied")
    appeal.headers["etag"] = '"2"'
    again = await life.decide_appeal(appeal, decision="denied")
    assert (again.status_code, again.json()["type"]) == (409, "urn:concordat:problem:appeal-decided")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"decision": "upheld"}, "body"),
        ({"decision": "denied", "runId": str(ONE)}, "body"),
        ({"decision": "upheld", "runId": str(ONE)}, "runId"),
        ({"decision": "upheld", "decided": {"status": "rated", "rating": "Z", "legalSource": "x"}}, "decided.rating"),
        ({"decision": "upheld", "decided": {"status": "rated", "legalSource": "x"}}, "body.decided"),
        ({"decision": "upheld", "decided": {"status": "not-rated", "legalSource": "x"}}, "body.decided"),
    ],
    ids=["nothing", "denied with a run", "no run of theirs", "no such band", "rated without", "not rated, no reason"],
)
async def test_what_becomes_of_the_rating_is_said_in_full(lives: Lives, body: dict[str, Any], field: str) -> None:
    life, rating = await official(lives)
    refused = await life.decide_appeal(await life.appeal(rating["id"]), **body)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert (await life.rating())["underAppeal"]


async def test_an_appeal_that_changes_nothing_cannot_be_upheld(lives: Lives) -> None:
    life, rating = await official(lives)
    refused = await life.decide_appeal(await life.appeal(rating["id"]), decision="upheld", runId=life.run_id)
    assert (refused.status_code, refused.json()["errors"][0]["rule"]) == (422, "no-change")
