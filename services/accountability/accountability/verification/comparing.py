"""Our results beside the published ones, each kind of result for each subject."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from accountability.frameworks.document import Framework
from accountability.frameworks.nodes import PointsNode
from accountability.verification.causes import Causes
from accountability.verification.comparison import Mismatch, Report, Result
from accountability.verification.dataset import Dataset
from accountability.verification.description import Measures, Row, Subjects
from accountability.verification.formulas import decimal
from accountability.verification.loading import Key, Loading

WEIGHT_TOLERANCE = Decimal("0.01") + Decimal("1e-9")
Nodes = Mapping[str, Mapping[str, Any]]
"""What our nodes gave for a subject: value, label, points and weight_effective by node."""


def compare(
    dataset: Dataset,
    framework: Framework,
    loaded: Loading,
    ratings: Mapping[Key, Mapping[str, Any]],
    outcomes: Mapping[Key, Nodes],
) -> Report:
    """Compare `ratings` and `outcomes`, both by subject, with what was published."""
    description = dataset.description
    subjects = {key for _, key, _ in dataset.rows()}
    report = Report(description.name, f"{framework.id} {framework.version}", len(subjects))
    causes = Causes(dataset, framework, loaded)
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in dataset.measures:
        assert description.measures is not None
        rows[row[description.measures.key]].append(row)
    for columns, key, row in dataset.rows():
        of_school, found = rows.pop(key[0], []), outcomes.get(key, {})
        results = [*_of_subject(columns, framework, row, ratings.get(key, {}), found)]
        if description.measures is not None:
            results += _of_indicators(description.measures, framework, of_school, found)
        for result in results:
            report.compared[result.kind] += 1
            report.equal[result.kind] += result.equal
            if not result.equal:
                why = causes.of(columns, key, row, of_school, result)
                detail = result.detail or (key[1] if key[1] != "ALL" else "")
                report.mismatches.append(Mismatch(result.kind, key[0], detail, result.published, result.ours, why))
    return report


def _of_subject(
    columns: Subjects, framework: Framework, row: Row, rating: Mapping[str, Any], found: Nodes
) -> Iterator[Result]:
    called = f"{columns.called} " if columns.called else ""
    if columns.rating is not None:
        said, ours = columns.rating.read(row), str(rating.get("rating", ""))
        if said:
            yield Result(f"{called}rating", said, ours, said == ours, framework.result.rating or "rating")
    for node, column in columns.scores.items():
        said, total = column.read(row), node == framework.result.score
        value = decimal(rating.get("score") if total else found.get(node, {}).get("value"))
        if total or decimal(said) is not None:
            yield Result(f"{called}{node}", said, _shown([value]), decimal(said) == value, node)
    for node, column in columns.labels.items():
        if said := column.read(row):
            label = str(found.get(node, {}).get("label") or "")
            yield Result(f"{called}{node}", said, label, said == label, node)


def _of_indicators(columns: Measures, framework: Framework, rows: Sequence[Row], found: Nodes) -> Iterator[Result]:
    nodes = _nodes_by_title(framework)
    for row in rows:
        title = row[columns.indicator]
        ours = [found[name] for name in nodes.get(title, []) if name in found]
        points = [decimal(outcome["points"]) for outcome in ours]
        equal = decimal(row[columns.points]) in points if points else not row[columns.points]
        same = equal and len(set(points)) <= 1
        yield Result("points", row[columns.points], _shown(points), same, detail=title)
        weight = decimal(row[columns.weight])
        if weight is not None:
            weights = [decimal(outcome["weight_effective"]) for outcome in ours]
            # An indicator of both programmes of a combination school is published once.
            near = any(ours is not None and abs(ours - weight) <= WEIGHT_TOLERANCE for ours in weights)
            yield Result("weights", row[columns.weight], _shown(weights), near, detail=title)


def _nodes_by_title(framework: Framework) -> dict[str, list[str]]:
    nodes: dict[str, list[str]] = defaultdict(list)
    for name, node in framework.nodes.items():
        if isinstance(node, PointsNode):
            nodes[framework.indicators[node.indicator].title].append(name)
    return nodes


def _shown(values: Sequence[Decimal | None]) -> str:
    return " / ".join("" if value is None else f"{value:.4f}".rstrip("0").rstrip(".") for value in values)
