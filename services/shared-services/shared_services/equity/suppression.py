"""Which counts may be shown: how the report's counts are put to kit's rule.

Counts are cells; a line says that some cells add up to another one (a margin and its parts). Whoever reads the report
also knows that no count is negative, and the minimum: what is left possible of a hidden count must span as much.
"""

from collections.abc import Collection, Sequence
from math import inf
from typing import NamedTuple

from kit.suppression import Cell, Relation, Span

from kit import suppression


class Line(NamedTuple):
    """The count of the cell `whole` is the sum of those of `parts`. Cells are numbered."""

    whole: int
    parts: tuple[int, ...]


def hidden_cells(counts: Sequence[int], lines: Sequence[Line], minimum: int) -> set[int]:
    """The cells to hide, given the count of each: the small ones and those that would betray one."""
    small = {cell for cell, count in enumerate(counts) if count < minimum}
    return suppression.hidden_cells(_cells(counts, minimum), _relations(lines), small)


def betrayed_cells(counts: Sequence[int], lines: Sequence[Line], hidden: Collection[int], minimum: int) -> set[int]:
    """The hidden cells that a reader could work out, or narrow down to a span below the minimum."""
    return suppression.betrayed_cells(_cells(counts, minimum), _relations(lines), hidden)


def _cells(counts: Sequence[int], minimum: int) -> list[Cell]:
    return [Cell(count, Span(0, inf), open=minimum, rank=(count,)) for count in counts]


def _relations(lines: Sequence[Line]) -> list[Relation]:
    return [Relation({line.whole: 1} | dict.fromkeys(line.parts, -1)) for line in lines]
