"""Nodes that refer to tables, members and other subjects, and what they promise for any of them."""

from collections import defaultdict
from typing import Any

import pytest
from accountability.engine import compile_framework
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.accountability.engine.small import framework, outcome, outcomes, rows

SCALING = {"scaling": {"csv": "kind,unit,raw,scaled\nx,school,97.3,80\nx,district,97.3,81\ny,school,97.3,82\n"}}
SCALING["scaling"] |= {"result": "scaled", "numbers": ["raw", "scaled"]}  # type: ignore[dict-item]
LOOKUP: dict[str, Any] = {
    "kind": "lookup",
    "table": "scaling",
    "by": {"kind": {"constant": "x"}, "unit": {"attribute": "unit"}, "raw": {"value": "x"}},
}


@pytest.mark.parametrize(
    ("measures", "value", "reason"),
    [
        ({"x": 97.3}, 80, None),
        ({"x": 97.3, "unit": "district"}, 81, None),
        ({"x": 97.4}, None, "not-in-table"),
        ({}, None, "not-in-table"),
    ],
)
def test_a_table_is_looked_up_by_all_of_its_columns(measures: Any, value: float | None, reason: str | None) -> None:
    found = outcome(LOOKUP, measures, lookups=SCALING)
    assert (found["value"], found["reason"]) == (value, reason)


def test_a_two_way_table_gives_a_label_by_two_labels() -> None:
    csv = "status,change,color\nA,A,blue\nA,C,yellow\nC,A,orange\n"
    by = {"status": {"label": "band"}, "change": {"label": "change"}}
    nodes = {
        "change": {"kind": "band", "input": "y"},
        "node": {"kind": "lookup", "table": "colors", "give": "label", "by": by},
    }
    tables = {"colors": {"csv": csv, "result": "color"}}
    found = outcomes(nodes, {"s": {"x": 90, "y": 10}, "t": {"x": 10, "y": 90}, "u": {"x": 70, "y": 90}}, lookups=tables)
    assert [found[subject]["node"]["label"] for subject in "stu"] == ["yellow", "orange", None]


MEMBERS: dict[str, Any] = {
    "s1": {"x": 90, "district": "d"},
    "s2": {"x": 70, "district": "d"},
    "s3": {"district": "d"},
    "s4": {"x": 5, "district": "e"},
    "d": {"unit": "district", "x": 1},
    "f": {"unit": "district"},
}


@pytest.mark.parametrize(
    ("how", "of", "one_of", "expected"),
    [
        ("count", "x", [], 2),
        ("count", "band", ["A"], 1),
        ("share", "band", ["A", "C"], 50),
        ("sum", "x", [], 160),
        ("lowest", "x", [], 70),
        ("highest", "x", [], 90),
    ],
)
def test_members_count_by_what_they_have_and_nobody_elses_do(
    how: str, of: str, one_of: list[str], expected: float
) -> None:
    node = {"kind": "rollup", "members": "district", "how": how, "of": of, "one_of": one_of}
    found = outcomes({"node": node}, MEMBERS)
    assert found["d"]["node"]["value"] == expected
    assert found["d"]["node"]["rule"].endswith("over 2 members")
    assert (found["f"]["node"]["value"], found["f"]["node"]["reason"]) == (None, "no-members")


def test_a_district_has_the_label_of_its_worst_member() -> None:
    node = {"kind": "rollup", "members": "district", "how": "worst", "of": "band"}
    assert outcomes({"node": node}, MEMBERS)["d"]["node"]["label"] == "B"


def test_half_of_the_members_is_not_more_than_half() -> None:
    share = {"kind": "rollup", "members": "district", "how": "share", "of": "band", "one_of": ["A"]}
    decided = {"kind": "decide", "cases": [{"where": [{"node": "share", "above": 50}], "label": "A"}], "otherwise": "C"}
    more = MEMBERS | {"s5": {"x": 99, "district": "d"}}
    labels = [outcomes({"share": share, "node": decided}, one)["d"]["node"]["label"] for one in (MEMBERS, more)]
    assert labels == ["C", "A"]


def test_a_subject_may_have_what_another_one_has() -> None:
    node = {"kind": "borrow", "attribute": "district", "of": "x"}
    found = outcomes({"node": node}, MEMBERS)
    assert (found["s3"]["node"]["value"], found["s3"]["node"]["rule"]) == (1, "x of d")
    assert (found["s4"]["node"]["value"], found["s4"]["node"]["reason"]) == (None, "missing")


@given(st.lists(st.tuples(st.integers(0, 4), st.one_of(st.none(), st.integers(0, 100))), max_size=40), st.randoms())
@settings(max_examples=40, deadline=None)
def test_a_rollup_is_that_of_its_members_in_any_order(members: list[tuple[int, int | None]], random: Any) -> None:
    subjects: Any = {f"s{at}": {"x": value, "district": f"d{of}"} for at, (of, value) in enumerate(members)}
    subjects |= {f"d{of}": {"unit": "district"} for of in range(5)}
    hows = ("count", "sum", "lowest", "highest")
    nodes = {how: {"kind": "rollup", "members": "district", "how": how, "of": "x"} for how in hows}
    measures = rows(subjects)
    places = list(range(len(measures)))
    random.shuffle(places)
    compiled = compile_framework(framework(nodes))
    first, second = compiled.rate(measures), compiled.rate(measures[places])
    assert first.explanation.write_csv() == second.explanation.write_csv()
    held: dict[str, list[int]] = defaultdict(list)
    for of, value in members:
        if value is not None:
            held[f"d{of}"].append(value)
    for row in first.explanation.to_dicts():
        if row["node"] in hows and row["subject"].startswith("d"):
            values = held[row["subject"]]
            by_hand = dict(
                zip(hows, (len(values), sum(values), min(values, default=0), max(values, default=0)), strict=True)
            )
            assert row["value"] == (by_hand[row["node"]] if values else None)
