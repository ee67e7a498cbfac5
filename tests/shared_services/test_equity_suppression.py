"""Suppression: whatever a reader does with the counts that are shown, no small one comes out."""

from itertools import product
from random import Random
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_services.equity.rules import GROUPINGS, Group, Served, cells
from shared_services.equity.schemas import Cell, Dimension
from shared_services.equity.suppression import Line, betrayed_cells, hidden_cells

MINIMUM = 10
DIMENSIONS = get_args(Dimension)
VALUES = {
    "schoolKind": ["autonomous", "traditional"],
    "operator": ["north", "south", "none"],
    "priority": ["P1", "P2", "P3"],
    "region": ["east", "west"],
    "month": ["2026-09", "2026-10"],
}


def counted(requests: list[tuple[str, ...]]) -> dict[Group, Served]:
    """Requests, each by its value of every dimension, counted by every grouping."""
    found: dict[Group, int] = {}
    for request in requests:
        said = dict(zip(DIMENSIONS, request, strict=True))
        for grouping in GROUPINGS:
            group = tuple((name, said[name]) for name in grouping)
            found[group] = found.get(group, 0) + 1
    return {group: Served(count, {}) for group, count in found.items()}


def drawn(seed: int, size: int) -> list[tuple[str, ...]]:
    """Requests of which most are alike, as in life."""
    random = Random(seed)
    skewed = [[(value, 0.75**place) for place, value in enumerate(VALUES[name])] for name in DIMENSIONS]
    kinds = [([value for value, _ in one], [weight for _, weight in one]) for one in skewed]
    return [tuple(random.choices(values, weights)[0] for values, weights in kinds) for _ in range(size)]


class Reader:
    """A hostile reader, who knows the report, how its groups hang together, and nothing of our code."""

    def __init__(self, report: list[Cell]) -> None:
        self.shown = {frozenset(cell.by.items()): cell.requests for cell in report}
        self.unknown = [key for key, count in self.shown.items() if count is None]
        self.sums = [sum_ for key in self.shown for sum_ in self._sums(key)]

    def _sums(self, whole: frozenset[tuple[str, str]]) -> list[tuple[frozenset[tuple[str, str]], list[object]]]:
        found = []
        for name in DIMENSIONS:
            parts = [
                key for key in self.shown if len(key) == len(whole) + 1 and key > whole and name in dict(key - whole)
            ]
            if parts:
                found.append((whole, parts))
        return found

    def equations(self) -> tuple[np.ndarray, np.ndarray]:
        """What the report says of the unknown counts: a matrix and the right hand sides."""
        column = {key: number for number, key in enumerate(self.unknown)}
        matrix, right = np.zeros((len(self.sums), len(self.unknown))), np.zeros(len(self.sums))
        for row, (whole, parts) in enumerate(self.sums):
            for key, sign in [(whole, 1), *((part, -1) for part in parts)]:
                if key in column:
                    matrix[row, column[key]] += sign
                else:
                    right[row] -= sign * (self.shown[key] or 0)
        return matrix, right

    def by_subtraction(self) -> set[object]:
        """The unknown counts that repeated subtraction brings out."""
        known = {key for key, count in self.shown.items() if count is not None}
        found: set[object] = set()
        while True:
            new = [[key for key in (whole, *parts) if key not in known] for whole, parts in self.sums]
            single = {keys[0] for keys in new if len(keys) == 1}
            if not single:
                return found
            known |= single
            found |= single

    def by_algebra(self) -> set[object]:
        """The unknown counts that all equations together determine: those that no solution can change."""
        matrix, _ = self.equations()
        if not self.unknown:
            return set()
        _, values, vectors = np.linalg.svd(matrix, full_matrices=True)
        free = vectors[int((values > 1e-9).sum()) :]
        return {key for number, key in enumerate(self.unknown) if not np.any(np.abs(free[:, number]) > 1e-9)}


def found_out(requests: list[tuple[str, ...]]) -> set[object]:
    reader = Reader(cells(counted(requests), MINIMUM))
    return reader.by_subtraction() | reader.by_algebra()


@pytest.mark.parametrize("size", [0, 1, 12, 60, 150, 400, 1500])
@pytest.mark.parametrize("seed", range(4))
def test_no_hidden_count_comes_out_by_subtraction_or_by_algebra(seed: int, size: int) -> None:
    assert found_out(drawn(seed, size)) == set()


@given(st.lists(st.tuples(*(st.sampled_from(VALUES[name]) for name in DIMENSIONS)), max_size=120))
def test_no_hidden_count_comes_out_whatever_the_requests(requests: list[tuple[str, ...]]) -> None:
    assert found_out(requests) == set()


def test_the_reader_is_no_straw_man_it_breaks_a_report_that_hides_small_counts_only() -> None:
    few = [("traditional", "none", "P1", "east", "2026-09")] * 4
    reader = Reader(
        [
            cell.model_copy(update={"requests": served.requests if served.requests >= MINIMUM else None})
            for cell, served in _naive([("autonomous", "north", "P1", "east", "2026-09")] * 40 + few)
        ]
    )
    betrayed = frozenset({("schoolKind", "traditional")})
    assert betrayed in reader.by_subtraction()
    assert betrayed in reader.by_algebra()


def _naive(requests: list[tuple[str, ...]]) -> list[tuple[Cell, Served]]:
    """A report that hides small counts and nothing else."""
    found = counted(requests)
    return [
        (Cell(by=dict(group), suppressed=False), found.get(group, Served(0, {})))
        for grouping in GROUPINGS
        for group in (
            tuple(zip(grouping, values, strict=True)) for values in product(*(VALUES[name] for name in grouping))
        )
    ]


@pytest.mark.parametrize("seed", range(6))
def test_no_small_count_is_shown_and_no_group_is_missing(seed: int) -> None:
    requests = drawn(seed, 300)
    report = cells(counted(requests), MINIMUM)
    assert all(cell.requests is None or cell.requests >= MINIMUM for cell in report)
    assert len(report) == len(_naive(requests))


def test_a_large_report_still_says_something() -> None:
    report = cells(counted(drawn(3, 5_000)), MINIMUM)
    assert sum(cell.suppressed for cell in report) < len(report) / 4


def test_what_is_hidden_spans_at_least_the_minimum() -> None:
    counts = [40, 36, 4, 0]
    lines = [Line(0, (1, 2, 3))]
    assert betrayed_cells(counts, lines, {2, 3}, MINIMUM) == {2, 3}
    assert hidden_cells(counts, lines, MINIMUM) == {1, 2, 3}


def test_three_sums_that_only_together_betray_their_counts_are_seen() -> None:
    counts = [30, 30, 30, 15, 15, 15]
    lines = [Line(0, (3, 4)), Line(1, (4, 5)), Line(2, (3, 5))]
    assert betrayed_cells(counts, lines, {3, 4, 5}, MINIMUM) == {3, 4, 5}
