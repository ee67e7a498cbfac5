"""Why there is no rating, in the words that all frameworks share: what the engine says, followed to its root."""

from collections.abc import Mapping
from typing import get_args

import polars as pl
from contracts.accountability import NotRatedReason

ENGINE: Mapping[str, NotRatedReason] = {
    "missing": "missing-data",
    "nothing-assessed": "missing-data",
    "not-in-table": "missing-data",
    "weight-without-target": "missing-data",
    "no-members": "not-applicable",
}
"""The engine's own words, besides those that are shared already. What a framework's document calls it, is `other`."""

REQUIRED, MISSING = "required-missing:", "missing:"
SHARED = {str(word): word for word in get_args(NotRatedReason)}
SUBJECT = ["school_id", "student_group"]


def code_of(reason: str, of_nodes: Mapping[str, str]) -> NotRatedReason:
    """The shared word for a reason; `of_nodes`: the reasons of the nodes that gave nothing, by node."""
    followed: set[str] = set()
    while reason.startswith(REQUIRED) and reason not in followed:
        followed.add(reason)
        reason = of_nodes.get(reason.removeprefix(REQUIRED), "missing")
    if reason.startswith(MISSING):
        reason = "missing"
    return SHARED.get(reason) or ENGINE.get(reason, "other")


def with_codes(ratings: pl.DataFrame, outcomes: pl.DataFrame) -> pl.DataFrame:
    """`ratings` with the column `reason_code`."""
    without = ratings.filter(pl.col("reason").is_not_null()).select(*SUBJECT, "reason")
    nodes: dict[tuple[str, str], dict[str, str]] = {}
    given = outcomes.filter(pl.col("reason").is_not_null()).join(without, on=SUBJECT, how="semi")
    for school, group, node, reason in given.select(*SUBJECT, "node", "reason").iter_rows():
        nodes.setdefault((school, group), {})[node] = reason
    codes = [code_of(reason, nodes.get((school, group), {})) for school, group, reason in without.iter_rows()]
    coded = without.select(SUBJECT).with_columns(pl.Series("reason_code", codes, dtype=pl.String))
    return ratings.join(coded, on=SUBJECT, how="left", maintain_order="left")
