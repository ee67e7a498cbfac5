"""How high values can be: a band above that is never reached, which its author did not mean."""

from collections.abc import Iterable, Iterator, Mapping

from kit.errors import FieldError

from accountability.frameworks.composing import AggregateNode, FirstNode, LimitNode, MeanNode, MeasureNode
from accountability.frameworks.document import Framework
from accountability.frameworks.nodes import BandNode, Node, PointsNode, RoundNode, SelectNode, WeightedNode

Highest = Mapping[str, float | None]


def unreachable(framework: Framework) -> Iterator[FieldError]:
    """The bands that no value reaches. `framework` has no unknown names and no cycles."""
    highest = highest_values(framework)
    for name, node in framework.nodes.items():
        most = highest[node.input] if isinstance(node, BandNode) else None
        if not isinstance(node, BandNode) or most is None:
            continue
        for band in node.bands or framework.scale:
            if band.at_least > most:
                message = f"`{band.label}` cannot be reached: `{node.input}` is at most {most:g}"
                yield FieldError(f"nodes.{name}", "unreachable-band", message)


def highest_values(framework: Framework) -> Highest:
    """By node a number that its value never exceeds; None where nothing is known."""
    highest: dict[str, float | None] = {}
    for name in framework.order():
        highest[name] = _highest(framework, framework.nodes[name], highest)
    return highest


def _highest(framework: Framework, node: Node, highest: Highest) -> float | None:
    match node:
        case MeasureNode() | PointsNode():
            return framework.indicators[node.indicator].maximum
        case WeightedNode():
            return max(_most_points(framework, member) for member in node.weights)
        case MeanNode():
            return _most(highest, node.weights)
        case RoundNode():
            exact = highest[node.input]
            return None if exact is None else exact + 0.5 * 10**-node.digits
        case LimitNode() if node.at_most is not None and not node.where:
            return node.at_most
        case LimitNode():
            exact = highest[node.input]
            return None if exact is None else max(exact, node.at_least or exact)
        case FirstNode() | AggregateNode(how="highest" | "lowest"):
            return _most(highest, node.of)
        case SelectNode():
            return _most(highest, node.cases.values())
    return None


def _most(highest: Highest, names: Iterable[str]) -> float | None:
    found = [highest[name] for name in names]
    known = [value for value in found if value is not None]
    return max(known) if len(known) == len(found) else None


def _most_points(framework: Framework, name: str) -> float:
    node = framework.nodes[name]
    assert isinstance(node, PointsNode)  # nothing else gives points
    if node.cuts is None:
        return max((node.categories or {}).values(), default=0)
    return max(cut.points for cut in framework.tables[node.cuts].cuts)
