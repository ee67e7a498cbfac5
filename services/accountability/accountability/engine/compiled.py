"""A framework compiled: measures in, outcomes of every node out, and the ratings they lead to."""

from dataclasses import dataclass
from typing import Any

import narwhals as nw
from narwhals.typing import IntoDataFrame

from accountability.engine import nodes
from accountability.engine.columns import FACETS, Columns, column, number, of, text
from accountability.engine.weights import effective_weights, weight
from accountability.frameworks.document import (
    AttainmentNode,
    BandNode,
    BetterNode,
    EntryNode,
    Framework,
    LabelNode,
    PointsNode,
    RoundNode,
    SelectNode,
    SharesNode,
    WeightedNode,
)

ENGINE_VERSION = "1"
"""Pinned by every run; raised when the same inputs may give other results."""

MEASURED = ("value", "category", "n", "participation")


@dataclass(frozen=True)
class Outcomes:
    """What a run found. Both are frames of the backend that the measures came in.

    `explanation`: subject, node, value, label, points, weight_declared, weight_effective, reason, rule.
    `ratings`: subject, score, rating, status (rated or not-rated), reason, and a column for each label that goes along.
    """

    explanation: Any
    ratings: Any


@dataclass(frozen=True)
class CompiledFramework:
    """A framework whose nodes stand in the order of computation."""

    framework: Framework
    order: tuple[str, ...]

    def codes(self) -> list[str]:
        """The indicators and attributes that it reads."""
        return [*self.framework.indicators, *self.framework.attributes]

    def rate(self, measures: IntoDataFrame) -> Outcomes:
        """Rate every subject of `measures`: subject, indicator, value, category, n, participation.

        There is one row per subject and indicator; attributes come as indicators of the same code. Rows of other
        indicators are ignored.
        """
        frame = self._wide(nw.from_native(measures, eager_only=True))
        for name in self.order:
            node = self.framework.nodes[name]
            if isinstance(node, WeightedNode):
                frame = effective_weights(frame, name, node)
            frame = frame.with_columns(**self._applied(name, self._columns(name)))
        return Outcomes(self._explanation(frame).to_native(), self._ratings(frame).to_native())

    def _wide(self, long: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
        codes = self.codes()
        known = long.filter(nw.col("indicator").is_in(codes))
        wide = known.pivot(on="indicator", index="subject", values=list(MEASURED), sort_columns=True)
        empty = {
            f"{measured}_{code}": text(None) if measured == "category" else number(None)
            for code in codes
            for measured in MEASURED
            if f"{measured}_{code}" not in wide.columns
        }
        return wide.with_columns(**empty).sort("subject")

    def _columns(self, name: str) -> Columns:
        framework, node = self.framework, self.framework.nodes[name]
        match node:
            case PointsNode():
                participation = nw.col(f"participation_{node.indicator}").ceil()
                return nodes.points(name, node, framework) | {column(name, "participation"): participation}
            case WeightedNode():
                return nodes.weighted(name, node)
            case RoundNode():
                return nodes.rounded(name, node)
            case BandNode():
                return nodes.band(name, node, framework)
            case AttainmentNode():
                return nodes.attainment(name, node)
            case BetterNode():
                return nodes.better(name, node, framework)
            case EntryNode():
                return nodes.entry(name, node, framework)
            case SharesNode():
                return nodes.shares(name, node)
            case SelectNode():
                return nodes.select(name, node)
            case LabelNode():
                return nodes.label(name, node)

    def _applies(self, name: str) -> nw.Expr | None:
        conditions = [
            nw.col(f"category_{attribute}").is_in(values).fill_null(False)
            for attribute, values in self.framework.nodes[name].when.items()
        ]
        return nw.all_horizontal(*conditions, ignore_nulls=False) if conditions else None

    def _applied(self, name: str, columns: Columns) -> Columns:
        blank = {
            column(name, facet): nw.lit(None, dtype=dtype)
            for facet, dtype in FACETS.items()
            if column(name, facet) not in columns
        }
        applies = self._applies(name)
        if applies is None:
            return columns | blank
        return {key: nw.when(applies).then(expression) for key, expression in columns.items()} | blank

    def _explanation(self, frame: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
        weighted_in = {
            member: (name, float(declared))
            for name, node in self.framework.nodes.items()
            if isinstance(node, WeightedNode)
            for member, declared in node.weights.items()
        }
        parts = []
        for name in self.order:
            group = weighted_in.get(name)
            applies = self._applies(name)
            rows = frame if applies is None else frame.filter(applies)
            parts.append(
                rows.select(
                    "subject",
                    node=text(name),
                    value=of(name, "value"),
                    label=of(name, "label"),
                    points=of(name, "points"),
                    weight_declared=number(group[1] if group else None),
                    weight_effective=nw.col(weight(group[0], name)) if group else number(None),
                    reason=of(name, "reason"),
                    rule=of(name, "rule"),
                )
            )
        return nw.concat(parts, how="vertical")

    def _ratings(self, frame: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
        result = self.framework.result
        label = of(result.rating, "label")
        return frame.select(
            "subject",
            score=of(result.score, "value"),
            rating=nw.when(label.is_null()).then(text(self.framework.not_rated)).otherwise(label),
            status=nw.when(label.is_null()).then(text("not-rated")).otherwise(text("rated")),
            reason=nw.when(label.is_null()).then(
                nw.when(of(result.rating, "reason").is_null())
                .then(text("missing"))
                .otherwise(of(result.rating, "reason"))
            ),
            **{name: of(name, "label") for name in result.also},
        )


def compile_framework(framework: Framework) -> CompiledFramework:
    """Put a framework's nodes into the order of computation."""
    return CompiledFramework(framework, tuple(framework.order()))
