"""The rule of suppression: whatever a reader does with what is shown, no small figure comes out."""

from fractions import Fraction
from itertools import product
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.suppression import Cell, Relation, Span, betrayed_cells, hidden_cells

MINIMUM = 10
ANY = Span(-inf, inf)


def counts(*values: int) -> list[Cell]:
    """Counts of students, the smaller the sooner hidden."""
    return [Cell(value, Span(0, inf), open=MINIMUM, rank=(value,)) for value in values]


def small(cells: list[Cell]) -> set[int]:
    return {number for number, cell in enumerate(cells) if cell.value < MINIMUM}


def adds_up(whole: int, *parts: int) -> Relation:
    return Relation({whole: 1} | dict.fromkeys(parts, -1))


def test_of_three_parts_of_which_one_is_small_two_are_hidden() -> None:
    cells = counts(64, 45, 12, 7)
    assert hidden_cells(cells, [adds_up(0, 1, 2, 3)], small(cells)) == {2, 3}


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    cells = counts(64, 40, 24)
    assert hidden_cells(cells, [adds_up(0, 1, 2)], small(cells)) == set()


def test_what_is_tied_is_hidden_together() -> None:
    cells = [*counts(64, 45, 12, 7), Cell(3, ANY)]
    assert hidden_cells(cells, [adds_up(0, 1, 2, 3)], small(cells) & {3}, ties=[{2, 4}]) == {2, 3, 4}


def test_what_was_shown_before_is_not_hidden_but_something_else_is() -> None:
    cells = counts(64, 45, 12, 7)
    assert hidden_cells(cells, [adds_up(0, 1, 2, 3)], {3}, shown={2}) == {1, 3}


def test_where_all_else_was_shown_before_nothing_more_is_hidden_in_vain() -> None:
    cells = counts(64, 45, 12, 7, 99)
    assert hidden_cells(cells, [adds_up(0, 1, 2, 3)], {3}, shown={0, 1, 2}) == {3}


def test_a_sum_near_the_highest_possible_gives_its_parts_away() -> None:
    cells = [Cell(99.5, ANY), Cell(100, Span(0, 100), open=10), Cell(99, Span(0, 100))]
    mean = Relation({0: 2, 1: -1, 2: -1})
    assert betrayed_cells(cells, [mean], {1, 2}) == {1}
    assert betrayed_cells(cells, [mean], {0, 1, 2}) == set()


def test_points_of_few_levels_are_found_by_trying_all_combinations() -> None:
    levels = (1.0, 3.0, 5.0)
    cells = [Cell(3.4, ANY), Cell(5, levels, open=2), Cell(1, levels)]
    assert betrayed_cells(cells, [Relation({0: 1, 1: -0.6, 2: -0.4})], {1, 2}) == {1}


def test_equal_weights_leave_points_open() -> None:
    levels = (1.0, 3.0, 5.0)
    cells = [Cell(3, ANY), Cell(5, levels, open=2), Cell(1, levels)]
    assert betrayed_cells(cells, [Relation({0: 1, 1: -0.5, 2: -0.5})], {1, 2}) == set()


def test_a_rounded_mean_narrows_as_well_as_an_exact_one() -> None:
    cells = [Cell(50.0, ANY), Cell(50, Span(0, 100), open=10)]
    rounded = Relation({0: 1, 1: -1}, -0.05, 0.05, solves=False)
    assert betrayed_cells(cells, [rounded], {1}) == {1}


@pytest.mark.parametrize(("hidden", "betrayed"), [({1}, {1}), ({0, 1}, set())])
def test_a_band_tells_only_while_it_is_shown(hidden: set[int], betrayed: set[int]) -> None:
    cells = [Cell(0, ANY), Cell(95, Span(0, 100), open=20)]
    top = Relation({1: 1}, 90, 100, solves=False, told_by=0)
    assert betrayed_cells(cells, [top], hidden) == betrayed


@st.composite
def tables(draw: st.DrawFn) -> list[list[int]]:
    """Schools by groups, most groups small."""
    schools, groups = draw(st.integers(1, 4)), draw(st.integers(2, 4))
    size = st.integers(0, 15) | st.integers(0, 200)
    return draw(st.lists(st.lists(size, min_size=groups, max_size=groups), min_size=schools, max_size=schools))


@given(tables())
def test_no_small_count_of_a_district_is_determined(table: list[list[int]]) -> None:
    values, relations = _margins(table)
    cells = counts(*values)
    hidden = hidden_cells(cells, relations, small(cells))
    assert small(cells) <= hidden
    assert _solved(values, relations, hidden) & small(cells) == set()


@given(tables())
def test_hiding_the_small_ones_alone_is_seen_through_where_one_stands_alone(table: list[list[int]]) -> None:
    values, relations = _margins([[*table[0], 3], [50] * (len(table[0]) + 1)])
    hidden = {values.index(3)}
    assert _solved(values, relations, hidden) == hidden == betrayed_cells(counts(*values), relations, hidden)


def _margins(table: list[list[int]]) -> tuple[list[int], list[Relation]]:
    """The cells with their sums by school, by group, and in all."""
    rows = [[*row, sum(row)] for row in table]
    rows.append([sum(column) for column in zip(*rows, strict=True)])
    width, height = len(rows[0]), len(rows)
    at = {(i, j): i * width + j for i, j in product(range(height), range(width))}
    by_school = [adds_up(at[i, width - 1], *(at[i, j] for j in range(width - 1))) for i in range(height)]
    by_group = [adds_up(at[height - 1, j], *(at[i, j] for i in range(height - 1))) for j in range(width)]
    return [value for row in rows for value in row], [*by_school, *by_group]


def _solved(values: list[int], relations: list[Relation], hidden: set[int]) -> set[int]:
    """What an independent reader determines: unknowns whose unit vector lies in the span of the equations."""
    order = sorted(hidden)
    rows = [[Fraction(relation.terms.get(cell, 0)) for cell in order] for relation in relations]
    basis = _echelon(rows)
    return {cell for place, cell in enumerate(order) if _rank_with(basis, place, len(order)) == len(basis)}


def _echelon(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    basis: list[list[Fraction]] = []
    for row in rows:
        left = _reduced(row, basis)
        if any(left):
            basis.append(left)
    return basis


def _reduced(row: list[Fraction], basis: list[list[Fraction]]) -> list[Fraction]:
    for known in basis:
        lead = next(place for place, value in enumerate(known) if value)
        row = [value - row[lead] / known[lead] * other for value, other in zip(row, known, strict=True)]
    return row


def _rank_with(basis: list[list[Fraction]], place: int, width: int) -> int:
    unit = [Fraction(int(each == place)) for each in range(width)]
    return len(_echelon([*basis, unit]))
