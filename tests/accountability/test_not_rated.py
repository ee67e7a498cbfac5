"""Not rated, and why: from the measures, or by an order. Never zero, an F, or a blank."""

import csv
import io
import json
from typing import Any
from uuid import UUID

import pytest
from accountability.runs.reasons import code_of
from hypothesis import given
from hypothesis import strategies as st

from tests.accountability.lives import ONE, OPERATOR, OTHER_DISTRICT, STATE, TWO, VENDOR, Life, Lives

BASELINE: dict[str, Any] = {
    "reasonCode": "baseline-granted",
    "schoolId": str(ONE),
    "schoolYears": [2019, 2020],
    "number": "SBOE 2019-114",
    "issuer": "State Board of Education",
    "issuedOn": "2019-07-01",
    "citation": "511 IAC 6.2-10-4",
}


async def order(life: Life, by: UUID | None = STATE, **changes: Any) -> Any:
    """Record an order about the first school."""
    return await life.lives.by(by).post("/v1/rating-orders", json=BASELINE | {"framework": life.name} | changes)


async def test_a_baseline_that_was_granted_is_shown_with_its_order_and_years(lives: Lives) -> None:
    life = await lives.life()
    assert (await order(life)).status_code == 201
    await life.publish()
    one, two = await life.rating(), await life.rating(TWO)
    assert (one["status"], one["rating"], one["score"], one["reasonCode"]) == (
        "not-rated",
        "No Rating",
        None,
        "baseline-granted",
    )
    assert one["order"] == {
        "number": "SBOE 2019-114",
        "issuer": "State Board of Education",
        "issuedOn": "2019-07-01",
        "citation": "511 IAC 6.2-10-4",
        "schoolYears": [2019, 2020],
        "scoresPublic": False,
    }
    assert (two["status"], two["rating"], two["order"], two["reasonCode"]) == ("rated", "A", None, None)


@pytest.mark.parametrize(("public", "score", "steps"), [(True, 40, 2), (False, None, 0)], ids=["public", "kept back"])
async def test_the_scores_below_a_baseline_are_public_if_the_order_says_so(
    lives: Lives, public: bool, score: Any, steps: int
) -> None:
    life = await lives.life()
    await order(life, scoresPublic=public)
    await life.publish()
    rating = await life.rating()
    explained = (await lives.by(VENDOR).get(f"/v1/ratings/{rating['id']}/explanation")).json()
    assert (rating["rating"], rating["score"], len(explained["outcomes"])) == ("No Rating", score, steps)


async def test_a_suspended_framework_rates_nobody(lives: Lives) -> None:
    life = await lives.life()
    await order(life, reasonCode="framework-suspended", schoolId=None)
    await life.publish()
    assert [(await life.rating(each))["reasonCode"] for each in (ONE, TWO)] == ["framework-suspended"] * 2


async def test_an_order_of_other_years_or_of_another_steward_does_not_count(lives: Lives) -> None:
    life = await lives.life()
    await order(life, schoolYears=[2020])
    await order(life, OTHER_DISTRICT)
    await life.publish()
    assert (await life.rating())["rating"] == "D"


async def test_a_lifted_order_no_longer_holds_and_what_was_published_under_it_stays(lives: Lives) -> None:
    life = await lives.life()
    made = (await order(life)).json()
    await life.publish()
    url = f"/v1/rating-orders/{made['id']}/lifting"
    foreign = await lives.by(OTHER_DISTRICT).post(url, json={"reason": "Appealed"})
    lifted = await lives.by(STATE).post(url, json={"reason": "Withdrawn by the Board"})
    again = await lives.by(STATE).post(url, json={"reason": "Withdrawn by the Board"})
    await life.publish(reason="The baseline was withdrawn")
    rating = await life.rating()
    revisions = [(each["rating"], each["reasonCode"]) for each in await life.revisions(rating["id"])]
    assert [foreign.status_code, lifted.status_code, again.status_code] == [404, 200, 409]
    assert revisions == [("No Rating", "baseline-granted"), ("D", None)]


