"""A test that is no longer given is not a goal missed: its place is taken with approval, and both stay shown."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from tests.accountability.lives import DISTRICT, NOW, OPERATOR, OTHER_DISTRICT, OTHER_OPERATOR, STATE, VENDOR, Lives
from tests.accountability.promises import Promise, promise, replace_test

APPROVAL = {
    "approvedBy": "Board of Education",
    "approvedOn": "2020-03-01",
    "reason": "The test is no longer given.",
    "clause": "Amendment 1",
}


async def discontinued(lives: Lives) -> tuple[Promise, dict[str, Any], str]:
    """A goal for two years, of which the second brought another test; the goal, and the new test."""
    made = await promise(lives)
    targets = [{"year": 2019, "value": 30}, {"year": 2020, "value": 60}]
    goal = (await made.record(targets=targets)).json()
    await made.life.publish()
    new_test = await replace_test(made.life)
    return made, await made.goal(goal["id"]), new_test


def substitute(made: Promise, indicator: str, **changes: Any) -> dict[str, Any]:
    """The new test, 50 in the year 2020."""
    yardstick = made.yardstick(indicator=indicator, targets=[{"year": 2020, "value": 50}])
    return {"fromYear": 2020, "yardstick": yardstick, **APPROVAL, **changes}


def lines(goal: dict[str, Any]) -> list[tuple[int, int, str, str | None]]:
    """Yardstick, year, status, reason of each target."""
    return [
        (each["yardstick"], each["year"], each["status"], each["computed"]["reason"] if each["computed"] else None)
        for each in goal["outcomes"]
    ]


async def test_a_discontinued_measure_is_not_measurable_and_not_missed(lives: Lives) -> None:
    _, goal, _ = await discontinued(lives)
    assert lines(goal) == [(1, 2019, "met", None), (1, 2020, "not-measurable", "discontinued")]


async def test_a_substitute_is_evaluated_at_once_and_both_stay_shown(lives: Lives) -> None:
    made, goal, new_test = await discontinued(lives)
    answer = await made.change(goal, "substitutions", **substitute(made, new_test))
    shown = answer.json()
    assert lines(shown) == [
        (1, 2019, "met", None),
        (1, 2020, "superseded", "substituted"),
        (2, 2020, "met", None),
    ]
    assert [each["indicator"] for each in shown["yardsticks"]] == [made.life.indicator, new_test]
    assert shown["yardsticks"][0]["approval"] is None
    assert shown["yardsticks"][1]["approval"] == APPROVAL
    assert await made.goal(goal["id"]) == shown


async def test_what_was_judged_is_not_substituted(lives: Lives) -> None:
    made, goal, new_test = await discontinued(lives)
    early = substitute(made, new_test, fromYear=2019)
    answer = await made.change(goal, "substitutions", **early)
    assert (answer.status_code, answer.json()["years"]) == (409, [2019])
    assert await made.goal(goal["id"]) == goal


async def test_a_substitute_needs_approval_and_targets_from_its_year_on(lives: Lives) -> None:
    made, goal, new_test = await discontinued(lives)
    without = {name: value for name, value in substitute(made, new_test).items() if name not in APPROVAL}
    unapproved = await made.change(goal, "substitutions", **without)
    too_late = await made.change(goal, "substitutions", **substitute(made, new_test, fromYear=2021))
    missing = {error["field"].removeprefix("body.") for error in unapproved.json()["errors"]}
    assert missing == {"approvedBy", "approvedOn", "reason", "clause"}
    assert [(error["field"], error["rule"]) for error in too_late.json()["errors"]] == [
        ("yardstick.targets", "before-from-year")
    ]


async def test_a_change_needs_the_version_that_was_read(lives: Lives) -> None:
    made, goal, new_test = await discontinued(lives)
    stale = goal | {"version": goal["version"] - 1}
    assert (await made.change(stale, "substitutions", **substitute(made, new_test))).status_code == 412


@pytest.mark.parametrize("by", [OPERATOR, OTHER_DISTRICT, STATE])
async def test_only_who_recorded_a_goal_changes_it(lives: Lives, by: Any) -> None:
    made, goal, new_test = await discontinued(lives)
    answers = [
        await made.change(goal, "substitutions", by=by, **substitute(made, new_test)),
        await made.change(goal, "overrides", by=by, year=2019, status="met", reason="So.", decidedBy="We"),
    ]
    assert {answer.status_code for answer in answers} <= {403, 404}


async def test_an_override_stands_beside_what_is_computed_until_it_is_taken_back(lives: Lives) -> None:
    made, goal, _ = await discontinued(lives)
    said = {"year": 2020, "reason": "The pilot of the new test was passed.", "decidedBy": "Board of Education"}
    decided = (await made.change(goal, "overrides", status="met", **said)).json()
    outcome = decided["outcomes"][1]
    taken_back = (await made.change(decided, "overrides", status=None, **said)).json()
    assert (outcome["status"], outcome["computed"]["status"]) == ("met", "not-measurable")
    assert (outcome["override"]["decidedBy"], outcome["override"]["reason"]) == (said["decidedBy"], said["reason"])
    assert (await made.events(goal["id"]))[-2].years[1].decided_by == "Board of Education"
    assert taken_back["outcomes"] == goal["outcomes"]


async def test_an_override_is_of_a_year_with_a_target_and_says_something(lives: Lives) -> None:
    made, goal, _ = await discontinued(lives)
    said = {"reason": "So it is.", "decidedBy": "Board"}
    no_target = await made.change(goal, "overrides", year=2031, status="met", **said)
    nothing = await made.change(goal, "overrides", year=2020, status=None, **said)
    assert [answer.json()["errors"][0]["rule"] for answer in (no_target, nothing)] == ["no-target", "nothing-decided"]


async def report(made: Promise, by: Any, **params: Any) -> Any:
    """The attainment of the agreement's goals."""
    answer = await made.lives.by(by).get("/v1/goal-attainment", params={"agreementId": str(made.agreement_id)} | params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_attainment_counts_targets_by_how_they_stand(lives: Lives) -> None:
    made, goal, new_test = await discontinued(lives)
    await made.change(goal, "substitutions", **substitute(made, new_test))
    for by in (OPERATOR, VENDOR):
        said = await report(made, by)
        assert said["counts"] == {"met": 2, "superseded": 1}
        assert [line["target"] for line in said["items"]] == ["at-least 30", "at-least 60", "at-least 50"]


async def test_attainment_as_known_before_is_as_it_was(lives: Lives) -> None:
    made = await promise(lives)
    await made.record()
    lives.at(NOW + timedelta(hours=1))
    await made.life.publish()
    then, now = [await report(made, OPERATOR, **asked) for asked in ({"knownAt": NOW.isoformat()}, {})]
    assert (then["counts"], now["counts"]) == ({"pending": 1}, {"not-met": 1})


async def test_attainment_comes_as_csv_and_in_pages(lives: Lives) -> None:
    made, _, _ = await discontinued(lives)
    params = {"agreementId": str(made.agreement_id)}
    url, client = "/v1/goal-attainment", lives.by(OPERATOR)
    file = await client.get(url, params=params, headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(file.text)))
    first = (await client.get(url, params=params | {"limit": 1})).json()
    second = (await client.get(url, params=params | {"limit": 1, "cursor": first["nextCursor"]})).json()
    assert [(row["year"], row["status"]) for row in rows] == [("2019", "met"), ("2020", "not-measurable")]
    assert [page["items"][0]["year"] for page in (first, second)] == [2019, 2020]
    assert first["counts"] == second["counts"] == {"met": 1, "not-measurable": 1}


async def test_attainment_of_an_operator_is_of_the_agreements_that_bind_it(lives: Lives) -> None:
    _, goal, _ = await discontinued(lives)
    found = {
        party: [
            line["goalId"]
            for line in (
                await lives.by(VENDOR).get("/v1/goal-attainment", params={"organizationId": str(party), "limit": 500})
            ).json()["items"]
        ]
        for party in (OPERATOR, OTHER_OPERATOR)
    }
    assert goal["id"] in found[OPERATOR]
    assert found[OTHER_OPERATOR] == []


@pytest.mark.parametrize(
    ("params", "rule"),
    [({}, "missing"), ({"schoolId": str(DISTRICT), "knownAt": "2100-01-01T00:00:00Z"}, "future")],
)
async def test_attainment_says_what_is_wrong_with_the_question(lives: Lives, params: dict[str, str], rule: str) -> None:
    answer = await lives.by(OPERATOR).get("/v1/goal-attainment", params=params)
    assert (answer.status_code, [error["rule"] for error in answer.json()["errors"]]) == (422, [rule])
