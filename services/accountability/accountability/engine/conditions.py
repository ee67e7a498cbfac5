"""Conditions as expressions: true where they hold, false where they do not or where what they ask about is missing."""

import narwhals as nw

from accountability.engine.columns import exceeds, of, reaches
from accountability.frameworks.conditions import Condition, Some, Test


def holds(where: list[Condition]) -> nw.Expr:
    """True where all conditions hold."""
    if not where:
        return nw.lit(True)
    return nw.all_horizontal(*map(_holds, where), ignore_nulls=False)


def _holds(condition: Condition) -> nw.Expr:
    if isinstance(condition, Some):
        met = [_answer(test).cast(nw.Int64) for test in condition.of]
        return nw.sum_horizontal(*met) >= condition.least
    return _answer(condition)


def _answer(test: Test) -> nw.Expr:
    asked = _asked(test)
    if test.missing is not None:
        return asked.is_null()
    if test.limit is None:
        return asked.is_in(test.one_of or []).fill_null(False)
    name, limit = test.limit
    compared = {
        "at_least": reaches(asked, limit),
        "above": exceeds(asked, limit),
        "at_most": ~exceeds(asked, limit),
        "below": ~reaches(asked, limit),
    }
    return compared[name].fill_null(False)


def _asked(test: Test) -> nw.Expr:
    if test.node is not None:
        return of(test.node, test.facet)
    return nw.col(f"{'category' if test.facet == 'label' else 'value'}_{test.attribute}")
