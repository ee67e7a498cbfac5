"""A district with many small groups: four schools, three groups that add up, two years, and what is put right later."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from uuid import UUID

from tests.accountability.lives import DISTRICT

SCHOOLS = {"01": UUID(int=1), "02": UUID(int=2), "03": UUID(int=3), "04": UUID(int=4)}
AUTONOMOUS = {"01", "03"}
SUBJECTS = {**SCHOOLS, "D": DISTRICT}
GROUPS = ("GA", "GB", "GC")
INDICATORS = ("tested", "growth", "attend")
RATES = {"tested"}
"""Percentages of counts; the others are averages."""

YEARS = (2019, 2020)
WEIGHTS = {"tested": 50, "growth": 30, "attend": 20}
MINIMUM, TOP = 10, 95
SIZES = {
    (2019, "01"): {"GA": 45, "GB": 12, "GC": 7},
    (2019, "02"): {"GA": 20, "GB": 9, "GC": 4},
    (2019, "03"): {"GA": 4, "GB": 3, "GC": 1},
    (2019, "04"): {"GA": 60, "GB": 40, "GC": 25},
    (2020, "01"): {"GA": 41, "GB": 13, "GC": 6},
    (2020, "02"): {"GA": 14, "GB": 11, "GC": 5},
    (2020, "03"): {"GA": 3, "GB": 3, "GC": 2},
    (2020, "04"): {"GA": 58, "GB": 35, "GC": 22},
}

Name = tuple[int, str, str, str]
"""Year, school (or D for the district), group, indicator."""

NEAR_THE_END: Name = (2019, "04", "GC", "tested")
"""A rate of many students that is near its end."""

APPEALED: Name = (2019, "01", "GB", "tested")
CORRECTED: Name = (2019, "02", "GA", "attend")
"""The figures that are put right after publication: for one rating upon an appeal, and for all."""


@dataclass
class Truth:
    """What the state knows from a file on: every figure and how many students are behind it."""

    value: dict[Name, float] = field(default_factory=dict)
    n: dict[Name, int] = field(default_factory=dict)
    since: int = 0
    """The number of the file."""

    def secrets(self) -> set[Name]:
        """The figures of too few students, and the rates near their end."""
        return {name for name, n in self.n.items() if n < MINIMUM} | self.coded()

    def coded(self) -> set[Name]:
        """The rates of many students near their end."""
        return {
            name for name, value in self.value.items() if name[3] in RATES and value > TOP and self.n[name] >= MINIMUM
        }

    def but(self, name: Name, more: float) -> "Truth":
        """The same with another figure, and other wholes therefore."""
        made = Truth(dict(self.value), dict(self.n))
        made.value[name] += more
        total(made)
        return made

    def lines(self, framework: str, year: int) -> str:
        """The file of a year."""
        rows = []
        for (at, school, group, indicator), value in self.value.items():
            n = self.n[at, school, group, indicator]
            counts = f"{value * n / 100!r},{n}" if indicator in RATES else ","
            if at == year:
                rows.append(f"{school},{framework}-{indicator},{group},{value!r},{n},{counts}")
        return "school,indicator,studentGroup,value,n,numerator,denominator\n" + "\n".join(rows) + "\n"


def truth() -> Truth:
    """Figures with digits that no other text has, each whole exactly the mean of its parts."""
    made, digit = Truth(), 0
    for (year, school), sizes in SIZES.items():
        for indicator in INDICATORS:
            for group, n in sizes.items():
                digit += 1
                name = (year, school, group, indicator)
                made.value[name], made.n[name] = 30 + (digit * 17 % 60) + digit * 0.00137 + 0.00071, n
    made.value[NEAR_THE_END] = 97.31713
    total(made)
    return made


def total(made: Truth) -> None:
    """Let the wholes be the means of their parts, weighted by students."""
    for whole, parts in wholes():
        made.n[whole] = sum(made.n[part] for part in parts)
        made.value[whole] = sum(made.n[part] * made.value[part] for part in parts) / made.n[whole]


def wholes() -> Iterator[tuple[Name, list[Name]]]:
    """Every whole and its parts, these before the wholes of wholes: groups make schools, and schools the district."""
    for year, indicator in product(YEARS, INDICATORS):
        for school in SCHOOLS:
            yield (year, school, "ALL", indicator), [(year, school, group, indicator) for group in GROUPS]
        for group in ("ALL", *GROUPS):
            yield (year, "D", group, indicator), [(year, school, group, indicator) for school in SCHOOLS]


def framework(name: str) -> dict[str, Any]:
    """The weighted mean of three figures, rounded, as a band."""
    leaves = {each: {"kind": "measure", "indicator": f"{name}-{each}", "source": "s"} for each in INDICATORS}
    return {
        "id": name,
        "version": "1",
        "title": "Small groups",
        "owner": "State",
        "school_years": list(YEARS),
        "data_year_lag": 0,
        "sources": ["test"],
        "not_rated": "No Rating",
        "student_groups": ["ALL", *GROUPS],
        "scale": [{"label": "High", "at_least": 60}, {"label": "Low", "at_least": 0}],
        "indicators": {f"{name}-{each}": {"title": each} for each in INDICATORS},
        "nodes": {
            **leaves,
            "score": {"kind": "mean", "weights": WEIGHTS, "source": "s"},
            "total": {"kind": "round", "input": "score", "digits": 1, "source": "s"},
            "rating": {"kind": "band", "input": "total", "source": "s"},
        },
        "result": {"score": "total", "rating": "rating"},
    }
