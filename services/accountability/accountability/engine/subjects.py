"""The subjects that are rated: their attributes, and which conditions of the framework each of them meets."""

from typing import Any

import narwhals as nw

from accountability.engine.columns import Columns
from accountability.frameworks.document import Framework
from accountability.frameworks.nodes import Node

Frame = nw.DataFrame[Any]
Condition = tuple[tuple[str, tuple[str, ...]], ...]
"""Attributes and the values they may have. Nodes under one condition are computed for the same subjects."""


def condition(node: Node) -> Condition:
    """Under which condition a node applies; the empty one always holds."""
    return tuple((attribute, tuple(values)) for attribute, values in sorted(node.when.items()))


def subjects(measures: Frame, framework: Framework) -> Frame:
    """A row for each subject of `measures`, in order: subject, place, attributes, and a column for each condition."""
    frame = measures.select("subject").unique()
    for code in framework.attributes:
        held = measures.filter(nw.col("indicator") == code).select(
            "subject", nw.col("value").alias(f"value_{code}"), nw.col("category").alias(f"category_{code}")
        )
        frame = frame.join(held, on="subject", how="left")
    conditions = {condition(node) for node in framework.nodes.values()} - {()}
    met = {_column(wanted): _met(wanted) for wanted in sorted(conditions)}
    return frame.sort("subject").with_row_index("place").with_columns(nw.col("place").cast(nw.Int64), **met)


def meeting(frame: Frame, wanted: Condition) -> Frame:
    """The rows of the subjects that meet a condition."""
    return frame.filter(_column(wanted)) if wanted else frame


def where_met(wanted: Condition, columns: Columns) -> Columns:
    """The columns, null for subjects that do not meet the condition."""
    if not wanted:
        return columns
    return {name: nw.when(nw.col(_column(wanted))).then(expression) for name, expression in columns.items()}


def _column(wanted: Condition) -> str:
    return "met:" + ";".join(f"{attribute}={'|'.join(values)}" for attribute, values in wanted)


def _met(wanted: Condition) -> nw.Expr:
    one_of = [nw.col(f"category_{attribute}").is_in(values).fill_null(False) for attribute, values in wanted]
    return nw.all_horizontal(*one_of, ignore_nulls=False)
