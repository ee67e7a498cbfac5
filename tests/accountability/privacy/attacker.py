"""A hostile reader, who knows the frameworks, how many students are behind every figure, and nothing of our code."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.accountability.privacy.district import Name, Truth, wholes

Unknown = tuple[Any, ...]
Sum = tuple[dict[Unknown, float], float]
"""Unknowns with their coefficients, and by how much they may differ from 0."""

ONE: Unknown = ("one",)
"""A known 1: what a number stands before in a sum."""

ROUNDS = 60


@dataclass
class Attacker:
    """What was read, and what follows from it. The truths: who held which students is no secret."""

    truths: Sequence[Truth]
    known: dict[Unknown, float] = field(default_factory=lambda: {ONE: 1.0})
    sums: list[Sum] = field(default_factory=list)
    ends: dict[Unknown, tuple[float, float]] = field(default_factory=dict)

    def fact(self, name: Name, input_version: int) -> Unknown:
        """A figure as known with a file; one that later files left alone is the same."""
        last = max(place for place, truth in enumerate(self.truths) if truth.since <= input_version)
        first = last
        while first and self.truths[first - 1].value[name] == self.truths[last].value[name]:
            first -= 1
        return ("fact", name, first)

    def equal(self, terms: Mapping[Unknown, float], value: float, slack: float = 0) -> None:
        """What was read: the terms add up to a value, or differ from it by so little."""
        self.sums.append((dict(terms) | ({ONE: -value} if value else {}), slack))

    def between(self, one: Unknown, low: float, high: float) -> None:
        """What was read: an unknown lies between two values."""
        before = self.ends.get(one, (0.0, 100.0))
        self.ends[one] = (max(low, before[0]), min(high, before[1]))

    def mean(
        self, names: Iterable[Name], input_versions: Mapping[str, int], *, simple: bool = False
    ) -> dict[Unknown, float]:
        """The mean of figures by students or alike; `input_versions`: the file with which each school is known."""
        of = list(names)
        weights = {name: 1 if simple else self.truths[0].n[name] for name in of}
        whole = sum(weights.values())
        return {self.fact(name, input_versions[name[1]]): weight / whole for name, weight in weights.items()}

    def add_up(self) -> None:
        """Groups make schools, and schools the district."""
        for truth in self.truths:
            for whole, parts in wholes():
                terms = {self.fact(whole, truth.since): float(truth.n[whole])}
                self.sums.append((terms | {self.fact(part, truth.since): -float(truth.n[part]) for part in parts}, 0))

    def mistakes(self) -> list[Sum]:
        """The sums of figures that are not so: what somebody has read wrongly is no attack."""
        return [
            (terms, slack)
            for terms, slack in self.sums
            if all(one[0] in ("fact", "one") for one in terms)
            if abs(sum(times * self.true(one) for one, times in terms.items())) > slack + 1e-6
        ]

    def true(self, one: Unknown) -> float:
        """What an unknown figure really is."""
        return 1 if one == ONE else self.truths[one[2]].value[one[1]]

    def solved(self) -> set[Name]:
        """The figures that are shown, or that all sums together determine."""
        unknowns = sorted({one for terms, _ in self.sums for one in terms if one not in self.known}, key=repr)
        column = {one: number for number, one in enumerate(unknowns)}
        matrix = np.zeros((len(self.sums), len(unknowns)))
        for row, (terms, _) in enumerate(self.sums):
            largest = max(abs(times) for one, times in terms.items() if one != ONE)
            for one, times in terms.items():
                if one in column:
                    matrix[row, column[one]] = times / largest
        _, values, vectors = np.linalg.svd(matrix, full_matrices=True)
        free = vectors[int((values > 1e-9).sum()) :]
        found = [one for one in unknowns if not np.any(np.abs(free[:, column[one]]) > 1e-7)]
        return {one[1] for one in (*found, *self.known) if one[0] == "fact"}

    def widths(self) -> dict[Name, float]:
        """Between how far apart ends each figure must lie, where it is known best."""
        ends = {one: self.ends.get(one, (0.0, 100.0)) for terms, _ in self.sums for one in terms}
        ends |= {one: (value, value) for one, value in self.known.items()}
        for _ in range(ROUNDS):
            for terms, slack in self.sums:
                for one, times in terms.items():
                    ends[one] = self._between(one, times, terms, slack, ends)
        found: dict[Name, float] = {}
        for one, (low, high) in ends.items():
            if one[0] == "fact":
                found[one[1]] = min(high - low, found.get(one[1], 100))
        return found

    def _between(
        self,
        one: Unknown,
        times: float,
        terms: dict[Unknown, float],
        slack: float,
        ends: dict[Unknown, tuple[float, float]],
    ) -> tuple[float, float]:
        rest = [sorted(each * end for end in ends[other]) for other, each in terms.items() if other != one]
        low, high = sum(pair[0] for pair in rest) - slack, sum(pair[1] for pair in rest) + slack
        found = sorted((-low / times, -high / times))
        return max(ends[one][0], found[0] - 1e-9), min(ends[one][1], found[1] + 1e-9)
