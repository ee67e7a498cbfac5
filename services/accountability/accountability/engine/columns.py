"""The columns in which a node keeps its outcome, one row per subject."""

import operator
from collections.abc import Iterable
from functools import reduce

import narwhals as nw

Columns = dict[str, nw.Expr]
"""New columns by name."""

Stages = tuple[Columns, ...]
"""The columns of a node, in stages of which each may read the one before."""

FACETS: dict[str, type[nw.Float64] | type[nw.String]] = {
    "value": nw.Float64,
    "label": nw.String,
    "points": nw.Float64,
    "reason": nw.String,
    "rule": nw.String,
}
"""What the explanation says of a node: see `Outcomes`."""


def column(node: str, facet: str) -> str:
    """The name of a node's column."""
    return f"{node}:{facet}"


def of(node: str, facet: str) -> nw.Expr:
    """A node's column as an expression."""
    return nw.col(column(node, facet))


def text(value: str | None) -> nw.Expr:
    """A constant text."""
    return nw.lit(value, dtype=nw.String)


def number(value: float | None) -> nw.Expr:
    """A constant number."""
    return nw.lit(value, dtype=nw.Float64)


def first_that_holds(cases: list[tuple[nw.Expr, nw.Expr]], otherwise: nw.Expr) -> nw.Expr:
    """The result of the first case whose condition holds."""
    result = otherwise
    for condition, then in reversed(cases):
        result = nw.when(condition).then(then).otherwise(result)
    return result


def added(terms: Iterable[nw.Expr]) -> nw.Expr:
    """The sum, added from the first to the last: the order of a backend's own horizontal sum, and with it the last bit,
    may depend on how many threads it has."""
    return reduce(operator.add, terms)


def divided(value: nw.Expr, by: float) -> nw.Expr:
    """`value` by a constant, exactly.

    The constant is made a column, as a backend may turn a division by a constant into a product with an inexact
    reciprocal, and does so by the number of rows.
    """
    return value / (value * 0.0 + by)


NEAR = 1e-9
"""A mean of decimals is either on a cut or rounding boundary or farther from it than this, though its binary form may
lie a bit beside."""


def reaches(value: nw.Expr, least: float) -> nw.Expr:
    """True where `value`, as a decimal, is at least `least`: the mean of 43.8, 11.3 and 4.9 reaches 20."""
    return value >= least - NEAR


def exceeds(value: nw.Expr, most: float) -> nw.Expr:
    """True where `value`, as a decimal, is above `most`."""
    return value > most + NEAR


def rounded_half_up(value: nw.Expr, digits: int) -> nw.Expr:
    """`value` rounded half up as a decimal, a half away from 0: 1.95 gives 2.0 although its binary form lies below,
    -1.95 gives -2.0.
    """
    scale = 10**digits
    rounded = divided((value.abs() * scale + (0.5 + NEAR)).floor(), scale)
    # 0.0 is subtracted from, so that no -0.0 comes out.
    return nw.when(value < 0.0).then(0.0 - rounded).otherwise(rounded)
