"""Which figures may be shown: small ones are hidden, and as many others as it takes that none can be worked out.

Figures are cells, numbered; relations say what everybody knows of them together: sums, weighted means, roundings.
The reader to be feared knows all relations, all cells shown, and what each cell can be at all. Against that reader a
hidden cell is safe if linear algebra does not determine it, and if what is left possible is wide enough.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain
from math import inf
from typing import NamedTuple

TOLERANCE = 1e-6
"""Figures may be binary fractions; what differs by less is the same."""

STEP = 0.01
"""Where a span narrows by less, what follows from that is not followed up."""

ROUNDS = 20
"""Spans of real numbers can narrow for ever, by less each time."""

MOST_LEVELS = 5
"""So many cells of few levels are tried in all combinations; more of them leave everything possible."""


PRIME = 2**61 - 1
"""Equations are solved in whole numbers modulo this prime: exactly as in fractions, without their endless digits."""


class Span(NamedTuple):
    """From the least to the highest that a cell can be."""

    low: float
    high: float


Possible = Span | tuple[float, ...]
"""What a cell can be: anything in a span, or one of a few levels."""


class Cell(NamedTuple):
    """A figure: what it is, and what everybody may think it could be."""

    value: float
    possible: Possible
    open: float | None = None
    """How far apart the possible values of a hidden cell must remain; None: it may be known, as it guards another."""
    rank: tuple[float, ...] = ()
    """Of cells that may guard another, the lowest is hidden first."""


class Relation(NamedTuple):
    """The cells, each times its coefficient, add up to something from `low` to `high`."""

    terms: Mapping[int, float]
    low: float = 0
    high: float = 0
    solves: bool = True
    """Who knows all cells but one knows the last, by this sum or by another rule with the same inputs."""
    told_by: int | None = None
    """Known only while this cell is shown."""


def hidden_cells(
    cells: Sequence[Cell],
    relations: Sequence[Relation],
    first: Iterable[int],
    shown: Iterable[int] = (),
    ties: Iterable[Collection[int]] = (),
) -> set[int]:
    """The cells to hide: `first`, and those that would betray one.

    `shown`: cells that are public for ever; what they betray cannot be helped. `ties`: cells hidden only together.
    """
    tied = {cell: frozenset(group) for group in ties for cell in group}
    fixed = _together(shown, tied)
    hidden = _together(first, tied) - fixed
    free = set(range(len(cells))) - fixed
    hopeless = betrayed_cells(cells, relations, free) if fixed else set()
    while betrayed := betrayed_cells(cells, relations, hidden) - hopeless:
        companions = {_companion(cells, relations, hidden, free - hidden, cell) for cell in betrayed} - {None}
        if not companions:
            break
        hidden |= _together((cell for cell in companions if cell is not None), tied)
    return hidden


def betrayed_cells(cells: Sequence[Cell], relations: Sequence[Relation], hidden: Collection[int]) -> set[int]:
    """The hidden cells that a reader could work out, or narrow down too much."""
    left = [_left(relation, cells, hidden) for relation in relations if relation.told_by not in hidden]
    known = [relation for relation in left if relation.terms]
    determined = _determined([relation.terms for relation in known if relation.solves])
    possible = narrowed(known, {cell: cells[cell].possible for cell in hidden})
    return {
        cell
        for cell in hidden
        if (needed := cells[cell].open) is not None and (cell in determined or _width(possible[cell]) < needed)
    }


def _together(some: Iterable[int], tied: Mapping[int, frozenset[int]]) -> set[int]:
    return set(chain.from_iterable(tied.get(cell, (cell,)) for cell in some))


def _companion(
    cells: Sequence[Cell], relations: Sequence[Relation], hidden: Collection[int], free: Collection[int], cell: int
) -> int | None:
    """The lowest cell that can be hidden beside one, or else beside any that is hidden, or else anywhere."""
    for wanted in ({cell}, set(hidden)):
        beside = {
            other
            for relation in relations
            if not wanted.isdisjoint(relation.terms)
            for other in (*relation.terms, relation.told_by)
            if other in free
        }
        if beside:
            break
    return min(beside or free, key=lambda other: (cells[other].rank, other), default=None)


def _left(relation: Relation, cells: Sequence[Cell], hidden: Collection[int]) -> Relation:
    """What a relation says of the hidden cells alone."""
    known = sum(times * cells[cell].value for cell, times in relation.terms.items() if cell not in hidden)
    terms = {cell: times for cell, times in relation.terms.items() if cell in hidden}
    return relation._replace(terms=terms, low=relation.low - known, high=relation.high - known)


def _determined(rows: Iterable[Mapping[int, float]]) -> set[int]:
    """The unknowns that a system of linear equations determines: those alone in their row once it is reduced."""
    reduced: dict[int, dict[int, int]] = {}
    within: defaultdict[int, set[int]] = defaultdict(set)
    for unknowns in rows:
        row = {cell: _residue(times) for cell, times in unknowns.items()}
        for pivot in [cell for cell in row if cell in reduced]:
            row = _minus(row, row.get(pivot, 0), reduced[pivot])
        if not row:
            continue
        pivot = min(row)
        inverse = pow(row[pivot], -1, PRIME)
        row = {cell: value * inverse % PRIME for cell, value in row.items()}
        for other in within.pop(pivot, ()):
            if pivot in reduced[other]:
                reduced[other] = _minus(reduced[other], reduced[other][pivot], row)
                for cell in row:
                    within[cell].add(other)
        reduced[pivot] = row
        for cell in row:
            within[cell].add(pivot)
    return {pivot for pivot, row in reduced.items() if len(row) == 1}


def _residue(times: float) -> int:
    exact = Fraction(times)
    return exact.numerator * pow(exact.denominator, -1, PRIME) % PRIME


def _minus(row: Mapping[int, int], factor: int, other: Mapping[int, int]) -> dict[int, int]:
    left = dict(row)
    for cell, value in other.items():
        rest = (left.get(cell, 0) - factor * value) % PRIME
        if rest:
            left[cell] = rest
        else:
            left.pop(cell, None)
    return left


def narrowed(relations: Sequence[Relation], possible: Mapping[int, Possible]) -> dict[int, Possible]:
    """What each hidden cell can be in view of all relations, one after the other until nothing changes."""
    now = dict(possible)
    telling = [relation for relation in relations if relation.low > -inf or relation.high < inf]
    pending = telling
    for _ in range(ROUNDS):
        moved = set()
        for relation in pending:
            for cell, tighter in _tightened(relation, now):
                if _is_tighter(tighter, now[cell]):
                    moved.add(cell)
                now[cell] = tighter
        pending = [relation for relation in telling if not moved.isdisjoint(relation.terms)]
    return now


def _tightened(relation: Relation, possible: Mapping[int, Possible]) -> Iterator[tuple[int, Possible]]:
    """What each cell of a relation can be, given the others: what they leave of the sum."""
    ends = {cell: _times(times, possible[cell]) for cell, times in relation.terms.items()}
    lows, highs = _Total(low for low, _ in ends.values()), _Total(high for _, high in ends.values())
    for cell, times in relation.terms.items():
        mine = possible[cell]
        if isinstance(mine, Span):
            rest = Span(lows.without(ends[cell].low), highs.without(ends[cell].high))
            reach = ((relation.low - rest.high) / times, (relation.high - rest.low) / times)
            yield cell, Span(max(mine.low, min(reach)), min(mine.high, max(reach)))
        else:
            others = [(factor, possible[other]) for other, factor in relation.terms.items() if other != cell]
            yield cell, _levels_left(mine, times, relation, others)


class _Total:
    """A sum of ends, some of them infinite, of which one is taken away again: all without one, in one step each."""

    def __init__(self, ends: Iterable[float]) -> None:
        known = list(ends)
        self._finite = sum(end for end in known if abs(end) < inf)
        self._infinite = [end for end in known if abs(end) == inf]

    def without(self, end: float) -> float:
        """The sum of all others."""
        if abs(end) < inf:
            return self._infinite[0] if self._infinite else self._finite - end
        return self._infinite[0] if len(self._infinite) > 1 else self._finite


def _levels_left(
    mine: tuple[float, ...], times: float, relation: Relation, others: list[tuple[float, Possible]]
) -> tuple[float, ...]:
    """The levels of a cell with which the others can make up the sum."""
    tried = sorted(others, key=lambda other: (isinstance(other[1], Span), len(other[1])))
    tried = tried[:MOST_LEVELS] + [(factor, _hull(any_)) for factor, any_ in tried[MOST_LEVELS:]]
    low, high = relation.low - TOLERANCE, relation.high + TOLERANCE
    return tuple(level for level in mine if _can_be(low - times * level, high - times * level, tried))


def _can_be(low: float, high: float, others: Sequence[tuple[float, Possible]]) -> bool:
    """True if the others, each times its factor, can add up to something from `low` to `high`."""
    reach = _sum(others)
    if reach.low > high or reach.high < low:
        return False
    if not others or isinstance(others[0][1], Span):
        return True
    (times, levels), rest = others[0], others[1:]
    return any(_can_be(low - times * level, high - times * level, rest) for level in levels)


def _sum(others: Sequence[tuple[float, Possible]]) -> Span:
    ends = [_times(times, possible) for times, possible in others]
    return Span(sum(low for low, _ in ends), sum(high for _, high in ends))


def _times(times: float, possible: Possible) -> Span:
    return Span(*sorted(times * end for end in _hull(possible)))


def _hull(possible: Possible) -> Span:
    return possible if isinstance(possible, Span) else Span(min(possible, default=inf), max(possible, default=-inf))


def _width(possible: Possible) -> float:
    hull = _hull(possible)
    return hull.high - hull.low


def _is_tighter(now: Possible, before: Possible) -> bool:
    if isinstance(now, Span) and isinstance(before, Span):
        return now.low - before.low > STEP or before.high - now.high > STEP
    return len(now) < len(before)
