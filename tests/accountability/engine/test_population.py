"""Where subjects stand among others, and means of members by weight."""

from typing import Any

import pytest
from accountability.engine import compile_framework
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.accountability.engine.small import BASE, framework, outcomes, rows

COUNTINGS = ("below", "middle", "at_or_below")
NODES = {how: {"kind": "percentile", "of": "x", "counting": how} for how in COUNTINGS}


def test_a_subject_stands_at_the_percent_of_the_population_that_it_reaches() -> None:
    found = outcomes(NODES, {"a": {"x": 10}, "b": {"x": 20}, "c": {"x": 20}, "d": {"x": 30}, "e": {}})
    assert [[found[subject][how]["value"] for how in COUNTINGS] for subject in "abcd"] == [
        [0, 12.5, 25],
        [25, 50, 75],
        [25, 50, 75],
        [75, 87.5, 100],
    ]
    assert found["b"]["below"]["rule"] == "1 of 4 below"
    assert (found["e"]["below"]["value"], found["e"]["below"]["reason"]) == (None, "missing")


def test_a_population_may_be_alike_in_an_attribute() -> None:
    node = {"kind": "percentile", "of": "x", "within": ["unit"], "counting": "at_or_below"}
    subjects: Any = {"a": {"x": 1}, "b": {"x": 2}, "c": {"x": 1, "unit": "district"}}
    found = outcomes({"node": node}, subjects)
    assert [found[subject]["node"]["value"] for subject in "abc"] == [50, 100, 100]


def test_a_subject_outside_the_population_stands_between_its_members() -> None:
    nodes = {
        "of_schools": {"kind": "limit", "input": "x", "at_most": 100, "when": {"unit": ["school"]}},
        "node": {"kind": "percentile", "of": "x", "among": "of_schools", "counting": "below"},
    }
    schools: Any = {f"s{at}": {"x": at} for at in range(4)}
    found = outcomes(nodes, schools | {"d": {"x": 1.5, "unit": "district"}, "e": {"x": -1, "unit": "district"}})
    assert (found["d"]["node"]["value"], found["e"]["node"]["value"]) == (50, 0)
    alone = outcomes(nodes, {"d": {"x": 1.5, "unit": "district"}})["d"]["node"]
    assert (alone["value"], alone["reason"]) == (None, "no-population")


@given(st.lists(st.integers(0, 20), min_size=1, max_size=40))
@settings(max_examples=40, deadline=None)
def test_standing_is_that_of_counting_one_by_one(values: list[int]) -> None:
    found = outcomes(NODES, {f"{at:02}": {"x": value / 10} for at, value in enumerate(values)})
    for at, value in enumerate(values):
        below, up_to = (sum(other < value for other in values), sum(other <= value for other in values))
        expected = {"below": below, "middle": (below + up_to) / 2, "at_or_below": up_to}
        mine = found[f"{at:02}"]
        assert {how: mine[how]["value"] for how in COUNTINGS} == {
            how: pytest.approx(100 * counted / len(values)) for how, counted in expected.items()
        }


def test_a_mean_of_members_is_weighted_and_counts_nobody_without_a_weight() -> None:
    node = {"kind": "rollup", "members": "district", "how": "mean", "of": "x", "weighted_by": "y"}
    # 4,000 of 8,000 and 700 of 2,000 are 47.0 percent together, not 42.5.
    members: Any = {
        "traditional": {"x": 50, "y": (80, 8000), "district": "d"},
        "autonomous": {"x": 35, "y": (20, 2000), "district": "d"},
        "unknown": {"x": 99, "district": "d"},
        "empty": {"x": 99, "y": 0, "district": "d"},
    }
    found = outcomes({"node": node}, members | {"d": {"unit": "district"}})["d"]["node"]
    assert (found["value"], found["rule"]) == (47, "mean of x weighted by y over 2 members")


def test_a_compiled_framework_says_who_is_rated_together() -> None:
    alone = compile_framework(framework({}))
    borrow = {"kind": "borrow", "attribute": "district", "of": "x"}
    rollup = {"kind": "rollup", "members": "school", "how": "sum", "of": "x"}
    attributes = BASE["attributes"] | {"school": {"kind": "subject"}}
    linked = compile_framework(framework({"borrowed": borrow, "sum": rollup}, attributes=attributes))
    assert (alone.links(), alone.reads_all()) == ([], False)
    assert (linked.links(), linked.reads_all()) == (["district", "school"], False)
    assert compile_framework(framework(NODES)).reads_all()


def test_without_an_overall_rating_the_labels_are_the_result() -> None:
    compiled = compile_framework(framework({}, result={"also": ["band"]}))
    found = compiled.rate(rows({"a": {"x": 90}, "b": {"y": 1}})).ratings.to_dicts()
    assert [(row["score"], row["rating"], row["status"], row["band"]) for row in found] == [
        (None, "Not Rated", "rated", "A"),
        (None, "Not Rated", "not-rated", None),
    ]
    assert found[1]["reason"] == "missing"
