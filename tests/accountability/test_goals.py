"""Goals of agreements are evaluated by what is published, as soon as it is, and every evaluation is kept."""

from typing import Any

import pytest

from tests.accountability.lives import (
    DISTRICT,
    ONE,
    OPERATOR,
    OTHER_DISTRICT,
    OTHER_OPERATOR,
    STATE,
    VENDOR,
    Lives,
)
from tests.accountability.promises import CHARTER, INNOVATION, Promise, outcome, promise, standing


async def count_clubs(made: Promise, clubs: int) -> None:
    """A measure that no rating depends on, and a run that reads it."""
    answer = await made.lives.by(STATE).post(
        "/v1/measures/imports",
        content=f"indicator,school,value\nclubs,01,{clubs}\n",
        params={"schoolYear": 2019, "dataYear": 2019, "aliasSystem": "d", "source": "test"},
        headers={"content-type": "text/csv"},
    )
    assert answer.status_code == 200, answer.text
    await made.life.run()


@pytest.mark.parametrize(("value", "status"), [(40, "met"), (40.5, "not-met")])
async def test_a_goal_is_evaluated_when_its_ratings_are_published(lives: Lives, value: float, status: str) -> None:
    made = await promise(lives)
    goal = (await made.record(targets=[{"year": 2019, "value": value}])).json()
    await made.life.publish()
    after = await made.goal(goal["id"])
    computed = after["outcomes"][0]["computed"]
    rating = await made.life.rating()
    assert outcome(goal) == ("pending", None)
    assert outcome(after) == (status, None)
    assert (computed["ratingId"], computed["revision"], computed["found"]["measured"]) == (rating["id"], 1, 40)


async def test_a_goal_recorded_late_is_evaluated_at_once(lives: Lives) -> None:
    made = await promise(lives)
    await made.life.publish()
    assert outcome((await made.record()).json()) == ("not-met", None)


async def test_a_revised_rating_evaluates_again_and_the_old_evaluation_is_kept(lives: Lives) -> None:
    made = await promise(lives)
    goal = (await made.record()).json()
    await made.life.open("appeals")
    await made.life.publish()
    rating = await made.life.rating()
    appeal = await made.life.appeal(rating["id"])
    await made.life.load("01,60,100\n")
    await made.life.decide_appeal(appeal, decision="upheld", runId=made.life.run_id)
    kept = await made.evaluations(goal["id"])
    assert [(each["revision"], each["status"]) for each in kept] == [(1, "not-met"), (2, "not-met"), (3, "met")]
    assert kept[0]["inputVersion"] < kept[-1]["inputVersion"]
    assert outcome(await made.goal(goal["id"])) == ("met", None)


async def test_what_is_published_again_unchanged_is_not_evaluated_again(lives: Lives) -> None:
    made = await promise(lives)
    goal = (await made.record()).json()
    await made.life.publish()
    await made.life.run()
    await made.life.publish()
    assert len(await made.evaluations(goal["id"])) == 1


async def test_a_corrected_measure_evaluates_again_though_no_rating_changes(lives: Lives) -> None:
    made = await promise(lives, attributes={"clubs": {"kind": "number"}})
    goal = (await made.record(indicator="clubs", targets=[{"year": 2019, "value": 5}])).json()
    await count_clubs(made, 1)
    await made.life.publish()
    first = await made.goal(goal["id"])
    await count_clubs(made, 7)
    staged = await made.goal(goal["id"])
    done = await made.life.publish()
    published = await made.goal(goal["id"])
    assert (done.json()["published"], done.json()["revised"]) == (0, 0)
    assert [outcome(each)[0] for each in (first, staged, published)] == ["not-met", "not-met", "met"]


