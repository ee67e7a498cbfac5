"""Nodes that compose values and labels, one rule each, and what they promise for any figures."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from accountability.engine import compile_framework
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.accountability.engine.small import framework, outcome, outcomes, rows

MEAN = {"kind": "mean", "weights": {"x": 80, "y": 20}}
PERCENT = st.one_of(st.none(), st.integers(0, 1000).map(lambda tenths: tenths / 10))


def test_a_measure_is_its_value_and_of_too_few_students_it_is_told_to_nobody() -> None:
    found = outcomes({}, {"s": {"x": (70, 10), "y": (70, 9)}})["s"]
    assert (found["x"]["value"], found["x"]["reason"]) == (70, None)
    assert (found["y"]["value"], found["y"]["reason"]) == (None, "too-few-students")
    assert (found["z"]["value"], found["z"]["reason"]) == (None, "missing")


@pytest.mark.parametrize(
    ("node", "measures", "value", "reason"),
    [
        (MEAN, {"x": 50, "y": 100}, 60, None),
        (MEAN, {"x": 50}, 50, None),
        (MEAN, {"y": 100}, 100, None),
        (MEAN, {}, None, "missing"),
        (MEAN | {"required": ["x"]}, {"y": 100}, None, "required-missing:x"),
        ({"kind": "aggregate", "how": "sum", "of": ["x", "y", "z"]}, {"x": 1, "z": 2}, 3, None),
        ({"kind": "aggregate", "how": "count", "of": ["x", "y", "z"]}, {"x": 1, "z": 2}, 2, None),
        ({"kind": "aggregate", "how": "highest", "of": ["x", "y"]}, {"x": 1, "y": 2}, 2, None),
        ({"kind": "aggregate", "how": "lowest", "of": ["x", "y"]}, {"y": 2}, 2, None),
        ({"kind": "aggregate", "how": "count", "of": ["x", "y"]}, {}, None, "missing"),
        (
            {"kind": "aggregate", "how": "sum", "of": ["x", "y"], "required": ["y"]},
            {"x": 1},
            None,
            "required-missing:y",
        ),
    ],
)
def test_what_is_missing_leaves_a_mean_or_an_aggregate_unless_it_is_required(
    node: dict[str, Any], measures: Any, value: float | None, reason: str | None
) -> None:
    found = outcome(node, measures)
    assert (found["value"], found["reason"]) == (value, reason)


@pytest.mark.parametrize(
    ("measures", "value", "rule"),
    [
        ({"x": 70, "y": 90}, 70, "by x, as y at least 80"),
        ({"x": 70, "y": 79}, 79, "by y"),
        ({"x": 70}, None, "none of them is there"),
        ({"y": 90}, 90, "by y"),
    ],
)
def test_the_first_that_is_there_and_may_count_is_taken(measures: Any, value: float | None, rule: str) -> None:
    node = {"kind": "first", "of": ["x", "y"], "where": {"x": [{"node": "y", "at_least": 80}]}}
    found = outcome(node, measures)
    assert (found["value"], found["rule"]) == (value, rule)


CAP = {"kind": "limit", "input": "x", "at_most": 59}
THREE_OF = {"least": 2, "of": [{"node": node, "below": 60} for node in ("x", "y", "z")]}


@pytest.mark.parametrize(
    ("node", "measures", "value"),
    [
        (CAP, {"x": 99}, 59),
        (CAP, {"x": 40}, 40),
        (CAP | {"where": [{"node": "y", "below": 60}]}, {"x": 99, "y": 59.9}, 59),
        (CAP | {"where": [{"node": "y", "below": 60}]}, {"x": 99, "y": 60}, 99),
        (CAP | {"where": [{"node": "y", "below": 60}]}, {"x": 99}, 99),
        (CAP | {"where": [{"node": "y", "missing": "value"}]}, {"x": 99}, 59),
        (CAP | {"where": [THREE_OF]}, {"x": 99, "y": 1, "z": 1}, 59),
        (CAP | {"where": [THREE_OF]}, {"x": 99, "y": 1}, 99),
        (CAP | {"where": [{"attribute": "unit", "one_of": ["district"]}]}, {"x": 99}, 99),
        ({"kind": "limit", "input": "x", "at_least": 20}, {"x": 3}, 20),
        (CAP, {}, None),
    ],
)
def test_a_limit_holds_only_where_all_its_conditions_do(node: Any, measures: Any, value: float | None) -> None:
    assert outcome(node, measures)["value"] == value


def test_a_bonus_is_added_up_to_a_ceiling() -> None:
    nodes = {
        "sum": {"kind": "aggregate", "how": "sum", "of": ["x", "y"], "required": ["x"]},
        "total": {"kind": "limit", "input": "sum", "at_most": 100},
    }
    found = outcomes(nodes, {"s": {"x": 95, "y": 7}, "t": {"x": 95}, "u": {"x": 95, "y": 5}})
    assert [found[subject]["total"]["value"] for subject in "stu"] == [100, 95, 100]


TABLE = {
    "kind": "decide",
    "cases": [
        {"where": [{"node": "y", "above": 50}], "label": "Withheld", "reason": "under-review"},
        {"where": [{"node": "z", "at_most": 10}, {"node": "x", "at_least": 1}], "of": "band"},
        {"where": [{"node": "x", "missing": "value"}], "reason": "no-data"},
    ],
    "otherwise": "C",
}


@pytest.mark.parametrize(
    ("measures", "label", "reason"),
    [
        ({"x": 90, "y": 51, "z": 1}, "Withheld", "under-review"),
        ({"x": 90, "y": 50, "z": 10}, "A", None),
        ({}, None, "no-data"),
        ({"x": 90}, "C", None),
    ],
)
def test_the_first_case_of_a_decision_table_that_holds_decides(
    measures: Any, label: str | None, reason: str | None
) -> None:
    found = outcome(TABLE, measures)
    assert (found["label"], found["reason"]) == (label, reason)


def test_a_label_in_place_of_a_rating_stands_beside_the_score_with_its_reason() -> None:
    compiled = compile_framework(framework({"node": TABLE}, result={"score": "x", "rating": "node"}))
    rating = compiled.rate(rows({"s": {"x": 90, "y": 51}})).ratings.to_dicts()[0]
    assert (rating["score"], rating["rating"], rating["status"]) == (90, "Withheld", "not-rated")
    assert rating["reason"] == "under-review"


def test_a_kind_of_school_may_have_bands_of_its_own() -> None:
    bands = [{"label": "A", "at_least": 95}, {"label": "C", "at_least": 0}]
    own = {"kind": "band", "input": "x", "bands": bands, "when": {"unit": ["district"]}}
    found = outcomes({"node": own}, {"s": {"x": 90}, "d": {"x": 90, "unit": "district"}})
    assert found["s"]["band"]["label"] == "A"
    assert "node" not in found["s"]
    assert (found["d"]["node"]["label"], found["d"]["node"]["rule"]) == ("C", "at least 0: C")


def test_shares_may_leave_a_remainder_to_a_node() -> None:
    node = {"kind": "shares", "members": {"y": "share"}, "remainder": "x"}
    assert outcome(node, {"x": 80, "y": 70, "share": 0.4})["value"] == pytest.approx(76)
    assert outcome(node, {"x": 80, "share": 0.4})["reason"] == "missing"
    assert outcome(node, {"x": 80, "y": 70})["value"] is None


@given(st.lists(st.tuples(PERCENT, PERCENT, PERCENT), min_size=1, max_size=30), st.integers(0, 2))
@settings(max_examples=60, deadline=None)
def test_a_mean_of_what_is_there_is_rounded_half_up_as_the_exact_decimal_is(figures: Any, digits: int) -> None:
    weights = {"x": 40, "y": 40, "z": 20}
    nodes = {
        "mean": {"kind": "mean", "weights": weights},
        "node": {"kind": "round", "input": "mean", "digits": digits},
    }
    subjects: Any = {f"{at:03}": dict(zip("xyz", row, strict=True)) for at, row in enumerate(figures)}
    found = outcomes(nodes, subjects)
    for subject, measures in subjects.items():
        there = {code: Decimal(str(value)) for code, value in measures.items() if value is not None}
        held = sum(weights[code] for code in there)
        exact = sum(weights[code] * value for code, value in there.items()) / held if there else None
        ours = found[subject]["node"]["value"]
        step = Decimal(1).scaleb(-digits)
        assert ours == (None if exact is None else float(exact.quantize(step, ROUND_HALF_UP)))


@given(PERCENT, PERCENT, st.integers(0, 100), st.integers(0, 100))
@settings(max_examples=60, deadline=None)
def test_a_cap_never_raises_and_a_floor_never_lowers(x: float | None, y: float | None, bound: int, below: int) -> None:
    where = [{"node": "y", "below": below}]
    nodes = {
        "cap": {"kind": "limit", "input": "x", "at_most": bound, "where": where},
        "floor": {"kind": "limit", "input": "x", "at_least": bound, "where": where},
    }
    found = outcomes(nodes, {"s": {"x": x, "y": y}})["s"]
    applies = y is not None and y < below
    expected = (None, None) if x is None else (min(x, bound), max(x, bound)) if applies else (x, x)
    assert (found["cap"]["value"], found["floor"]["value"]) == expected
