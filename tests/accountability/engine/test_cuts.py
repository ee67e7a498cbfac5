"""A mean that is on a cut as a decimal reaches it, wherever its binary form lies."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.accountability.engine.small import outcome, outcomes

MEAN = {"kind": "mean", "weights": {"x": 1, "y": 1, "z": 1}}
ON_TWENTY: Any = {"x": 43.8, "y": 11.3, "z": 4.9}
"""Their mean in binary is a hair below 20."""

TENTHS = st.integers(0, 1000)


def label_by(question: dict[str, Any]) -> str:
    """Whether the mean on the cut answers a question with yes."""
    table = {"kind": "decide", "cases": [{"where": [{"node": "mean"} | question], "label": "A"}], "otherwise": "C"}
    return str(outcomes({"mean": MEAN, "node": table}, {"s": ON_TWENTY})["s"]["node"]["label"])


def test_a_mean_on_a_cut_has_the_band_that_begins_there() -> None:
    bands = [{"label": "A", "at_least": 20}, {"label": "C", "at_least": 0}]
    found = outcomes({"mean": MEAN, "node": {"kind": "band", "input": "mean", "bands": bands}}, {"s": ON_TWENTY})
    assert found["s"]["mean"]["value"] < 20
    assert found["s"]["node"]["label"] == "A"


@pytest.mark.parametrize(
    ("question", "label"),
    [({"at_least": 20}, "A"), ({"above": 20}, "C"), ({"at_most": 20}, "A"), ({"below": 20}, "C")],
)
def test_a_mean_on_a_limit_is_neither_above_nor_below_it(question: dict[str, Any], label: str) -> None:
    assert label_by(question) == label


def test_what_is_missing_is_on_neither_side_of_a_limit() -> None:
    for question in ({"at_least": 20}, {"above": 20}, {"at_most": 20}, {"below": 20}):
        table = {"kind": "decide", "cases": [{"where": [{"node": "x"} | question], "label": "A"}], "otherwise": "C"}
        assert outcome(table, {})["label"] == "C"


@given(st.tuples(TENTHS, TENTHS, TENTHS))
@settings(max_examples=60, deadline=None)
def test_a_mean_reaches_the_cut_that_it_is_as_an_exact_fraction(tenths: tuple[int, int, int]) -> None:
    exact = Fraction(sum(tenths), 30)
    cut = round(float(exact), 6)
    bands = [{"label": "A", "at_least": cut}, {"label": "C", "at_least": -1}]
    measures: Any = {code: value / 10 for code, value in zip("xyz", tenths, strict=True)}
    found = outcomes({"mean": MEAN, "node": {"kind": "band", "input": "mean", "bands": bands}}, {"s": measures})
    assert found["s"]["node"]["label"] == ("A" if exact >= Fraction(str(cut)) else "C")