async def test_a_figure_that_the_framework_does_not_read_is_never_told(lives: Lives) -> None:
    made = await promise(lives)
    other = await promise(lives)
    await made.life.publish()
    refused = await made.record(indicator=other.life.indicator)
    assert [(error["field"], error["rule"]) for error in refused.json()["errors"]] == [
        ("yardstick.indicator", "unknown")
    ]


async def test_a_withdrawn_rating_judges_nothing_and_what_it_judged_is_hidden(lives: Lives) -> None:
    made = await promise(lives)
    goal = (await made.record()).json()
    await made.life.publish()
    rating = await made.life.rating()
    gone = await lives.by(STATE).post(
        f"/v1/ratings/{rating['id']}/withdrawal",
        json={"reason": "Of another school."},
        headers={"If-Match": f'"{rating["revision"]}"'},
    )
    assert gone.is_success, gone.text
    assert outcome(await made.goal(goal["id"])) == ("not-measurable", "withdrawn")
    assert [each["status"] for each in await made.evaluations(goal["id"], VENDOR)] == [None, "not-measurable"]


async def test_an_agreement_that_ends_is_heard_and_evaluates_its_goals_again(lives: Lives) -> None:
    made = await promise(lives)
    await made.life.publish()
    goal = (await made.record()).json()
    await made.hear(2, INNOVATION, standing("active", 2015, 2018), standing("superseded", 2018, in_force=False))
    assert (outcome(goal)[0], outcome(await made.goal(goal["id"]))[0]) == ("not-met", "superseded")


async def test_a_staged_run_evaluates_nothing(lives: Lives) -> None:
    made = await promise(lives)
    await made.life.publish()
    goal = (await made.record()).json()
    await made.life.load("01,75,100\n")
    assert outcome(await made.goal(goal["id"])) == ("not-met", None)
    assert len(await made.evaluations(goal["id"])) == 1


async def test_goals_beyond_the_charter_are_refused_where_the_law_forbids_them(lives: Lives) -> None:
    made = await promise(lives)
    await made.hear(2, CHARTER)
    refused = await made.record()
    problem = refused.json()
    assert (refused.status_code, problem["type"].rsplit("/", 1)[-1].rsplit(":", 1)[-1]) == (422, "extra-goal-forbidden")
    assert problem["citation"] == "IC 20-25.7-5"
    assert [(error["field"], error["rule"]) for error in problem["errors"]] == [
        ("laidDownIn", "no-goals-beyond-the-charter")
    ]
    assert (await made.record(laidDownIn="charter")).status_code == 201


async def test_all_that_is_wrong_with_a_goal_is_said_at_once(lives: Lives) -> None:
    made = await promise(lives)
    answer = await made.record(
        agreementId=str(STATE),
        framework="none",
        indicator="none",
        comparison="growth",
        targets=[{"year": 2019, "label": "A"}, {"year": 2019, "value": 1}],
    )
    assert answer.status_code == 422
    assert {(error["field"], error["rule"]) for error in answer.json()["errors"]} == {
        ("agreementId", "unknown"),
        ("yardstick.framework", "unknown"),
        ("yardstick.indicator", "unknown"),
        ("yardstick.baseline", "missing"),
        ("yardstick.targets.0.value", "missing"),
        ("yardstick.targets.0.label", "not-used"),
        ("yardstick.targets.0.year", "repeated"),
        ("yardstick.targets.1.year", "repeated"),
    }


@pytest.mark.parametrize("by", [OPERATOR, OTHER_DISTRICT, STATE, VENDOR])
async def test_only_a_district_that_is_bound_records_goals(lives: Lives, by: Any) -> None:
    made = await promise(lives)
    answer = await made.record(by=by)
    assert answer.status_code in (403, 422)


async def test_a_repeated_request_records_one_goal(lives: Lives) -> None:
    made = await promise(lives)
    body = {
        "agreementId": str(made.agreement_id),
        "schoolId": str(ONE),
        "title": "Sixty",
        "clause": "B",
        "consequence": "None.",
        "yardstick": made.yardstick(),
    }
    first, again = [
        await lives.by(DISTRICT).post("/v1/goals", json=body, headers={"Idempotency-Key": made.life.name})
        for _ in range(2)
    ]
    assert first.json()["id"] == again.json()["id"]


