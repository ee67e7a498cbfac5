"""Points nodes, all at once and in long form: one row for each subject and node, scored by joins with small tables.

A framework has dozens of indicators but one way to score them: the cost then lies in the rows, not in the nodes.
"""

from collections.abc import Mapping
from typing import Any

import narwhals as nw

from accountability.engine.columns import NEAR, column, first_that_holds, number, text
from accountability.engine.subjects import Condition, condition, meeting
from accountability.engine.tables import RUNGS, category_table, most_cuts, node_table, points_nodes, rung_table
from accountability.frameworks.document import Framework
from accountability.frameworks.nodes import PointsNode
from accountability.frameworks.parts import Penalty

Frame = nw.DataFrame[Any]
EARNED = (
    "place",
    "step",
    "node",
    "weight_declared",
    "value",
    "category",
    "points",
    "participation",
    "too_few",
    "penalties",
    "lowest",
    "rule",
)


def score(measures: Frame, frame: Frame, framework: Framework, order: tuple[str, ...]) -> tuple[Frame | None, Frame]:
    """What the points nodes give: as rows for the explanation (None without such nodes), and as columns of `frame`
    for the nodes that read them.

    Rows stand in the order of steps, then of places: place, step, value, label, points, participation (percent,
    rounded up), reason, rule.
    """
    nodes = points_nodes(framework, order)
    if not nodes:
        return None, frame
    grid = _grid(measures, frame, framework, order).join(_keyed(measures, frame, framework), on="key", how="left")
    grid = grid.with_columns(
        participation=nw.col("participation").ceil(), too_few=(nw.col("n") < nw.col("minimum_n")).fill_null(False)
    )
    earned = nw.concat([_by_cuts(grid, framework, nodes), _by_category(grid, nodes)])
    rows = _lowered(earned, framework).sort("step", "place")
    return rows, _with_columns(frame, rows, framework, order, nodes)


def _grid(measures: Frame, frame: Frame, framework: Framework, order: tuple[str, ...]) -> Frame:
    """A row for each subject and node that applies to it, with how the node scores."""
    nodes = points_nodes(framework, order)
    table = node_table(measures, framework, nodes, order)
    parts = []
    for wanted in dict.fromkeys(condition(node) for node in nodes.values()):
        under = [step for step, node in nodes.items() if condition(node) == wanted]
        places = meeting(frame, wanted).select("place")
        parts.append(places.join(table.filter(nw.col("step").is_in(under)), how="cross"))
    return nw.concat(parts).with_columns(key=nw.col("place") * len(framework.indicators) + nw.col("indicator"))


def _keyed(measures: Frame, frame: Frame, framework: Framework) -> Frame:
    """The indicators' measures under one number: the subject's place and the indicator's position."""
    codes = list(framework.indicators)
    position = nw.col("indicator").replace_strict(codes, list(range(len(codes))), return_dtype=nw.Int64)
    rows = measures.filter(nw.col("indicator").is_in(codes)).join(frame.select("place", "subject"), on="subject")
    key = nw.col("place") * len(codes) + position
    return rows.select(key.alias("key"), "value", "category", "n", "participation")


def _by_cuts(grid: Frame, framework: Framework, nodes: Mapping[int, PointsNode]) -> Frame:
    rows = grid.filter(~nw.col("by_category"))
    value = nw.col("value") * nw.col("sign")
    reached = [(value + NEAR >= nw.col(f"cut_{at}")).cast(nw.Int64) for at in range(most_cuts(framework))]
    rung = nw.col("step") * RUNGS + nw.sum_horizontal(nw.lit(0, nw.Int64), *reached)
    rows = rows.with_columns(rung=nw.when(~nw.col("value").is_null()).then(rung))
    return rows.join(rung_table(grid, framework, nodes), on="rung", how="left").select(*EARNED)


def _by_category(grid: Frame, nodes: Mapping[int, PointsNode]) -> Frame:
    rows = grid.filter(nw.col("by_category"))
    return rows.join(category_table(grid, nodes), on=["step", "category"], how="left").select(*EARNED)


def _lowered(rows: Frame, framework: Framework) -> Frame:
    """The points less what low participation costs, never below the lowest; and why there are none."""
    reached = [
        ((nw.col("penalties") == name) & (nw.col("participation") >= row.at_least), row)
        for name, table in framework.penalties.items()
        for row in table
    ]
    rows = rows.with_columns(
        lost=first_that_holds([(condition, number(row.lost)) for condition, row in reached], number(0.0)),
        note=first_that_holds([(condition, text(_note(row))) for condition, row in reached], text("")),
        counts=~nw.col("points").is_null() & ~nw.col("too_few"),
    )
    counts, lowered = nw.col("counts"), nw.max_horizontal(nw.col("points") - nw.col("lost"), nw.col("lowest"))
    missing = nw.when(~counts).then(text("missing"))
    # A figure of too few students is missing for every node, and is told to nobody.
    enough = ~nw.col("too_few")
    return rows.select(
        "place",
        "step",
        "node",
        "weight_declared",
        "participation",
        value=nw.when(enough).then(nw.col("value")),
        label=nw.when(enough).then(nw.col("category")),
        points=nw.when(counts).then(lowered),
        reason=nw.when(nw.col("too_few")).then(text("too-few-students")).otherwise(missing),
        rule=nw.when(counts).then(nw.concat_str(nw.col("rule"), nw.col("note"))),
    )


def _note(row: Penalty) -> str:
    return f"; participation of at least {row.at_least:g} lowers by {row.lost:g}" if row.lost else ""


def _with_columns(
    frame: Frame, rows: Frame, framework: Framework, order: tuple[str, ...], nodes: Mapping[int, PointsNode]
) -> Frame:
    """`frame` with a column for each facet of a points node that another node reads.

    Rows of one step stand together in the order of places, so that a column is a slice: a pivot would cost more than
    all the rest.
    """
    places = {
        wanted: meeting(frame, wanted).select("place") for wanted in dict.fromkeys(map(condition, nodes.values()))
    }
    columns: dict[Condition, list[nw.Series[Any]]] = {wanted: [] for wanted in places}
    start, read = 0, _read(framework)
    for step, node in nodes.items():
        end = start + len(places[condition(node)])
        columns[condition(node)] += [
            rows[facet][start:end].alias(column(order[step], facet)) for facet in read[order[step]]
        ]
        start = end
    for wanted, held in places.items():
        frame = frame.join(held.with_columns(*columns[wanted]), on="place", how="left")
    return frame.sort("place")


def _read(framework: Framework) -> dict[str, set[str]]:
    """What other nodes read of each node: with a value or a label, also the reason why there may be none."""
    read: dict[str, set[str]] = {name: set() for name in framework.nodes}
    for node in framework.nodes.values():
        for name, facet in node.reads():
            read[name] |= {facet, "reason"} if facet in ("value", "label") else {facet}
    return read
