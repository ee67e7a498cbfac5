"""Judge a year's target by published figures: pure, in exact decimals, on unrounded values.

Before anything is compared, it must be comparable: rated, of enough students, measured at all, and not beyond a break.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from contracts.accountability import GoalStatus

from accountability.goals.schemas import Compared, Found, NotMeasurable, Target, Yardstick
from accountability.ratings.figures import Figure

PERCENT, HALF = Decimal(100), Decimal("0.5")


@dataclass(frozen=True)
class Verdict:
    """How a target of a year stands, and the figures by which that is so."""

    status: GoalStatus
    reason: str | None = None
    found: Found = field(default_factory=Found)


@dataclass(frozen=True)
class Evidence:
    """All that a target is judged by. `others`: figures of other schools that everybody may see.

    `scale`: the framework's bands from best to worst. `breaks`: why figures are not comparable since the baseline.
    """

    figure: Figure
    others: Sequence[Figure] = ()
    district_id: UUID | None = None
    scale: Sequence[str] = ()
    breaks: Sequence[str] = ()


def judge(yardstick: Yardstick, target: Target, evidence: Evidence) -> Verdict:
    """How the target stands."""
    figure = evidence.figure
    found = Found(
        framework_version=figure.framework_version,
        school_year=figure.school_year,
        figure=figure.value,
        rating=figure.rating,
        n=figure.n,
        coded=figure.coded,
        target=target,
    )
    reason, because = _not_comparable(yardstick, evidence)
    if reason is not None:
        return Verdict("not-measurable", reason, found.model_copy(update={"because": because}))
    if yardstick.of == "rating":
        return _by_band(target, evidence, found)
    return _by_value(yardstick, target, evidence, found)


def _not_comparable(yardstick: Yardstick, evidence: Evidence) -> tuple[NotMeasurable | None, str | None]:
    """Why nothing can be said, and more of it; (None, None) if something can."""
    figure = evidence.figure
    if not figure.is_defined:
        return "discontinued", f"version {figure.framework_version} does not have {yardstick.indicator} any more"
    if yardstick.of != "indicator" and not figure.is_rated:
        return "not-rated", figure.reason_code
    if figure.value is None and yardstick.of != "rating":
        return ("no-figure", None) if figure.is_rated else ("not-rated", figure.reason_code)
    if yardstick.minimum_n is not None and figure.n is not None and figure.n < yardstick.minimum_n:
        return "too-few-students", f"{figure.n} of at least {yardstick.minimum_n}"
    if evidence.breaks and yardstick.baseline is not None:
        return "break", "; ".join(evidence.breaks)
    return None, None


def _by_band(target: Target, evidence: Evidence, found: Found) -> Verdict:
    ranks = {label: rank for rank, label in enumerate(evidence.scale)}
    if target.label not in ranks or evidence.figure.rating not in ranks:
        return Verdict("not-measurable", "not-on-scale", found)
    met = ranks[evidence.figure.rating] <= ranks[target.label]
    return Verdict("met" if met else "not-met", None, found)


def _by_value(yardstick: Yardstick, target: Target, evidence: Evidence, found: Found) -> Verdict:
    compared = _compared(yardstick, evidence)
    found = found.model_copy(update={"compared": compared})
    if compared is not None and not compared.schools:
        return Verdict("not-measurable", "nothing-to-compare-with", found)
    measured, aim = _measured(yardstick, evidence, compared), _exact(target.value)
    share = _share_of_way(yardstick, measured, aim)
    found = found.model_copy(
        update={"measured": float(measured), "share_of_way": None if share is None else float(share)}
    )
    if measured >= aim if yardstick.direction == "at-least" else measured <= aim:
        return Verdict("met", None, found)
    near = share is not None and yardstick.approaching_from is not None and share >= _exact(yardstick.approaching_from)
    return Verdict("approaching" if near else "not-met", None, found)


def _measured(yardstick: Yardstick, evidence: Evidence, compared: Compared | None) -> Decimal:
    """The figure in the terms of the comparison."""
    value = _exact(evidence.figure.value)
    if yardstick.comparison == "growth" and yardstick.baseline is not None:
        return value - _exact(yardstick.baseline.value)
    if yardstick.comparison == "gap-to-district" and compared is not None:
        return value - _exact(compared.value)
    if compared is not None:
        others = [_exact(other.value) for other in evidence.others]
        better = [value > other if yardstick.direction == "at-least" else value < other for other in others]
        equal = sum(value == other for other in others)
        return (sum(better) + equal * HALF) * PERCENT / len(others)
    return value


def _share_of_way(yardstick: Yardstick, measured: Decimal, aim: Decimal) -> Decimal | None:
    """How much of the way from the baseline to the target is done; None without a way."""
    if yardstick.baseline is None:
        return None
    start = Decimal(0) if yardstick.comparison == "growth" else _exact(yardstick.baseline.value)
    return None if aim == start else (measured - start) / (aim - start)


def _compared(yardstick: Yardstick, evidence: Evidence) -> Compared | None:
    """What the figure is compared with: schools weigh by their students where all these are known."""
    if yardstick.comparison in ("absolute", "growth"):
        return None
    others = evidence.others
    by_students = bool(others) and all(other.n for other in others)
    weights = [Decimal(other.n or 0) if by_students else Decimal(1) for other in others]
    mean = None
    if yardstick.comparison == "gap-to-district" and others:
        pooled = sum(weight * _exact(other.value) for weight, other in zip(weights, others, strict=True))
        mean = float(pooled / sum(weights))
    return Compared(
        district_id=evidence.district_id,
        schools=len(others),
        weighted_by="students" if by_students else "schools",
        value=mean,
    )


def _exact(value: float | None) -> Decimal:
    """A figure as it is written: 50.3 - 40.1 is 10.2, not a hair less."""
    assert value is not None
    return Decimal(str(value))
