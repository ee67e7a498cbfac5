"""A district with many small groups: three schools, three groups that add up, two years, and a correction."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tests.accountability.lives import DISTRICT, NOW, STATE, Lives

SCHOOLS = {"01": UUID(int=1), "02": UUID(int=2)}
GROUPS = ("GA", "GB", "GC")
INDICATORS = ("tested", "growth", "attend")
YEARS = (2019, 2020)
WEIGHTS = {"tested": 50, "growth": 30, "attend": 20}
MINIMUM = 10
SIZES = {
    (2019, "01"): (64, {"GA": 45, "GB": 12, "GC": 7}),
    (2019, "02"): (33, {"GA": 20, "GB": 9, "GC": 4}),
    (2020, "01"): (60, {"GA": 41, "GB": 13, "GC": 6}),
    (2020, "02"): (30, {"GA": 14, "GB": 11, "GC": 5}),
}
CORRECTED = (2019, "01", "GB", "tested")
"""The figure that is put right after publication."""

Name = tuple[int, str, str, str]
"""Year, school (or D for the district), group, indicator."""


@dataclass
class Truth:
    """What the state knows: every figure and how many students are behind it."""

    value: dict[Name, float] = field(default_factory=dict)
    n: dict[Name, int] = field(default_factory=dict)

    def secrets(self) -> set[Name]:
        """The figures of too few students."""
        return {name for name, n in self.n.items() if n < MINIMUM}

    def lines(self, year: int) -> str:
        """The file of a year."""
        rows = [
            f"{school},{indicator},{group},{value!r},{self.n[at, school, group, indicator]}"
            for (at, school, group, indicator), value in self.value.items()
            if at == year
        ]
        return "school,indicator,studentGroup,value,n\n" + "\n".join(rows) + "\n"


def truth() -> Truth:
    """Figures with digits that no other text has, each whole exactly the mean of its parts."""
    made, digit = Truth(), 0
    for (year, school), (_, sizes) in SIZES.items():
        for indicator in INDICATORS:
            for group, n in sizes.items():
                digit += 1
                name = (year, school, group, indicator)
                made.value[name], made.n[name] = 30 + (digit * 17 % 60) + digit * 0.00137 + 0.00071, n
    total(made)
    return made


def total(made: Truth) -> None:
    """Let the wholes be the means of their parts, weighted by students."""
    for year in YEARS:
        for indicator in INDICATORS:
            for school in SCHOOLS:
                _mean(made, (year, school, "ALL", indicator), [(year, school, g, indicator) for g in GROUPS])
            for group in ("ALL", *GROUPS):
                _mean(made, (year, "D", group, indicator), [(year, s, group, indicator) for s in SCHOOLS])


def _mean(made: Truth, whole: Name, parts: list[Name]) -> None:
    made.n[whole] = sum(made.n[part] for part in parts)
    made.value[whole] = sum(made.n[part] * made.value[part] for part in parts) / made.n[whole]


def framework(name: str) -> dict[str, Any]:
    """The weighted mean of three figures, rounded, as a band."""
    indicators = {f"{name}-{each}": {"title": each} for each in INDICATORS}
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
        "indicators": indicators,
        "nodes": {
            **leaves,
            "score": {"kind": "mean", "weights": WEIGHTS, "source": "s"},
            "total": {"kind": "round", "input": "score", "digits": 1, "source": "s"},
            "rating": {"kind": "band", "input": "total", "source": "s"},
        },
        "result": {"score": "total", "rating": "rating"},
    }


async def load(lives: Lives, name: str, figures: Truth, year: int) -> None:
    """Send a year's file as the state does."""
    body = figures.lines(year)
    for indicator in INDICATORS:
        body = body.replace(f",{indicator},", f",{name}-{indicator},")
    params = {"schoolYear": year, "dataYear": year, "aliasSystem": "d", "source": "test"}
    answer = await lives.by(STATE).post(
        "/v1/measures/imports", content=body, params=params, headers={"content-type": "text/csv"}
    )
    assert answer.status_code == 200, answer.text


async def publish(lives: Lives, name: str, year: int, reason: str | None = None) -> None:
    """Rate a year and publish it."""
    body = {"framework": name, "version": "1", "schoolYear": year, "overrideFindings": "Small on purpose."}
    run = await lives.by(STATE).post("/v1/runs", json=body)
    assert run.status_code == 201, run.text
    answer = await lives.by(STATE).post(f"/v1/runs/{run.json()['id']}/publication", json={"reason": reason})
    assert answer.status_code == 200, answer.text


async def published(lives: Lives, name: str) -> list[Truth]:
    """The district published, and then corrected; what was true of each revision, the first first."""
    lives.at(NOW)
    answer = await lives.by(STATE).post("/v1/frameworks", json=framework(name))
    assert answer.status_code == 201, answer.text
    first = truth()
    for year in YEARS:
        await load(lives, name, first, year)
        await publish(lives, name, year)
    second = Truth(dict(first.value), dict(first.n))
    second.value[CORRECTED] += 6.5
    total(second)
    await load(lives, name, second, CORRECTED[0])
    await publish(lives, name, CORRECTED[0], "A figure was wrong.")
    return [first, second]


SUBJECTS = {**SCHOOLS, "D": DISTRICT}
