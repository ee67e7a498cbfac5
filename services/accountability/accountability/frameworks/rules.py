"""What is wrong with a document whose parts do not fit together: every fault, each at its place."""

from collections import defaultdict
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from kit.errors import FieldError

from accountability.frameworks.composing import MeasureNode
from accountability.frameworks.document import Framework
from accountability.frameworks.nodes import (
    AttainmentNode,
    BandNode,
    BetterNode,
    EntryNode,
    Node,
    PointsNode,
    SelectNode,
    SharesNode,
    WeightedNode,
)
from accountability.frameworks.reach import unreachable
from accountability.frameworks.references import references
from accountability.frameworks.referring import RollupNode


def faults(framework: Framework) -> list[FieldError]:
    """Every name that is unknown or means something else, cycles, and scores that no band takes."""
    found = [
        *_version(framework),
        *_years(framework),
        *_scale(framework),
        *_codes(framework),
        *_scores(framework),
        *_result(framework),
    ]
    found += _weighted_twice(framework)
    for name in framework.nodes:
        found += [*_inputs(framework, name), *_conditions(framework, name), *_parts(framework, name)]
        found += references(framework, name)
    found += _cycle(framework)
    return found or _too_deep(framework) or [*unreachable(framework)]


def _version(framework: Framework) -> Iterator[FieldError]:
    if framework.version == "trials":
        yield FieldError("version", "reserved", "`trials` stands for something else in addresses; use another name")


def _years(framework: Framework) -> Iterator[FieldError]:
    for year in sorted({year for year in framework.school_years if framework.school_years.count(year) > 1}):
        yield FieldError("school_years", "repeated", f"name {year} once")


def _scale(framework: Framework) -> Iterator[FieldError]:
    if not framework.scale:
        for name, node in framework.nodes.items():
            if _needs_scale(node):
                yield FieldError(f"nodes.{name}", "no-scale", f"`{node.kind}` goes by the scale, and there is none")
        return
    lowest = framework.scale[-1]
    if len(framework.scale) == 1:
        yield FieldError("scale", "too-short", f"`{lowest.label}` alone tells nothing apart: write two bands or none")
    if lowest.at_least > 0:
        yield FieldError("scale", "gap", f"`{lowest.label}` must begin at 0, or lower scores have no band")


def _needs_scale(node: Node) -> bool:
    match node:
        case BandNode():
            return not node.bands
        case RollupNode():
            return node.how == "worst"
    return isinstance(node, BetterNode | EntryNode)


def _codes(framework: Framework) -> Iterator[FieldError]:
    for code in sorted(framework.attributes.keys() & framework.indicators.keys()):
        yield FieldError(f"attributes.{code}", "repeated", "an indicator has this code; use another")


def _scores(framework: Framework) -> Iterator[FieldError]:
    if not any(isinstance(node, PointsNode | MeasureNode) for node in framework.nodes.values()):
        yield FieldError(
            "nodes", "nothing-scored", "read at least one indicator by a node of kind `points` or `measure`"
        )


def _result(framework: Framework) -> Iterator[FieldError]:
    result = framework.result
    asked = [("score", result.score, "value"), ("rating", result.rating, "label")]
    for field, name, facet in [*asked, *(("also", name, "label") for name in result.also)]:
        if name is None:
            continue
        node = framework.nodes.get(name)
        if node is None:
            yield FieldError(f"result.{field}", "unknown-node", f"there is no node `{name}`")
        elif facet not in node.gives():
            yield FieldError(f"result.{field}", "no-such-result", f"`{name}` ({node.kind}) gives no {facet}")


def _weighted_twice(framework: Framework) -> Iterator[FieldError]:
    weighted: dict[str, list[str]] = defaultdict(list)
    for name, node in framework.nodes.items():
        if isinstance(node, WeightedNode):
            for member in node.weights:
                weighted[member].append(name)
    for member, names in weighted.items():
        if len(names) > 1:
            yield FieldError(f"nodes.{member}", "weighted-twice", f"it has a weight in {' and in '.join(names)}")


