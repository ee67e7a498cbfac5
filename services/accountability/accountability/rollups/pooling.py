"""Figures of several schools as one: pooled again from counts, or averaged. Exact until the last step, half up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from uuid import UUID


def exact(figure: float | None) -> Fraction | None:
    """A figure as it was written: 0.1 is a tenth."""
    return None if figure is None else Fraction(repr(figure))


def half_up(figure: Fraction | None, digits: int) -> float | None:
    """A figure rounded to so many digits, halves away from zero."""
    if figure is None:
        return None
    scaled = abs(figure) * 10**digits + Fraction(1, 2)
    whole = Decimal(scaled.numerator // scaled.denominator)
    rounded = whole.scaleb(-digits).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return float(rounded if figure >= 0 else -rounded)


@dataclass(frozen=True)
class SchoolFigure:
    """A school's figure: its value, the students behind it, and the counts it was made of, if they are known.

    `import_number`: the file of measures that brought it; none of what is no measure.
    """

    school_id: UUID
    value: Fraction
    students: int | None = None
    numerator: Fraction | None = None
    denominator: Fraction | None = None
    import_number: int = 0


@dataclass(frozen=True)
class Pooled:
    """Figures of schools as one. A mean or share is None where nothing is known to make it of."""

    schools: int
    students: int
    numerator: Fraction | None
    denominator: Fraction | None
    by_counts: Fraction | None
    by_students: Fraction | None
    simple: Fraction | None

    @property
    def value(self) -> Fraction | None:
        """The figure that compares: by counts, else by students, else the simple mean."""
        return next((each for each in (self.by_counts, self.by_students, self.simple) if each is not None), None)


def pool(figures: Iterable[SchoolFigure], times: int = 1) -> Pooled:
    """Pool figures; `times`: what numerator / denominator is multiplied by (100 for percent).

    By counts and by students only if all schools have them: part of the schools would pass for all.
    """
    of = list(figures)
    counted = [(each.numerator, each.denominator) for each in of if each.numerator is not None and each.denominator]
    weighed = [(each.value, each.students) for each in of if each.students]
    top, bottom, students = _sum(n for n, _ in counted), _sum(d for _, d in counted), sum(n for _, n in weighed)
    has_counts, has_students = _is_all(counted, of), _is_all(weighed, of)
    return Pooled(
        schools=len(of),
        students=students,
        numerator=top if has_counts else None,
        denominator=bottom if has_counts else None,
        by_counts=times * top / bottom if has_counts and bottom else None,
        by_students=_sum(value * n for value, n in weighed) / students if has_students else None,
        simple=_sum(each.value for each in of) / len(of) if of else None,
    )


def factor(figures: Iterable[SchoolFigure]) -> int:
    """100 if the values are percents of the counts, else 1."""
    shares = [
        (each.value, each.numerator / each.denominator)
        for each in figures
        if each.numerator is not None and each.denominator
    ]
    as_percent = _sum(abs(value - 100 * share) for value, share in shares)
    return 100 if as_percent < _sum(abs(value - share) for value, share in shares) else 1


def _is_all(some: Sequence[object], of: Sequence[object]) -> bool:
    return 0 < len(some) == len(of)


def _sum(figures: Iterable[Fraction]) -> Fraction:
    return sum(figures, Fraction(0))
