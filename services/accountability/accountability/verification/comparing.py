"""Our results beside the published ones, each kind of result for each school."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accountability.frameworks.document import Framework
from accountability.frameworks.nodes import PointsNode
from accountability.verification.causes import cause
from accountability.verification.comparison import Mismatch, Report
from accountability.verification.dataset import Dataset
from accountability.verification.description import Description, Row
from accountability.verification.loading import Loading
from accountability.verification.published import decimal, published

WEIGHT_TOLERANCE = Decimal("0.01") + Decimal("1e-9")
Nodes = Mapping[str, Mapping[str, Any]]
"""What our nodes gave for a school: value, points and weight_effective by node."""


@dataclass(frozen=True)
class _Result:
    kind: str
    published: str
    ours: str
    equal: bool
    detail: str = ""


def compare(
    dataset: Dataset,
    framework: Framework,
    loaded: Loading,
    ratings: Mapping[str, Mapping[str, Any]],
    outcomes: Mapping[str, Nodes],
) -> Report:
    """Compare `ratings` and `outcomes`, both by school, with what was published."""
    description = dataset.description
    report = Report(description.name, f"{framework.id} {framework.version}", len(dataset.schools))
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in dataset.measures:
        rows[row[description.measures.key]].append(row)
    for school in dataset.schools:
        key = school[description.schools.key]
        of_school, found = rows.pop(key, []), outcomes.get(key, {})
        results = [
            *_of_school(description, framework, school, ratings.get(key, {}), found),
            *_of_indicators(description, framework, of_school, found),
        ]
        _note(report, dataset, framework, loaded, school, of_school, results)
    return report


def _note(
    report: Report,
    dataset: Dataset,
    framework: Framework,
    loaded: Loading,
    school: Row,
    rows: Sequence[Row],
    results: Sequence[_Result],
) -> None:
    description, key = dataset.description, school[dataset.description.schools.key]
    known = {(entry.school, result): entry.why for entry in description.contradictions for result in entry.results}
    for result in results:
        report.compared[result.kind] += 1
        report.equal[result.kind] += result.equal
        if result.equal:
            continue
        why = (
            known.get((key, result.kind))
            or description.uncovered.get(result.kind)
            or loaded.why(key, result.detail)
            or cause(result.kind, published(description, framework, school, rows), framework)
            or loaded.why(key)
        )
        report.mismatches.append(Mismatch(result.kind, key, result.detail, result.published, result.ours, why))


def _of_school(
    description: Description, framework: Framework, school: Row, rating: Mapping[str, Any], found: Nodes
) -> Iterator[_Result]:
    columns = description.schools
    ours = str(rating.get("rating", ""))
    yield _Result("rating", school[columns.rating], ours, school[columns.rating] == ours)
    for node, column in columns.scores.items():
        total = node == framework.result.score
        value = decimal(rating.get("score") if total else found.get(node, {}).get("value"), places=1)
        if total or decimal(school[column]) is not None:
            yield _Result(node, school[column], _shown([value]), decimal(school[column]) == value)
    for node, column in columns.labels.items():
        if school[column] not in ("", "Not Applicable"):
            label = str(rating.get(node) or "")
            yield _Result(node, school[column], label, school[column] == label)


def _of_indicators(
    description: Description, framework: Framework, rows: Sequence[Row], found: Nodes
) -> Iterator[_Result]:
    columns = description.measures
    nodes = _nodes_by_title(framework)
    for row in rows:
        title = row[columns.indicator]
        ours = [found[name] for name in nodes.get(title, []) if name in found]
        points = [decimal(outcome["points"]) for outcome in ours]
        equal = decimal(row[columns.points]) in points if points else not row[columns.points]
        yield _Result("points", row[columns.points], _shown(points), equal and len(set(points)) <= 1, title)
        weight = decimal(row[columns.weight])
        if weight is not None:
            weights = [decimal(outcome["weight_effective"]) for outcome in ours]
            # An indicator of both programmes of a combination school is published once.
            near = any(ours is not None and abs(ours - weight) <= WEIGHT_TOLERANCE for ours in weights)
            yield _Result("weights", row[columns.weight], _shown(weights), near, title)


def _nodes_by_title(framework: Framework) -> dict[str, list[str]]:
    nodes: dict[str, list[str]] = defaultdict(list)
    for name, node in framework.nodes.items():
        if isinstance(node, PointsNode):
            nodes[framework.indicators[node.indicator].title].append(name)
    return nodes


def _shown(values: Sequence[Decimal | None]) -> str:
    return " / ".join("" if value is None else f"{value:.4f}".rstrip("0").rstrip(".") for value in values)
