"""Where what was published of a school, by indicator, contradicts itself or the policy's own figures."""

from decimal import Decimal

from accountability.frameworks.document import Framework
from accountability.verification.formulas import decimal
from accountability.verification.published import Published

TOLERANCE = Decimal("0.02")


def contradiction(result: str, school: Published, framework: Framework) -> str:
    """Why a published result cannot be what the policy gives; empty if nothing published shows it."""
    if result == "weights":
        return _of_weights(school)
    if result == "rating":
        return _of_rating(school, framework)
    return _of_total(school) if result == framework.result.score else ""


def _of_weights(school: Published) -> str:
    for one in school.indicators:
        if one.points is not None and one.weight is not None and one.weight < one.declared - TOLERANCE:
            return (
                f"the published weights are those of no model in the policy: {one.title} has {one.weight:f}, less than "
                f"the {one.declared:f} declared, and reassignment only adds"
            )
    return ""


def _of_total(school: Published) -> str:
    weighed = [(one.points, one.weight) for one in school.indicators if one.points is not None and one.weight]
    if school.programmes != 1 or school.total is None or not weighed:
        return ""
    mean = sum(points * weight for points, weight in weighed) / sum(weight for _, weight in weighed)
    given = decimal(mean, places=1)
    if given != school.total:
        return f"the published points and weights give {given}, not the published {school.total}"
    wrong = _of_weights(school)
    return f"the published total follows from the published weights; {wrong}" if wrong else ""


def _of_rating(school: Published, framework: Framework) -> str:
    if school.total is None:
        return ""
    labels = [band.label for band in framework.scale]
    by_points = next(
        (band.label for band in framework.scale if school.total >= Decimal(str(band.at_least))), labels[-1]
    )
    said = f"the published total {school.total} is {by_points} by the policy"
    if school.rating == framework.not_rated:
        return f"{said}, and all that it requires is published with points" if school.complete else ""
    lower = school.rating in labels and labels.index(school.rating) > labels.index(by_points)
    return f"{said}, and nothing in it lowers a rating" if lower else ""
