"""From columns by node to rows: what every node gave for every subject, and the ratings."""

from typing import Any

import narwhals as nw

from accountability.engine.columns import FACETS, column, number, of, text
from accountability.engine.subjects import condition, meeting
from accountability.engine.weights import weight
from accountability.frameworks.document import Framework
from accountability.frameworks.nodes import PointsNode, WeightedNode

Frame = nw.DataFrame[Any]
COLUMNS = ("subject", "node", "value", "label", "points", "weight_declared", "weight_effective", "reason", "rule")


def explanation(scored: Frame | None, frame: Frame, framework: Framework, order: tuple[str, ...]) -> Frame:
    """A row for each subject and node that applies to it, in the order of subjects and of computation.

    `scored`: the points nodes as rows, if there are any; `frame`: the other nodes as columns.
    """
    parts = [_with_weights(scored, frame, framework, order)] if scored is not None else []
    applicable = {wanted: meeting(frame, wanted) for wanted in set(map(condition, framework.nodes.values()))}
    for step, name in enumerate(order):
        node = framework.nodes[name]
        if not isinstance(node, PointsNode):
            rows = applicable[condition(node)]
            row = nw.col("place") * len(order) + step
            parts.append(rows.select("place", row=row, node=text(name), **_given(rows, name)))
    named = nw.concat(parts).join(frame.select("place", "subject"), on="place", how="left")
    return named.sort("row").select(*COLUMNS)


def _given(frame: Frame, name: str) -> dict[str, nw.Expr]:
    given = {
        facet: of(name, facet) if column(name, facet) in frame.columns else nw.lit(None, dtype)
        for facet, dtype in FACETS.items()
    }
    return given | {"weight_declared": number(None), "weight_effective": number(None)}


def _with_weights(scored: Frame, frame: Frame, framework: Framework, order: tuple[str, ...]) -> Frame:
    """The rows of points nodes, each with its weights."""
    rows = scored.with_columns(row=nw.col("place") * len(order) + nw.col("step"))
    weighted = {name: node for name, node in framework.nodes.items() if isinstance(node, WeightedNode)}
    if weighted:
        weights = nw.concat([_weights(frame, name, node, order) for name, node in weighted.items()])
        rows = rows.join(weights, on="row", how="left")
    else:
        rows = rows.with_columns(weight_effective=number(None))
    declared = nw.when(~nw.col("weight_effective").is_null()).then(nw.col("weight_declared"))
    return rows.select("place", "row", "node", *FACETS, declared.alias("weight_declared"), nw.col("weight_effective"))


def _weights(frame: Frame, name: str, node: WeightedNode, order: tuple[str, ...]) -> Frame:
    """The effective weights of a node's members, by the row of the explanation in which they stand."""
    step = {member: str(at) for at, member in enumerate(order) if member in node.weights}
    members = {step[member]: nw.col(weight(name, member)) for member in node.weights}
    wide = meeting(frame, condition(node)).select("place", **members)
    rows = wide.unpivot(on=list(members), index="place", variable_name="step", value_name="weight_effective")
    row = nw.col("place") * len(order) + nw.col("step").cast(nw.Int64)
    return rows.select(row.alias("row"), "weight_effective")


def ratings(frame: Frame, framework: Framework) -> Frame:
    """A row for each subject: its score, rating, status, the reason why there is none, and labels that go along."""
    result = framework.result
    label, reason, rated = _overall(framework)
    why = nw.when(reason.is_null()).then(text("missing")).otherwise(reason)
    return frame.sort("place").select(
        "subject",
        score=of(result.score, "value") if result.score is not None else number(None),
        rating=nw.when(label.is_null()).then(text(framework.not_rated)).otherwise(label),
        status=nw.when(rated).then(text("rated")).otherwise(text("not-rated")),
        reason=nw.when(~rated).then(why),
        **{name: of(name, "label") for name in result.also},
    )


def _overall(framework: Framework) -> tuple[nw.Expr, nw.Expr, nw.Expr]:
    """The rating's label, why there is none, and whether the subject is rated: where the framework has no overall
    rating, by its score or labels."""
    result = framework.result
    if result.rating is None:
        given = [of(result.score, "value")] if result.score is not None else [of(name, "label") for name in result.also]
        there = nw.any_horizontal(*(~one.is_null() for one in given), ignore_nulls=False)
        return text(None), of(result.score, "reason") if result.score is not None else text(None), there
    label = of(result.rating, "label")
    return label, of(result.rating, "reason"), ~(label.is_null() | label.is_in(framework.not_rated_labels))
