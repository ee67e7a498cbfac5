"""A draft tried on history: what would change, school by school, and nothing of it ever published."""

import csv
import io
from typing import Any
from uuid import UUID

import polars as pl
import pytest
from accountability.frameworks.document import Framework
from accountability.trials.rules import compared, counts_of

from tests.accountability.authoring import Authors
from tests.accountability.conftest import FRAMEWORK

ONE, TWO = UUID(int=1), UUID(int=2)
ROWS = "school,indicator,value,n\n01,growth,95,100\n01,attendance,95,100\n02,growth,40,100\n02,attendance,40,100\n"
"""By the small framework the first school is Good (5 points of 3), the second Poor (1)."""


async def stricter(authors: Authors, **changes: Any) -> tuple[dict[str, Any], dict[str, Any], int]:
    """A version in charge of a year with measures, a draft for the year after that turns both schools round."""
    past, coming = authors.years()
    current = await authors.active(past)
    await authors.load(past, ROWS)
    draft = current | {"version": "2", "school_years": [coming]} | changes
    draft["tables"] = {"rate": {"otherwise": 1, "cuts": [{"value": 96, "points": 5}, {"value": 40, "points": 3}]}}
    made = await authors.draft(draft)
    assert made.status_code == 201, made.text
    return current, draft, past


async def attempt(authors: Authors, draft: dict[str, Any], year: int, **body: Any) -> Any:
    asked = {"version": draft["version"], "schoolYear": year} | body
    return await authors.district.post(f"/v1/frameworks/{draft['id']}/trials", json=asked)


async def ratings(authors: Authors, trial: Any, **query: Any) -> list[dict[str, Any]]:
    answer = await authors.district.get(f"{trial.headers['location']}/ratings", params=query)
    return list(answer.json()["items"])


async def test_a_trial_counts_who_would_move(authors: Authors) -> None:
    _, draft, past = await stricter(authors)
    trial = await attempt(authors, draft, past)
    assert trial.status_code == 201, trial.text
    assert {change: n for change, n in trial.json()["counts"].items() if n} == {"same": 1, "up": 1}
    assert (trial.json()["against"], trial.json()["unmeasured"]) == ("1", ["survey"])


async def test_a_trial_shows_rating_score_and_status_of_both_versions(authors: Authors) -> None:
    _, draft, past = await stricter(authors)
    found = await ratings(authors, await attempt(authors, draft, past), schoolId=str(TWO))
    assert [
        (one["ratingBefore"], one["scoreBefore"], one["ratingAfter"], one["scoreAfter"], one["change"]) for one in found
    ] == [("Poor", 1, "Good", 3, "up")]
    assert (found[0]["statusBefore"], found[0]["statusAfter"]) == ("rated", "rated")


async def test_the_schools_of_a_trial_are_filtered_by_change(authors: Authors) -> None:
    _, draft, past = await stricter(authors)
    trial = await attempt(authors, draft, past)
    assert [one["schoolId"] for one in await ratings(authors, trial, change="same")] == [str(ONE)]
    assert len(await ratings(authors, trial, change=["same", "up"])) == 2


async def test_a_trial_is_a_table_for_a_spreadsheet(authors: Authors) -> None:
    _, draft, past = await stricter(authors)
    trial = await attempt(authors, draft, past)
    headers = {"Accept": "text/csv"}
    file = await authors.district.get(f"{trial.headers['location']}/ratings", headers=headers)
    rows = list(csv.DictReader(io.StringIO(file.text)))
    assert [(row["schoolName"], row["change"], row["ratingAfter"]) for row in rows] == [
        ("School 01", "same", "Good"),
        ("School 02", "up", "Good"),
    ]


async def test_a_trial_publishes_nothing_and_leaves_no_run(authors: Authors) -> None:
    _, draft, past = await stricter(authors)
    before = (await authors.platform.get("/v1/runs", params={"limit": 500})).json()["items"]
    trial = await attempt(authors, draft, past)
    after = (await authors.platform.get("/v1/runs", params={"limit": 500})).json()["items"]
    published = await authors.platform.get("/v1/ratings", params={"framework": draft["id"]})
    publication = await authors.district.post(f"/v1/runs/{trial.json()['id']}/publication", json={})
    assert (after, published.json()["items"]) == (before, [])
    assert publication.status_code == 404