def _inputs(framework: Framework, name: str) -> Iterator[FieldError]:
    for other, facet in framework.nodes[name].reads():
        node = framework.nodes.get(other)
        if node is None:
            yield FieldError(f"nodes.{name}", "unknown-node", f"there is no node `{other}`")
        elif facet not in node.gives():
            yield FieldError(f"nodes.{name}", "no-such-result", f"`{other}` ({node.kind}) gives no {facet}")


def _conditions(framework: Framework, name: str) -> Iterator[FieldError]:
    node = framework.nodes[name]
    chosen = dict(node.when)
    if isinstance(node, SelectNode):
        chosen[node.attribute] = list(node.cases)
    for attribute, values in chosen.items():
        known = framework.attributes.get(attribute)
        if known is None or known.kind != "category":
            yield FieldError(f"nodes.{name}", "unknown-attribute", f"there is no category attribute `{attribute}`")
            continue
        for value in values:
            if value not in known.values:
                yield FieldError(f"nodes.{name}", "unknown-value", f"`{attribute}` is never `{value}`")


def _parts(framework: Framework, name: str) -> Iterator[FieldError]:
    node, labels = framework.nodes[name], {band.label for band in framework.scale}
    match node:
        case PointsNode():
            yield from _points(framework, name, node)
        case BandNode():
            yield from _gap(framework, name, node)
        case SharesNode():
            for share in node.members.values():
                if share not in framework.attributes or framework.attributes[share].kind != "number":
                    yield FieldError(f"nodes.{name}", "unknown-attribute", f"there is no number attribute `{share}`")
        case AttainmentNode():
            for band in node.bands:
                if band.label not in labels:
                    yield FieldError(f"nodes.{name}", "unknown-label", f"`{band.label}` is not in the scale")


def _gap(framework: Framework, name: str, node: BandNode) -> Iterator[FieldError]:
    """Values below the last band. What is computed is taken to begin at 0, as the scale does."""
    given, bands = framework.nodes.get(node.input), node.bands or framework.scale
    indicator = framework.indicators.get(given.indicator) if isinstance(given, MeasureNode | PointsNode) else None
    least = indicator.minimum if indicator is not None else 0
    # That the scale itself must begin at 0 is told once, not for each node that goes by it.
    if bands and bands[-1].at_least > least and (node.bands or least < 0):
        message = f"`{bands[-1].label}` must begin at {least:g}, or lower values have no band"
        yield FieldError(f"nodes.{name}", "gap", message)


def _points(framework: Framework, name: str, node: PointsNode) -> Iterator[FieldError]:
    indicator = framework.indicators.get(node.indicator)
    if indicator is None:
        yield FieldError(f"nodes.{name}", "unknown-indicator", f"there is no indicator `{node.indicator}`")
    elif (indicator.kind == "category") != (node.categories is not None):
        yield FieldError(f"nodes.{name}", "kind", f"`{node.indicator}` is a {indicator.kind}; score it as one")
    else:
        for category in sorted((node.categories or {}).keys() - set(indicator.categories)):
            yield FieldError(f"nodes.{name}", "unknown-category", f"`{node.indicator}` is never `{category}`")
    if node.cuts is not None and node.cuts not in framework.tables:
        yield FieldError(f"nodes.{name}", "unknown-table", f"there is no table `{node.cuts}`")
    if node.penalties is not None and node.penalties not in framework.penalties:
        yield FieldError(f"nodes.{name}", "unknown-table", f"there is no penalty table `{node.penalties}`")


def _cycle(framework: Framework) -> Iterator[FieldError]:
    known = framework.nodes
    graph = {name: [other for other in node.inputs() if other in known] for name, node in known.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        around = list(reversed(error.args[1]))
        yield FieldError("nodes", "cycle", f"a cycle: {' -> '.join(around)}", pointer=f"/nodes/{around[0]}")


def _too_deep(framework: Framework) -> list[FieldError]:
    try:
        framework.order()
    except RecursionError:
        return [FieldError("nodes", "too-deep", "the nodes form a chain that is too long")]
    return []
