"""A hostile reader, who knows the frameworks, how many students are behind every figure, and nothing of our code."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.accountability.privacy.district import GROUPS, INDICATORS, SCHOOLS, WEIGHTS, YEARS, Name, Truth

Unknown = tuple[Any, ...]
Sum = tuple[dict[Unknown, float], float]
"""Unknowns with their coefficients, and by how much they may differ from 0."""


@dataclass
class Attacker:
    """What was read, and what follows from it."""

    truths: Sequence[Truth]
    known: dict[Unknown, float] = field(default_factory=dict)
    sums: list[Sum] = field(default_factory=list)
    ends: dict[Unknown, tuple[float, float]] = field(default_factory=dict)

    def fact(self, name: Name, revision: int) -> Unknown:
        """A figure; one that a correction left alone is the same in both revisions."""
        same = self.truths[0].value[name] == self.truths[-1].value[name]
        return ("fact", name, 0 if same else revision)

    def read(self, year: int, subject: str, explanation: dict[str, Any]) -> None:
        """An explanation, and the rating in it."""
        group, revision = explanation["rating"]["studentGroup"], explanation["rating"]["revision"] - 1
        names = {each: self.fact((year, subject, group, each), revision) for each in INDICATORS}
        names |= {each: (each, year, subject, group, revision) for each in ("score", "total")}
        for outcome in explanation["outcomes"]:
            if outcome["value"] is not None:
                self.known[names[outcome["node"]]] = outcome["value"]
        if explanation["rating"]["score"] is not None:
            self.known[names["total"]] = explanation["rating"]["score"]
        if explanation["rating"]["rating"] in ("High", "Low"):
            self.ends[names["total"]] = (60, 100) if explanation["rating"]["rating"] == "High" else (0, 60)
        self.sums.append(({names["score"]: -100} | {names[each]: weight for each, weight in WEIGHTS.items()}, 0))
        self.sums.append(({names["score"]: 1, names["total"]: -1}, 0.05))

    def add_up(self) -> None:
        """Groups make schools, and schools the district."""
        for revision, truth in enumerate(self.truths):
            for year in YEARS:
                for indicator in INDICATORS:
                    for subject in (*SCHOOLS, "D"):
                        parts = [(year, subject, group, indicator) for group in GROUPS]
                        self._whole(truth, (year, subject, "ALL", indicator), parts, revision)
                    for group in ("ALL", *GROUPS):
                        parts = [(year, school, group, indicator) for school in SCHOOLS]
                        self._whole(truth, (year, "D", group, indicator), parts, revision)

    def _whole(self, truth: Truth, whole: Name, parts: Iterable[Name], revision: int) -> None:
        terms = {self.fact(whole, revision): float(truth.n[whole])}
        self.sums.append((terms | {self.fact(part, revision): -float(truth.n[part]) for part in parts}, 0))

    def solved(self) -> set[Name]:
        """The figures that are shown, or that all sums together determine."""
        unknowns = sorted({one for terms, _ in self.sums for one in terms if one not in self.known}, key=repr)
        column = {one: number for number, one in enumerate(unknowns)}
        matrix = np.zeros((len(self.sums), len(unknowns)))
        for row, (terms, _) in enumerate(self.sums):
            for one, times in terms.items():
                if one in column:
                    matrix[row, column[one]] = times / max(map(abs, terms.values()))
        _, values, vectors = np.linalg.svd(matrix, full_matrices=True)
        free = vectors[int((values > 1e-9).sum()) :]
        found = [one for one in unknowns if not np.any(np.abs(free[:, column[one]]) > 1e-7)]
        return {one[1] for one in (*found, *self.known) if one[0] == "fact"}

    def narrowed(self, width: float) -> set[Name]:
        """The figures that can only lie in a span narrower than `width`."""
        ends = {one: self.ends.get(one, (0.0, 100.0)) for terms, _ in self.sums for one in terms}
        ends |= {one: (value, value) for one, value in self.known.items()}
        for _ in range(60):
            for terms, slack in self.sums:
                for one, times in terms.items():
                    ends[one] = self._between(one, times, terms, slack, ends)
        return {one[1] for one, (low, high) in ends.items() if one[0] == "fact" and high - low < width}

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
