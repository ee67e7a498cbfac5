"""Joins for nodes that read measures, tables and other subjects: `frame` with the columns from which their stages go
on."""

from typing import Any

import narwhals as nw

from accountability.engine.columns import Stages, column, number, of, text
from accountability.frameworks.composing import MeasureNode
from accountability.frameworks.document import Framework
from accountability.frameworks.lookups import LARGEST, Lookup
from accountability.frameworks.referring import BorrowNode, Key, LookupNode, RollupNode

Frame = nw.DataFrame[Any]
MILLIONTHS = 1_000_000
"""Numbers are compared in tables as whole millionths: as decimals, not as binary fractions."""


def with_measures(frame: Frame, measures: Frame, framework: Framework) -> Frame:
    """With what was measured, for the nodes that take a measure as it is."""
    for name, node in framework.nodes.items():
        if isinstance(node, MeasureNode):
            held = measures.filter(nw.col("indicator") == node.indicator).select(
                "subject",
                nw.col("value").alias(column(name, "measured")),
                nw.col("category").alias(column(name, "category")),
                (nw.col("n") < framework.indicators[node.indicator].minimum_n).alias(column(name, "few")),
            )
            frame = frame.join(held, on="subject", how="left")
    return frame


def with_found(frame: Frame, name: str, node: LookupNode, framework: Framework) -> Frame:
    """With what the table says."""
    table = framework.lookups[node.table]
    found = column(name, "found")
    keys = {f"{name}|{key}": _compared(node.by[key], key in table.numbers) for key in table.found_by()}
    return frame.with_columns(**keys).join(_table(frame, name, table, found), on=list(keys), how="left")


def _compared(key: Key, is_number: bool) -> nw.Expr:
    if key.value is not None:
        return millionths(of(key.value, "value"))
    if key.label is not None:
        return of(key.label, "label")
    if key.attribute is not None:
        return millionths(nw.col(f"value_{key.attribute}")) if is_number else nw.col(f"category_{key.attribute}")
    return millionths(number(float(key.constant or 0))) if is_number else text(key.constant)


def millionths(value: nw.Expr) -> nw.Expr:
    """A number as a whole count of millionths; nothing beyond what a table may hold."""
    within = nw.when(value.abs() <= LARGEST).then(value)
    return (within * MILLIONTHS + 0.5).floor().cast(nw.Int64)


def _table(like: Frame, name: str, table: Lookup, found: str) -> Frame:
    rows = table.rows()
    schema: dict[str, Any] = {key: nw.Float64 if key in table.numbers else nw.String for key in table.columns()}
    values = {key: [row[key] for row in rows] for key in schema}
    frame = nw.from_dict(values, schema=schema, backend=like.implementation)
    keys = {
        f"{name}|{key}": millionths(nw.col(key)) if key in table.numbers else nw.col(key) for key in table.found_by()
    }
    return frame.select(**keys, **{found: nw.col(table.result)})


def looked_up(name: str, node: LookupNode) -> Stages:
    """What was found."""
    found = of(name, "found")
    return (
        {
            column(name, node.give): found,
            column(name, "reason"): nw.when(found.is_null()).then(text("not-in-table")),
            column(name, "rule"): text(f"table {node.table}"),
        },
    )


def with_members(frame: Frame, name: str, node: RollupNode, framework: Framework) -> Frame:
    """With what the members of each subject gave together, and how many they are."""
    said = of(node.of, node.facet)
    ranks = {band.label: float(place) for place, band in enumerate(reversed(framework.scale))}
    if node.how == "worst":
        said = said.replace_strict(ranks, default=None, return_dtype=nw.Float64)
    elif node.one_of:
        said = nw.when(~said.is_null()).then(said.is_in(node.one_of).cast(nw.Float64))
    weight = of(node.weighted_by, "value") if node.weighted_by is not None else number(1.0)
    members = frame.select(subject=nw.col(f"category_{node.members}"), said=said, weight=weight)
    members = members.filter(~nw.col("subject").is_null() & ~nw.col("said").is_null() & (nw.col("weight") > 0))
    value = nw.col("said")
    together = (
        members.with_columns(weighed=value * nw.col("weight"))
        .group_by("subject")
        .agg(
            value.sum().alias("sum"),
            value.min().alias("lowest"),
            value.max().alias("highest"),
            nw.col("weighed").sum(),
            nw.col("weight").sum(),
            nw.len().alias("count"),
        )
    )
    count = nw.col("count").cast(nw.Float64)
    given = {
        "count": nw.col("sum") if node.one_of else count,
        "share": nw.col("sum") * 100.0 / count,
        "mean": nw.col("weighed") / nw.col("weight"),
        "worst": nw.col("lowest"),
    }.get(node.how, nw.col(node.how))
    result = {column(name, "given"): given, column(name, "members"): nw.col("count")}
    return frame.join(together.select("subject", **result), on="subject", how="left")


def rolled_up(name: str, node: RollupNode, framework: Framework) -> Stages:
    """What the members gave together."""
    given = of(name, "given")
    labels = {float(place): band.label for place, band in enumerate(reversed(framework.scale))}
    worst = given.replace_strict(labels, default=None, return_dtype=nw.String)
    what = f"{node.how} of {node.of}" + (f" being {' or '.join(node.one_of)}" if node.one_of else "")
    what += f" weighted by {node.weighted_by}" if node.weighted_by is not None else ""
    return (
        {
            column(name, "label" if node.how == "worst" else "value"): worst if node.how == "worst" else given,
            column(name, "reason"): nw.when(given.is_null()).then(text("no-members")),
            column(name, "rule"): nw.concat_str(
                text(f"{what} over "), of(name, "members").cast(nw.String), text(" members")
            ),
        },
    )


def with_other(frame: Frame, name: str, node: BorrowNode) -> Frame:
    """With what the node gave for the other subject."""
    others = frame.select(
        nw.col("subject").alias(column(name, "other")), of(node.of, node.give).alias(column(name, "given"))
    )
    return frame.join(others, left_on=f"category_{node.attribute}", right_on=column(name, "other"), how="left")


def borrowed(name: str, node: BorrowNode) -> Stages:
    """What the other subject has."""
    given = of(name, "given")
    return (
        {
            column(name, node.give): given,
            column(name, "reason"): nw.when(given.is_null()).then(text("missing")),
            column(name, "rule"): nw.concat_str(text(f"{node.of} of "), nw.col(f"category_{node.attribute}")),
        },
    )
