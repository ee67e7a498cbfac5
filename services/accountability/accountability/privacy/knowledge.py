"""What everybody knows of the nodes of an explanation: how each follows from its inputs, as the framework says."""

from collections.abc import Iterator, Mapping
from itertools import count, pairwise
from math import inf
from typing import NamedTuple

from kit.suppression import Possible, Relation, Span

from accountability.frameworks.arithmetic import LinearNode
from accountability.frameworks.composing import AggregateNode, MeanNode, MeasureNode
from accountability.frameworks.document import Framework
from accountability.frameworks.nodes import BandNode, Node, PointsNode, RoundNode, WeightedNode
from accountability.runs.tables import Outcome

EXACT = 1e-6
"""A rule that does not give the figure so exactly is not the one that was used."""

Outcomes = Mapping[str, Outcome]


class Rule(NamedTuple):
    """A relation between nodes by their names."""

    terms: dict[str, float]
    low: float = 0
    high: float = 0
    solves: bool = True
    told_by: str | None = None

    def relation(self, numbers: Mapping[str, int]) -> Relation:
        """The same between numbered cells."""
        terms = {numbers[name]: times for name, times in self.terms.items()}
        told_by = None if self.told_by is None else numbers[self.told_by]
        return Relation(terms, self.low, self.high, self.solves, told_by)


def has_content(row: Outcome) -> bool:
    """True if there is something to show."""
    return row.value is not None or row.label is not None or row.points is not None


def quantity(framework: Framework, row: Outcome) -> float:
    """The number that counts of a node: its points if it has some, else its value; of a label, nothing."""
    if isinstance(framework.nodes[row.node], PointsNode):
        return row.points or 0
    return row.value or 0


def rules(framework: Framework, outcomes: Outcomes, unlike: Iterator[float]) -> Iterator[Rule]:
    """What is known of the nodes that gave something. A rule that is not linear may still be inverted."""
    for name in outcomes:
        node = framework.nodes[name]
        inputs = [other for other in node.inputs() if other in outcomes]
        linear = _linear(framework, node, name, outcomes)
        if linear is not None and _holds(framework, linear, outcomes):
            yield linear
        elif inputs:
            yield Rule({other: next(unlike) for other in (name, *inputs)}, -inf, inf)


def _linear(framework: Framework, node: Node, name: str, outcomes: Outcomes) -> Rule | None:
    """The rule of a node that adds or rounds, or that tells where its input lies."""
    match node:
        case RoundNode() if node.input in outcomes:
            half = 0.5 * 10**-node.digits + EXACT
            return Rule({name: 1, node.input: -1}, -half, half, solves=False)
        case BandNode() if node.input in outcomes:
            return _band(framework, node, name, outcomes[name].label)
        case LinearNode():
            plus = float(node.plus)
            return Rule({name: 1} | {each: -float(times) for each, times in node.of.items()}, plus, plus)
    weights = _weights(node, outcomes)
    whole = sum(weights.values())
    if not whole:
        return None
    divisor = 1 if isinstance(node, AggregateNode) else whole
    return Rule({name: 1} | {each: -weight / divisor for each, weight in weights.items()})


def _weights(node: Node, outcomes: Outcomes) -> dict[str, float]:
    match node:
        case WeightedNode():
            given = {each: outcomes[each].weight_effective for each in node.weights if each in outcomes}
            return {each: weight for each, weight in given.items() if weight}
        case MeanNode():
            present = {each: row for each, row in outcomes.items() if each in node.weights and row.value is not None}
            return {each: float(node.weights[each]) for each in present}
        case AggregateNode() if node.how == "sum":
            return dict.fromkeys((each for each in node.of if each in outcomes), 1.0)
    return {}


def _band(framework: Framework, node: BandNode, name: str, label: str | None) -> Rule | None:
    ends = {band.label: (band.at_least, inf) for band in node.bands or framework.scale}
    for better, worse in pairwise(node.bands or framework.scale):
        ends[worse.label] = (worse.at_least, better.at_least)
    if label not in ends:
        return None
    return Rule({node.input: 1}, *ends[label], solves=False, told_by=name)


def _holds(framework: Framework, rule: Rule, outcomes: Outcomes) -> bool:
    """True if the rule gives what was given: not if a member is missing, or a floor or a cap came in between."""
    if any(name not in outcomes for name in rule.terms):
        return False
    found = sum(times * quantity(framework, outcomes[name]) for name, times in rule.terms.items())
    return rule.low - EXACT <= found <= rule.high + EXACT


def possible(framework: Framework, name: str) -> Possible:
    """What a node can be at all, as the framework says."""
    node = framework.nodes[name]
    if isinstance(node, MeasureNode):
        indicator = framework.indicators[node.indicator]
        return Span(indicator.minimum, indicator.maximum) if indicator.kind == "number" else Span(-inf, inf)
    if not isinstance(node, PointsNode):
        return Span(-inf, inf)
    table = framework.tables[node.cuts] if node.cuts is not None else None
    earned = [*(cut.points for cut in table.cuts), table.otherwise] if table else list((node.categories or {}).values())
    lost = [row.lost for row in framework.penalties[node.penalties]] if node.penalties is not None else []
    return tuple(sorted({max(points - less, node.lowest) for points in earned for less in (0, *lost)} | set(earned)))


def openness(possible: Possible) -> float:
    """How far apart what remains possible must be: a tenth of a span of numbers, two levels of points."""
    if isinstance(possible, Span):
        return (possible.high - possible.low) / 10 if possible.high < inf else 0
    return min((higher - lower for lower, higher in pairwise(possible)), default=0)


def unlike_numbers() -> Iterator[float]:
    """Coefficients for rules that are not linear: no two such rules are ever multiples of each other."""
    return (float(number * number + number + 41) for number in count(1))