async def test_until_it_is_published_a_goal_is_known_only_to_those_whom_it_binds(lives: Lives) -> None:
    made = await promise(lives)
    url = f"/v1/goals/{(await made.record()).json()['id']}"
    everybody = (DISTRICT, OPERATOR, OTHER_OPERATOR, VENDOR)
    before = [(await lives.by(each).get(url)).status_code for each in everybody]
    await made.life.publish()
    after = [(await lives.by(each).get(url)).status_code for each in everybody]
    assert (before, after) == ([200, 200, 404, 404], [200] * 4)


async def test_outcomes_of_few_students_are_hidden_from_all_but_those_who_have_the_records(lives: Lives) -> None:
    made = await promise(lives, "01,40,9\n02,90,100\n")
    goal = (await made.record()).json()
    await made.life.publish()
    public, mine = [(await made.goal(goal["id"], by))["outcomes"][0] for by in (VENDOR, OPERATOR)]
    [listed] = await made.evaluations(goal["id"], VENDOR)
    said = (await made.events(goal["id"]))[-1].years[0]
    assert (mine["status"], mine["computed"]["found"]["figure"]) == ("not-met", 40)
    assert (public["status"], public["computed"]["found"], public["computed"]["suppressed"]) == (None, None, True)
    assert (listed["status"], listed["found"]) == (None, None)
    assert (said.status, said.reason) == (None, None)


async def test_a_rate_near_its_end_is_coded_in_goals_as_in_ratings(lives: Lives) -> None:
    made = await promise(lives)
    goal = (await made.record()).json()
    answer = await lives.by(STATE).post(
        "/v1/measures/imports",
        content=f"indicator,school,value,n,numerator,denominator\n{made.life.indicator},01,97,100,97,100\n",
        params={"schoolYear": 2019, "dataYear": 2019, "aliasSystem": "d", "source": "test"},
        headers={"content-type": "text/csv"},
    )
    assert answer.status_code == 200, answer.text
    await made.life.run()
    await made.life.publish()
    public, mine = [(await made.goal(goal["id"], by))["outcomes"][0] for by in (VENDOR, OPERATOR)]
    lines = await lives.by(VENDOR).get("/v1/goal-attainment", params={"agreementId": str(made.agreement_id)})
    assert (mine["status"], mine["computed"]["found"]["figure"]) == ("met", 97)
    found = public["computed"]["found"]
    assert (public["status"], found["coded"], found["figure"], found["n"]) == (None, ">95 %", None, None)
    assert [(line["coded"], line["measured"]) for line in lines.json()["items"]] == [(">95 %", None)]


async def test_where_the_way_begins_is_hidden_with_what_is_measured_of_few_students(lives: Lives) -> None:
    made = await promise(lives, "01,40,9\n02,90,100\n")
    baseline = {"value": 33.3, "year": 2018, "source": "Agreement, p. 3"}
    goal = (await made.record(comparison="growth", baseline=baseline)).json()
    await made.life.publish()
    public, mine = [(await made.goal(goal["id"], by))["yardsticks"][0]["baseline"] for by in (VENDOR, OPERATOR)]
    assert (public, mine["value"]) == (None, 33.3)


async def test_what_is_evaluated_is_told_once_it_is_published(lives: Lives) -> None:
    made = await promise(lives)
    goal = (await made.record()).json()
    silent = await made.events(goal["id"])
    await made.life.publish()
    [told] = await made.events(goal["id"])
    assert silent == []
    assert (told.agreement_id, told.version) == (made.agreement_id, 2)
    assert [(year.year, year.status, year.revision) for year in told.years] == [(2019, "not-met", 1)]
