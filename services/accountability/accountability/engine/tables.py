"""What a framework says of its points nodes, as small frames to join with the rows of a run."""

from collections.abc import Mapping
from typing import Any

import narwhals as nw

from accountability.frameworks.document import Framework
from accountability.frameworks.nodes import PointsNode, WeightedNode
from accountability.frameworks.parts import Cuts

Frame = nw.DataFrame[Any]
RUNGS = 64
"""More than a table has rungs: a rung of a node is one number, `step * RUNGS + cuts reached`."""


def points_nodes(framework: Framework, order: tuple[str, ...]) -> dict[int, PointsNode]:
    """The points nodes by their step in the order of computation."""
    named = ((step, framework.nodes[name]) for step, name in enumerate(order))
    return {step: node for step, node in named if isinstance(node, PointsNode)}


def node_table(like: Frame, framework: Framework, nodes: Mapping[int, PointsNode], order: tuple[str, ...]) -> Frame:
    """How each node scores: its indicator (by position), least n, penalties, weight, and its cuts, negated if low is
    good."""
    declared = {
        member: float(percent)
        for node in framework.nodes.values()
        if isinstance(node, WeightedNode)
        for member, percent in node.weights.items()
    }
    indicators = {code: at for at, code in enumerate(framework.indicators)}
    tables = [framework.tables[node.cuts] if node.cuts is not None else None for node in nodes.values()]
    columns: dict[str, tuple[list[Any], Any]] = {
        "step": (list(nodes), nw.Int64()),
        "node": ([order[step] for step in nodes], nw.String()),
        "weight_declared": ([declared.get(order[step]) for step in nodes], nw.Float64()),
        "indicator": ([indicators[node.indicator] for node in nodes.values()], nw.Int64()),
        "minimum_n": ([framework.indicators[node.indicator].minimum_n for node in nodes.values()], nw.Float64()),
        "penalties": ([node.penalties for node in nodes.values()], nw.String()),
        "lowest": ([node.lowest for node in nodes.values()], nw.Float64()),
        "by_category": ([node.categories is not None for node in nodes.values()], nw.Boolean()),
        "sign": ([_sign(table) for table in tables], nw.Float64()),
        **{f"cut_{at}": ([_cut(table, at) for table in tables], nw.Float64()) for at in range(most_cuts(framework))},
    }
    return _frame(like, columns)


def most_cuts(framework: Framework) -> int:
    """How many cuts the longest table has."""
    return max((len(table.cuts) for table in framework.tables.values()), default=0)


def rung_table(like: Frame, framework: Framework, nodes: Mapping[int, PointsNode]) -> Frame:
    """Points and rule of each rung of each node that scores by cuts."""
    rungs = [
        (step * RUNGS + reached, points, rule)
        for step, node in nodes.items()
        if node.cuts is not None
        for reached, (points, rule) in enumerate(_rungs(framework.tables[node.cuts]))
    ]
    numbers, points, rules = ([rung[at] for rung in rungs] for at in range(3))
    return _frame(like, {"rung": (numbers, nw.Int64()), "points": (points, nw.Float64()), "rule": (rules, nw.String())})


def category_table(like: Frame, nodes: Mapping[int, PointsNode]) -> Frame:
    """Points and rule of each category of each node that scores by category."""
    rows = [
        (step, category, points, f"{category}: {points:g} points")
        for step, node in nodes.items()
        for category, points in (node.categories or {}).items()
    ]
    steps, categories, points, rules = ([row[at] for row in rows] for at in range(4))
    return _frame(
        like,
        {
            "step": (steps, nw.Int64()),
            "category": (categories, nw.String()),
            "points": (points, nw.Float64()),
            "rule": (rules, nw.String()),
        },
    )


def _sign(table: Cuts | None) -> float:
    return -1.0 if table is not None and table.lower_is_better else 1.0


def _cut(table: Cuts | None, at: int) -> float | None:
    return _sign(table) * table.cuts[at].value if table is not None and at < len(table.cuts) else None


def _rungs(table: Cuts) -> list[tuple[float, str]]:
    """Points and rule by how many cuts are reached, from none to all."""
    reaches, misses = ("at most", "above") if table.lower_is_better else ("at least", "below")
    none = (table.otherwise, f"{misses} {table.cuts[-1].value:g}: {table.otherwise:g} points")
    return [
        none,
        *((cut.points, f"{reaches} {cut.value:g}: {cut.points:g} points") for cut in reversed(table.cuts)),
    ]


def _frame(like: Frame, columns: Mapping[str, tuple[list[Any], Any]]) -> Frame:
    values = {name: values for name, (values, _) in columns.items()}
    schema = {name: dtype for name, (_, dtype) in columns.items()}
    return nw.from_dict(values, schema=schema, backend=like.implementation)
