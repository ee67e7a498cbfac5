"""Which counts may be shown. Small ones are hidden, and as many others as it takes that no small one can be worked out.

Counts are cells; a line says that some cells add up to another one (a margin and its parts). Whoever reads the report
knows all lines, all counts shown, that no count is negative, and the minimum. Against that reader a hidden cell is
safe if linear algebra does not determine it and if what is left possible spans at least the minimum.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from math import inf
from typing import NamedTuple

Equation = tuple[dict[int, int], int]
"""Coefficients of the hidden cells of a line, and what they add up to."""

Span = tuple[float, float]
"""What a count is at least and at most: whole numbers, or no end."""


class Line(NamedTuple):
    """The count of the cell `whole` is the sum of those of `parts`. Cells are numbered."""

    whole: int
    parts: tuple[int, ...]

    @property
    def cells(self) -> tuple[int, ...]:
        """All cells of the line."""
        return (self.whole, *self.parts)


def hidden_cells(counts: Sequence[int], lines: Sequence[Line], minimum: int) -> set[int]:
    """The cells to hide, given the count of each: the small ones and those that would betray one."""
    hidden = {cell for cell, count in enumerate(counts) if count < minimum}
    while len(hidden) < len(counts) and (betrayed := betrayed_cells(counts, lines, hidden, minimum)):
        hidden |= {_companion(counts, lines, hidden, cell) for cell in betrayed}
    return hidden


def betrayed_cells(counts: Sequence[int], lines: Sequence[Line], hidden: Collection[int], minimum: int) -> set[int]:
    """The hidden cells that a reader could work out, or narrow down to a span below the minimum."""
    equations = [_equation(line, counts, hidden) for line in lines]
    determined = _determined([unknowns for unknowns, _ in equations if unknowns])
    narrow = {cell for cell, (low, high) in _bounds(equations, hidden).items() if high - low < minimum}
    return determined | narrow


def _companion(counts: Sequence[int], lines: Sequence[Line], hidden: Collection[int], cell: int) -> int:
    """The smallest count shown on the lines of a cell, or else anywhere."""
    beside = {other for line in lines if cell in line.cells for other in line.cells if other not in hidden}
    return min(beside or set(range(len(counts))).difference(hidden), key=lambda other: (counts[other], other))


def _equation(line: Line, counts: Sequence[int], hidden: Collection[int]) -> Equation:
    signs = {line.whole: 1} | dict.fromkeys(line.parts, -1)
    unknowns = {cell: sign for cell, sign in signs.items() if cell in hidden}
    return unknowns, -sum(sign * counts[cell] for cell, sign in signs.items() if cell not in hidden)


def _determined(rows: Iterable[Mapping[int, int]]) -> set[int]:
    """The unknowns that a system of linear equations determines: those alone in their row once it is reduced."""
    reduced: dict[int, dict[int, Fraction]] = {}
    for unknowns in rows:
        row = {cell: Fraction(sign) for cell, sign in unknowns.items()}
        for pivot in [cell for cell in row if cell in reduced]:
            row = _minus(row, row.get(pivot, Fraction(0)), reduced[pivot])
        if not row:
            continue
        pivot = min(row)
        row = {cell: value / row[pivot] for cell, value in row.items()}
        for other, older in reduced.items():
            if pivot in older:
                reduced[other] = _minus(older, older[pivot], row)
        reduced[pivot] = row
    return {pivot for pivot, row in reduced.items() if len(row) == 1}


def _minus(row: Mapping[int, Fraction], factor: Fraction, other: Mapping[int, Fraction]) -> dict[int, Fraction]:
    left = {cell: row.get(cell, Fraction(0)) - factor * other.get(cell, Fraction(0)) for cell in {*row, *other}}
    return {cell: value for cell, value in left.items() if value}


def _bounds(equations: Sequence[Equation], hidden: Collection[int]) -> dict[int, Span]:
    """What each hidden count is at least and at most, line by line until nothing changes."""
    spans: dict[int, Span] = dict.fromkeys(hidden, (0, inf))
    changed = True
    while changed:
        changed = False
        for unknowns, total in equations:
            for cell in unknowns:
                tighter = _tightened(cell, unknowns, total, spans)
                if tighter != spans[cell]:
                    spans[cell], changed = tighter, True
    return spans


def _tightened(cell: int, unknowns: Mapping[int, int], total: int, spans: Mapping[int, Span]) -> Span:
    """A cell's span, given those of the others of its equation: it is what they leave of the total."""
    rest_low: float = 0
    rest_high: float = 0
    for other, sign in unknowns.items():
        if other != cell:
            low, high = spans[other] if sign > 0 else (-spans[other][1], -spans[other][0])
            rest_low, rest_high = rest_low + low, rest_high + high
    low, high = total - rest_high, total - rest_low
    if unknowns[cell] < 0:
        low, high = -high, -low
    return max(spans[cell][0], low), min(spans[cell][1], high)
