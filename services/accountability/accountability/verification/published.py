"""What was published of one school, beside what the policy declares for its model."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from accountability.frameworks.document import Framework
from accountability.frameworks.nodes import BandNode, Node, PointsNode, WeightedNode
from accountability.verification.description import Description, Row, Subjects
from accountability.verification.formulas import decimal


@dataclass(frozen=True)
class Scored:
    """An indicator as published: points, weight in percent, and the weight that is declared before reassignment."""

    title: str
    points: Decimal | None
    weight: Decimal | None
    declared: Decimal


@dataclass(frozen=True)
class Published:
    """A school as published. `programmes`: how many models rate it; `complete`: all that these require has points."""

    rating: str
    total: Decimal | None
    indicators: Sequence[Scored]
    programmes: int
    complete: bool


def published(
    description: Description, subjects: Subjects, framework: Framework, school: Row, rows: Sequence[Row]
) -> Published:
    """Read the rows of a school; `description` has a file of measures by indicator, `subjects` a rating and scores."""
    attributes = {code: attribute.read(school) for code, attribute in subjects.attributes.items()}
    nodes = {name: node for name, node in framework.nodes.items() if _applies(node, attributes)}
    models = [node for node in nodes.values() if isinstance(node, WeightedNode)]
    titles = {
        name: framework.indicators[node.indicator].title for name, node in nodes.items() if isinstance(node, PointsNode)
    }
    declared: dict[str, Decimal] = {}
    for model in models:
        for member, weight in model.weights.items():
            title, percent = titles[member], Decimal(weight.numerator) / weight.denominator
            declared[title] = min(declared.get(title, percent), percent)
    columns = description.measures
    assert columns is not None
    assert subjects.rating is not None
    scored = [
        Scored(row[columns.indicator], decimal(row[columns.points]), decimal(row[columns.weight]), declared[title])
        for row in rows
        if (title := row[columns.indicator]) in declared
    ]
    with_points = {one.title for one in scored if one.points is not None}
    required = {titles[name] for model in models for name in model.required}
    one_of = [{titles[name] for name in node.requires_any} for node in nodes.values() if isinstance(node, BandNode)]
    return Published(
        rating=subjects.rating.read(school),
        total=decimal(subjects.scores[framework.result.score].read(school)) if framework.result.score else None,
        indicators=scored,
        programmes=len(models),
        complete=required <= with_points and all(group & with_points for group in one_of if group),
    )


def _applies(node: Node, attributes: dict[str, str]) -> bool:
    return all(attributes.get(attribute) in values for attribute, values in node.when.items())