async def test_a_school_in_review_sees_what_an_order_makes_of_its_rating(lives: Lives) -> None:
    life = await lives.life()
    await order(life)
    review = await life.open("review")
    staged = (await lives.by(OPERATOR).get(f"/v1/reviews/{review['id']}/ratings")).json()["items"]
    assert [(each["rating"], each["reasonCode"]) for each in staged] == [("No Rating", "baseline-granted")]


async def test_ratings_are_found_by_the_reason_for_which_there_are_none(lives: Lives) -> None:
    life = await lives.life("01,40,9\n02,90,100\n")
    await life.publish()
    found = {
        reason: (
            await lives.by(VENDOR).get("/v1/ratings", params={"framework": life.name, "reasonCode": reason})
        ).json()["items"]
        for reason in ("too-few-students", "missing-data")
    }
    assert [each["schoolId"] for each in found["too-few-students"]] == [str(ONE)]
    assert found["missing-data"] == []


async def test_no_form_makes_a_zero_or_a_blank_of_not_rated(lives: Lives) -> None:
    life = await lives.life("01,40,9\n")
    await life.publish()
    forms = {}
    for form in ("application/x-ndjson", "text/csv"):
        answer = await lives.by(VENDOR).get("/v1/ratings", params={"framework": life.name}, headers={"accept": form})
        forms[form] = answer.text
    line, cells = json.loads(forms["application/x-ndjson"]), next(csv.DictReader(io.StringIO(forms["text/csv"])))
    assert (line["status"], line["rating"], line["score"]) == ("not-rated", "No Rating", None)
    assert (line["reasonCode"], cells["reasonCode"]) == ("too-few-students", "too-few-students")
    assert (cells["status"], cells["rating"], cells["score"]) == ("not-rated", "No Rating", "")


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"schoolId": str(UUID(int=77))}, "schoolId", "unknown"),
        ({"schoolId": None}, "schoolId", "missing"),
        ({"reasonCode": "framework-suspended"}, "schoolId", "whole-framework"),
        ({"framework": "nowhere"}, "framework", "unknown"),
        ({"reasonCode": "too-few-students"}, "body.reasonCode", "literal_error"),
        ({"schoolYears": []}, "body.schoolYears", "too_short"),
    ],
)
async def test_an_order_that_cannot_be_is_refused(lives: Lives, changes: dict[str, Any], field: str, rule: str) -> None:
    answer = await order(Life(lives, "none"), **{"framework": (await lives.life()).name} | changes)
    errors = [(error["field"], error["rule"]) for error in answer.json()["errors"]]
    assert (answer.status_code, errors) == (422, [(field, rule)])


async def test_orders_are_seen_by_their_stewards_alone(lives: Lives) -> None:
    life = await lives.life()
    made = (await order(life)).json()["id"]
    seen = {}
    for each in (STATE, None, OTHER_DISTRICT):
        items = (await lives.by(each).get("/v1/rating-orders", params={"schoolId": str(ONE), "limit": 500})).json()
        seen[each] = made in [item["id"] for item in items["items"]]
    assert seen == {STATE: True, None: True, OTHER_DISTRICT: False}
    assert (await lives.by(OPERATOR).get("/v1/rating-orders")).status_code == 403
    assert (await order(life, OPERATOR)).status_code == 403


@pytest.mark.parametrize(
    ("reason", "nodes", "code"),
    [
        ("too-few-students", {}, "too-few-students"),
        ("missing", {}, "missing-data"),
        ("missing:grade_span", {}, "missing-data"),
        ("required-missing:growth", {"growth": "too-few-students"}, "too-few-students"),
        ("required-missing:a", {"a": "required-missing:b", "b": "low-participation"}, "low-participation"),
        ("required-missing:a", {"a": "required-missing:a"}, "other"),
        ("required-missing:a", {}, "missing-data"),
        ("paired", {}, "other"),
        ("pending", {}, "pending"),
    ],
)
def test_the_engines_reason_is_followed_to_its_root(reason: str, nodes: dict[str, str], code: str) -> None:
    assert code_of(reason, nodes) == code


@given(
    st.text(), st.dictionaries(st.sampled_from("abc"), st.sampled_from(["required-missing:a", "required-missing:b"]))
)
def test_every_reason_has_a_shared_word(reason: str, nodes: dict[str, str]) -> None:
    assert code_of(f"required-missing:{reason}", nodes)
