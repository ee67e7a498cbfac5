"""How a target is judged: the way, growth, gaps, percentiles, bands, and what cannot be measured."""

import pytest
from contracts.registry.agreements import AgreementStanding

from tests.accountability.lives import (
    DISTRICT,
    ONE,
    STATE,
    TWO,
    Lives,
)
from tests.accountability.promises import INNOVATION, outcome, promise, standing


async def test_part_of_the_way_is_approaching_by_the_share_that_the_goal_names(lives: Lives) -> None:
    made = await promise(lives)
    await made.life.publish()
    baseline = {"value": 20, "year": 2016, "source": "Plan, p. 3"}
    found = [
        outcome((await made.record(baseline=baseline, approachingFrom=share)).json()) for share in (0.5, 0.51, None)
    ]
    assert found == [("approaching", None), ("not-met", None), ("not-met", None)]


async def test_growth_is_exact_over_the_baseline(lives: Lives) -> None:
    made = await promise(lives, "01,50.3,100\n02,90,100\n")
    await made.life.publish()
    baseline = {"value": 40.1, "year": 2016, "source": "Plan, p. 3"}
    grown = await made.record(comparison="growth", baseline=baseline, targets=[{"year": 2019, "value": 10.2}])
    assert outcome(grown.json()) == ("met", None)


async def test_the_gap_and_the_percentile_are_against_the_other_schools_of_the_district(lives: Lives) -> None:
    made = await promise(lives)
    await made.life.publish()
    gap = (await made.record(comparison="gap-to-district", targets=[{"year": 2019, "value": -50}])).json()
    better = (await made.record(comparison="percentile-in-district", school_id=TWO)).json()
    compared = gap["outcomes"][0]["computed"]["found"]["compared"]
    assert outcome(gap) == ("met", None)
    assert (compared["districtId"], compared["schools"], compared["value"]) == (str(DISTRICT), 1, 90)
    assert better["outcomes"][0]["computed"]["found"]["measured"] == 100


async def test_another_school_s_revision_evaluates_a_gap_again(lives: Lives) -> None:
    made = await promise(lives)
    await made.life.publish()
    goal = (await made.record(comparison="gap-to-district", targets=[{"year": 2019, "value": -20}])).json()
    await made.life.load("02,50,100\n")
    await made.life.publish(reason="Late corrections")
    assert (outcome(goal)[0], outcome(await made.goal(goal["id"]))[0]) == ("not-met", "met")


async def test_a_band_is_met_by_any_better_one(lives: Lives) -> None:
    made = await promise(lives)
    await made.life.publish()
    by_band = {"of": "rating", "indicator": None}
    found = {
        (school, label): outcome(
            (await made.record(**by_band, school_id=school, targets=[{"year": 2019, "label": label}])).json()
        )
        for school, label in ((TWO, "C"), (ONE, "C"), (ONE, "B"))
    }
    assert found == {
        (TWO, "C"): ("met", None),
        (ONE, "C"): ("not-met", None),
        (ONE, "B"): ("not-measurable", "not-on-scale"),
    }


async def test_too_few_students_and_no_rating_are_not_measurable(lives: Lives) -> None:
    made = await promise(lives, "01,40,9\n02,90,100\n")
    await made.life.publish()
    few = (await made.record(minimumN=10)).json()
    unrated = (await made.record(of="score", indicator=None)).json()
    assert outcome(few) == ("not-measurable", "too-few-students")
    assert outcome(unrated) == ("not-measurable", "not-rated")
    assert unrated["outcomes"][0]["computed"]["found"]["because"] == "too-few-students"


async def test_growth_is_not_measured_over_a_break(lives: Lives) -> None:
    made = await promise(lives)
    await made.life.publish()
    said = {
        "framework": made.life.name,
        "fromYear": 2018,
        "reason": "ILEARN replaced ISTEP+",
        "citation": "HEA 1003-2017",
    }
    assert (await lives.by(STATE).post("/v1/series-breaks", json=said)).status_code == 201
    growth = {"comparison": "growth", "targets": [{"year": 2019, "value": 5}]}
    over, after = [
        (await made.record(**growth, baseline={"value": 30, "year": year, "source": "Plan"})).json()
        for year in (2017, 2018)
    ]
    assert outcome(over) == ("not-measurable", "break")
    assert "ILEARN" in over["outcomes"][0]["computed"]["found"]["because"]
    assert outcome(after) == ("met", None)


@pytest.mark.parametrize(
    ("standings", "expected"),
    [
        ([standing("active", 2015, 2018), standing("superseded", 2018, in_force=False)], "superseded"),
        ([standing("active", 2015, 2018), standing("terminated", 2018, in_force=False)], "not-measurable"),
    ],
)
async def test_a_year_after_the_agreement_is_not_judged(
    lives: Lives, standings: list[AgreementStanding], expected: str
) -> None:
    made = await promise(lives)
    goal = (await made.record()).json()
    await made.hear(2, INNOVATION, *standings)
    await made.life.publish()
    assert outcome(await made.goal(goal["id"]))[0] == expected
