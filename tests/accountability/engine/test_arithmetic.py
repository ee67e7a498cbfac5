"""Nodes that calculate: multiples, products, quotients, and rounding on both sides of 0."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.accountability.engine.small import outcome, outcomes

CHANGE = {"kind": "linear", "of": {"x": 1, "y": -1}}


@pytest.mark.parametrize(
    ("node", "measures", "value", "reason"),
    [
        (CHANGE, {"x": 50, "y": 60}, -10, None),
        (CHANGE, {"x": 50}, None, "required-missing:y"),
        ({"kind": "linear", "of": {"x": 0.5, "y": "3/2"}, "plus": -2}, {"x": 10, "y": 4}, 9, None),
        ({"kind": "product", "of": ["x", "y"], "times": 0.01}, {"x": 80, "y": 50}, 40, None),
        ({"kind": "product", "of": ["x"], "over": ["y"], "times": 100}, {"x": 3, "y": 4}, 75, None),
        ({"kind": "product", "of": ["x"], "over": ["y"]}, {"x": 3, "y": 0}, None, "divided-by-0:y"),
        ({"kind": "product", "of": ["x"], "over": ["y"]}, {"y": 4}, None, "required-missing:x"),
    ],
)
def test_a_node_that_calculates_needs_all_of_its_members(
    node: dict[str, Any], measures: Any, value: float | None, reason: str | None
) -> None:
    found = outcome(node, measures)
    assert (found["value"], found["reason"]) == (value, reason)


def test_the_rule_shows_the_formula() -> None:
    points = {"kind": "linear", "of": {"x": 0.5, "y": -1}, "plus": 3}
    rate = {"kind": "product", "of": ["x"], "over": ["y"], "times": 100}
    found = outcomes({"points": points, "rate": rate}, {"s": {"x": 1, "y": 2}})["s"]
    assert found["points"]["rule"] == "+0.5 x x -1 x y +3"
    assert found["rate"]["rule"] == "x x 100 / y"


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.integers(0, 1))
@settings(max_examples=100, deadline=None)
def test_a_change_is_rounded_half_away_from_zero_as_the_exact_decimal_is(now: int, before: int, digits: int) -> None:
    nodes = {"change": CHANGE, "node": {"kind": "round", "input": "change", "digits": digits}}
    found = outcomes(nodes, {"s": {"x": now / 100, "y": before / 100}})["s"]["node"]["value"]
    exact = (Decimal(now) - Decimal(before)) / 100
    assert found == float(exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))
    assert str(found) != "-0.0"
