"""Frameworks of a few nodes, and subjects to rate by them."""

from typing import Any

import polars as pl
from accountability.engine import compile_framework
from accountability.frameworks.document import Framework

from tests.accountability.engine.test_rules import SCHEMA

Given = dict[str, float | str | tuple[float, float] | None]
"""Measures and attributes of a subject by code: a number, a category, or a number with the students it is of."""

BASE: dict[str, Any] = {
    "id": "small",
    "version": "1",
    "title": "Small",
    "owner": "test",
    "school_years": [2019],
    "data_year_lag": 0,
    "sources": ["test"],
    "not_rated": "Not Rated",
    "not_rated_labels": ["Withheld"],
    "scale": [{"label": "A", "at_least": 80}, {"label": "B", "at_least": 60}, {"label": "C", "at_least": 0}],
    "attributes": {
        "unit": {"kind": "category", "values": ["school", "district"]},
        "district": {"kind": "subject"},
        "share": {"kind": "number"},
    },
    "indicators": {code: {"title": code, "minimum_n": 10} for code in ("x", "y", "z")},
}


def framework(nodes: dict[str, dict[str, Any]], **more: Any) -> Framework:
    """A framework with `nodes` beside x, y and z as measured, and the band of x as rating unless told otherwise."""
    measured = {code: {"kind": "measure", "indicator": code} for code in ("x", "y", "z")}
    every = measured | {"band": {"kind": "band", "input": "x"}} | nodes
    sourced = {name: {"source": "test"} | node for name, node in every.items()}
    return Framework.model_validate(BASE | {"nodes": sourced, "result": {"score": "x", "rating": "band"}} | more)


def rows(subjects: dict[str, Given]) -> pl.DataFrame:
    """Measures as a run reads them."""
    lines: list[tuple[Any, ...]] = []
    for subject, given in subjects.items():
        lines.append((subject, "unit", None, "school", None, None)) if "unit" not in given else None
        for code, value in given.items():
            if isinstance(value, str):
                lines.append((subject, code, None, value, None, None))
            elif value is not None:
                number, n = value if isinstance(value, tuple) else (value, None)
                lines.append((subject, code, float(number), None, n, None))
    return pl.DataFrame(lines, schema=SCHEMA, orient="row")


def outcome(node: dict[str, Any], given: Given, **more: Any) -> dict[str, Any]:
    """What one node gives for one subject."""
    return outcomes({"node": node}, {"s": given}, **more)["s"]["node"]


def outcomes(
    nodes: dict[str, dict[str, Any]], subjects: dict[str, Given], **more: Any
) -> dict[str, dict[str, dict[str, Any]]]:
    """What every node gives, by subject and node."""
    explained = compile_framework(framework(nodes, **more)).rate(rows(subjects)).explanation
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for row in explained.to_dicts():
        found.setdefault(row["subject"], {})[row["node"]] = row
    return found