async def test_a_trial_keeps_which_text_was_tried(authors: Authors) -> None:
    _, draft, past = await stricter(authors)
    trial = await attempt(authors, draft, past)
    replaced = await authors.draft(draft | {"title": "Second thoughts"}, **{"If-Match": '"1"'})
    kept = (await authors.district.get(trial.headers["location"])).json()
    assert replaced.json()["sha256"] != kept["sha256"] == trial.json()["sha256"]


async def test_a_trial_reads_the_measures_as_they_were_known(authors: Authors) -> None:
    _, draft, past = await stricter(authors)
    known = (await attempt(authors, draft, past)).json()["inputVersion"]
    await authors.load(
        past, ROWS.replace("02,growth,40", "02,growth,30").replace("02,attendance,40", "02,attendance,30")
    )
    then = await attempt(authors, draft, past, inputVersion=known)
    now = await attempt(authors, draft, past)
    assert (then.json()["counts"]["up"], now.json()["counts"]["up"]) == (1, 0)


async def test_a_trial_needs_a_version_to_compare_with(authors: Authors) -> None:
    current, draft, past = await stricter(authors)
    other_year = past - 1
    await authors.load(other_year, ROWS)
    none = await attempt(authors, draft, other_year)
    named = await attempt(authors, draft, other_year, against=current["version"])
    assert [(error["field"], error["rule"]) for error in none.json()["errors"]] == [("against", "none-in-charge")]
    assert named.status_code == 201


async def test_a_year_without_measures_cannot_be_tried(authors: Authors) -> None:
    past, coming = authors.years()
    current = await authors.active(past)
    draft = current | {"version": "2", "school_years": [coming]}
    await authors.draft(draft)
    answer = await attempt(authors, draft, past)
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "no-measures")


async def test_only_stewards_try_and_each_sees_its_own_trials(authors: Authors) -> None:
    current, draft, past = await stricter(authors)
    trial = await attempt(authors, draft, past)
    path = f"/v1/frameworks/{draft['id']}/trials"
    body = {"version": current["version"], "schoolYear": past}
    operator = await authors.of["operator"].post(path, json=body)
    zone = await authors.of["zone"].get(path)
    state = await authors.of["state-agency"].get(path)
    theirs = await authors.of["state-agency"].get(trial.headers["location"])
    assert [operator.status_code, zone.status_code, theirs.status_code] == [403, 403, 404]
    assert state.json()["items"] == []


async def test_the_draft_of_another_cannot_be_tried(authors: Authors) -> None:
    _, draft, past = await stricter(authors)
    body = {"version": draft["version"], "schoolYear": past}
    answer = await authors.of["state-agency"].post(f"/v1/frameworks/{draft['id']}/trials", json=body)
    assert answer.status_code == 404


async def test_the_same_trial_sent_twice_is_one(authors: Authors) -> None:
    _, draft, past = await stricter(authors)
    path, body = f"/v1/frameworks/{draft['id']}/trials", {"version": "2", "schoolYear": past}
    answers = [await authors.district.post(path, json=body, headers={"Idempotency-Key": "try"}) for _ in range(2)]
    listed = (await authors.district.get(path)).json()["items"]
    assert answers[0].json() == answers[1].json()
    assert len(listed) == 1


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (("Good", "rated"), ("Poor", "rated"), "down"),
        (("Poor", "rated"), ("Good", "rated"), "up"),
        (("Poor", "rated"), ("Poor", "rated"), "same"),
        (("Not Rated", "not-rated"), ("Good", "rated"), "newly-rated"),
        (("Good", "rated"), ("Not Rated", "not-rated"), "no-longer-rated"),
        (("Not Rated", "not-rated"), ("None", "not-rated"), "same"),
        (("Good", "rated"), ("Level 1", "rated"), "not-comparable"),
        (("Level 1", "rated"), ("Level 1", "rated"), "same"),
        (None, ("Good", "rated"), "newly-rated"),
        (("Good", "rated"), None, "no-longer-rated"),
    ],
)
def test_a_change_is_read_from_the_scale_of_the_version_in_charge(
    before: tuple[str, str] | None, after: tuple[str, str] | None, change: str
) -> None:
    schema = ["school_id", "student_group", "rating", "score", "status", "reason"]
    frames = [
        pl.DataFrame(
            [("a", "ALL", said[0], 1.0, said[1], None)] if said else [],
            schema=dict(zip(schema, [pl.String] * 3 + [pl.Float64] + [pl.String] * 2, strict=True)),
            orient="row",
        )
        for said in (before, after)
    ]
    changes = compared(frames[0], frames[1], Framework.model_validate(FRAMEWORK))
    assert changes["change"].to_list() == [change]
    assert sum(counts_of(changes).values()) == 1
