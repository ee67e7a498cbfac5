"""A framework compiled: measures in, outcomes of every node out, and the ratings they lead to."""

from dataclasses import dataclass
from typing import Any

import narwhals as nw
from narwhals.typing import IntoDataFrame

from accountability.engine import arithmetic, composing, nodes, population, referring
from accountability.engine.columns import Stages
from accountability.engine.explaining import explanation, ratings
from accountability.engine.scoring import score
from accountability.engine.subjects import condition, subjects, where_met
from accountability.engine.weights import effective_weights
from accountability.frameworks.arithmetic import LinearNode, ProductNode
from accountability.frameworks.composing import (
    AggregateNode,
    DecideNode,
    FirstNode,
    LimitNode,
    MeanNode,
    MeasureNode,
)
from accountability.frameworks.document import Framework
from accountability.frameworks.nodes import (
    AttainmentNode,
    BandNode,
    BetterNode,
    EntryNode,
    LabelNode,
    Node,
    PointsNode,
    RoundNode,
    SelectNode,
    SharesNode,
    WeightedNode,
)
from accountability.frameworks.referring import BorrowNode, LookupNode, PercentileNode, RollupNode

ENGINE_VERSION = "4"
"""Pinned by every run; raised when the same inputs may give other results."""


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

    def links(self) -> list[str]:
        """The attributes by which subjects read one another: a district its schools, a school its groups or its pair.

        Subjects that are linked are rated together, with all that these are linked with.
        """
        read = {node.members if isinstance(node, RollupNode) else node.attribute for node in self._referring()}
        return sorted(read)

    def reads_all(self) -> bool:
        """Whether a subject stands among all others: then the whole state is rated together."""
        return any(isinstance(node, PercentileNode) for node in self.framework.nodes.values())

    def _referring(self) -> list[RollupNode | BorrowNode]:
        return [node for node in self.framework.nodes.values() if isinstance(node, RollupNode | BorrowNode)]

    def rate(self, measures: IntoDataFrame) -> Outcomes:
        """Rate every subject of `measures`: subject, indicator, value, category, n, participation.

        There is one row per subject and indicator; attributes come as indicators of the same code. Rows of other
        indicators are ignored.
        """
        read = nw.from_native(measures, eager_only=True).filter(nw.col("indicator").is_in(self.codes()))
        scored, frame = score(read, subjects(read, self.framework), self.framework, self.order)
        frame = referring.with_measures(frame, read, self.framework)
        for name in self.order:
            node = self.framework.nodes[name]
            frame = _joined(frame, name, node, self.framework)
            if not isinstance(node, PointsNode):
                for columns in _stages(name, node, self.framework):
                    frame = frame.with_columns(**where_met(condition(node), columns))
        found = explanation(scored, frame, self.framework, self.order)
        return Outcomes(found.to_native(), ratings(frame, self.framework).to_native())


def _joined(frame: nw.DataFrame[Any], name: str, node: Node, framework: Framework) -> nw.DataFrame[Any]:
    """`frame` with what a node reads beyond the columns of its inputs."""
    match node:
        case WeightedNode():
            return effective_weights(frame, name, node)
        case LookupNode():
            return referring.with_found(frame, name, node, framework)
        case RollupNode():
            return referring.with_members(frame, name, node, framework)
        case BorrowNode():
            return referring.with_other(frame, name, node)
        case PercentileNode():
            return population.with_population(frame, name, node)
    return frame


def _stages(name: str, node: Node, framework: Framework) -> Stages:
    match node:
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
        case MeasureNode():
            return composing.measured(name, node)
        case MeanNode():
            return composing.mean(name, node)
        case AggregateNode():
            return composing.aggregate(name, node)
        case FirstNode():
            return composing.first(name, node)
        case LimitNode():
            return composing.limit(name, node)
        case DecideNode():
            return composing.decide(name, node)
        case LookupNode():
            return referring.looked_up(name, node)
        case RollupNode():
            return referring.rolled_up(name, node, framework)
        case BorrowNode():
            return referring.borrowed(name, node)
        case LinearNode():
            return arithmetic.linear(name, node)
        case ProductNode():
            return arithmetic.product(name, node)
        case PercentileNode():
            return population.percentile(name, node)
        case PointsNode():
            raise TypeError("points are scored all at once, by `scoring`")


def compile_framework(framework: Framework) -> CompiledFramework:
    """Put a framework's nodes into the order of computation."""
    return CompiledFramework(framework, tuple(framework.order()))
