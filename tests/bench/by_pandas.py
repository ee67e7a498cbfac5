"""SQRP 2018-19 as an analyst would run it in pandas: the baseline of a benchmark, on the tables that a run reads and
writes.

`read_sql`, a pivot, a merge or mask per rule, `to_sql` with pandas' own recipe for COPY. The policy's tables come from
`by_hand`. Explained is what the policy scores: points, weights, totals and levels.
"""

import csv
import io
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import create_engine

from tests.accountability.engine.by_hand import (
    ANNUAL,
    COHORT,
    ELEMENTARY,
    GROUPS,
    HIGH,
    LEVELS,
    NOT_ASSESSED,
    OPTION,
    SUBJECTS,
    SURVEY,
    Model,
)
from tests.accountability.served import peak_mb

READ = """
    select school_id::text as subject, code as indicator, value, category, n::float as n, participation
    from measure join indicator on indicator.number = measure.indicator
    where school_year = 2019 and student_group = 'ALL' and superseded_in is null
"""
RUN = """
    insert into run (framework_id, framework_version, framework_sha256, engine_version, input_version, school_year,
        data_year, schools, rated, digest, client_id)
    select id, version, '', 'pandas', 1, 2019, 2018, 0, 0, '', 'pandas' from framework returning number
"""
WIDE = ("value", "category", "n", "participation")
TO_STUDENTS = 1e-9
Series = pd.Series


class Scored:
    """A model's points and effective weights, a column for each indicator."""

    def __init__(self, wide: pd.DataFrame, model: Model, penalties: bool) -> None:
        self.wide, self.model = wide, model
        self.points = pd.DataFrame({name: _points(wide, name, cuts, penalties) for name, (_, cuts) in model.items()})
        declared = {name: np.full(len(wide), float(weight)) for name, (weight, _) in model.items()}
        self.weights = pd.DataFrame(declared, index=wide.index)

    def there(self, name: str) -> Series:
        return self.points[name].notna()

    def move(self, missing: str, shares: Mapping[str, float]) -> None:
        """The weight of what is missing goes to fixed shares."""
        freed = self.weights[missing].where(~self.there(missing), 0.0)
        self.weights[missing] -= freed
        for name, share in shares.items():
            self.weights[name] += freed * share

    def spread(self, missing: str, targets: Sequence[str]) -> None:
        """The weight of what is missing goes to the targets that are there, by declared weight."""
        bases = pd.DataFrame({name: self.there(name) * self.model[name][0] for name in targets if name != missing})
        every = bases.sum(axis=1)
        freed = self.weights[missing].where(~self.there(missing) & (every > 0), 0.0)
        self.weights[missing] -= freed
        for name in bases:
            self.weights[name] += (freed * bases[name] / every).fillna(0.0)

    def total(self, required: Sequence[str]) -> Series:
        mean = (self.points.fillna(0.0) * self.weights).sum(axis=1) / 100
        lost = self.weights.where(self.points.isna(), 0.0).sum(axis=1)
        there = (lost < TO_STUDENTS) & self.points[list(required)].notna().all(axis=1)
        return _rounded(mean).where(there)

    def counted(self, name: str) -> Series:
        return self.wide["value", name].where(self.there(name))


def _points(wide: pd.DataFrame, name: str, cuts: Sequence[int], penalties: bool) -> Series:
    if name == "survey":
        return wide["category", name].map({label: 5.0 - at for at, label in enumerate(SURVEY)})
    value, least = wide["value", name], 30 if name.endswith(GROUPS) else 0 if name == "data_quality" else 10
    reached = [value <= cut if name == "dropout" else value >= cut for cut in cuts]
    points = pd.Series(np.select(reached, [5.0 - at for at in range(len(cuts))], 1.0), wide.index)
    if penalties and ("growth" in name or "attainment" in name or name == "college_readiness"):
        rate = np.ceil(wide["participation", name])
        lost = np.select([rate >= 95, rate >= 93, rate >= 92, rate >= 90, rate >= 0], [0.0, 1.0, 2.0, 3.0, 4.0], 0.0)
        points = (points - lost).clip(lower=1.0)
    return points.where(value.notna() & ~(wide["n", name] < least))


def _rounded(value: Series) -> Series:
    return (np.floor(value * 10 + 0.5 + 1e-9) / 10).round(1)


def _at_least(value: Series, cuts: Sequence[float], given: Sequence[Any], none: Any) -> Series:
    return pd.Series(np.select([value >= cut for cut in cuts], list(given), none), value.index)


def _rated(total: Series, attained: Series, cuts: Sequence[int], assessed: Series) -> tuple[Series, Series]:
    """The lowest score of the better level, and the score with which the model enters a combination."""
    least = [one for one, _ in LEVELS]
    by_points = _at_least(total.where(assessed), least, least, np.nan)
    by_attainment = _at_least(attained, cuts, least[: len(cuts)], np.nan)
    best = by_points.where(by_points.isna() | ~(by_attainment > by_points), by_attainment)
    return best, total.where(assessed).where(~(by_attainment > by_points), by_attainment).where(best.notna())


def _elementary(scored: Scored) -> tuple[Series, Series, Series]:
    for subject in SUBJECTS:
        for group in GROUPS:
            scored.move(f"growth_{subject}_{group}", {f"growth_{subject}": 1.0})
        scored.move(f"attainment_{subject}_grade_2", {f"attainment_{subject}": 1.0})
    for name in ("attendance_k8", "survey", "data_quality"):
        scored.move(name, {"growth_reading": 0.5, "growth_math": 0.5})
    total = scored.total(["growth_reading", "growth_math", "growth_norms", "attainment_reading", "attainment_math"])
    attained = pd.concat([scored.counted(f"attainment_{subject}") for subject in SUBJECTS], axis=1).min(
        axis=1, skipna=False
    )
    for subject in SUBJECTS:
        attained = attained.where(np.ceil(scored.wide["participation", f"attainment_{subject}"]) >= 95)
    return total, *_rated(total, attained, (90, 70, 50, 40), total.notna())


def _high(scored: Scored) -> tuple[Series, Series, Series]:
    for name in COHORT:
        scored.move(name, {"sat_cohort_growth": 1.0})
    scored.move("college_persistence", {"college_enrollment": 1.0})
    scored.move("college_enrollment", {"graduation_4_year": 1.0})
    scored.move("graduation_4_year", {"freshmen_on_track": 0.5, "attendance": 0.25, "dropout": 0.25})
    scored.move("freshmen_on_track", {"attendance": 0.5, "dropout": 0.5})
    growth = {name: 0.25 if name == "psat9_growth" else 0.125 for name in ANNUAL} | {"sat_cohort_growth": 0.25}
    for name in ("attendance", "dropout", "credentials", "survey", "data_quality"):
        scored.move(name, growth)
    for name in ANNUAL:
        scored.spread(name, ANNUAL)
    for name in ANNUAL:
        scored.move(name, {"sat_cohort_growth": 1.0})
    scored.spread("sat_cohort_growth", [*COHORT, *ANNUAL])
    scored.spread("sat_cohort_growth", NOT_ASSESSED)
    scored.spread("college_readiness", NOT_ASSESSED)
    assessed = scored.points[["sat_cohort_growth", *COHORT, *ANNUAL, "college_readiness"]].notna().any(axis=1)
    enough = np.ceil(scored.wide["participation", "college_readiness"]) >= 95
    total = scored.total([])
    return total, *_rated(total, scored.counted("college_readiness").where(enough), (80, 60, 40, 20), assessed)


def _option(scored: Scored) -> Series:
    scored.move("graduation_1_year", dict.fromkeys(("attendance", "stabilization", "credit_attainment"), 1 / 3))
    scored.move("attendance_growth", {"attendance": 1.0})
    scored.move("attendance", {"stabilization": 0.5, "credit_attainment": 0.5})
    for name in ("credit_attainment", "stabilization"):
        scored.move(name, {"star_growth_reading": 0.5, "star_growth_math": 0.5})
    return scored.total([name for name in OPTION if name.startswith("star")])


def rate(measures: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What each indicator gave each school of its model, and the schools' scores and levels."""
    wide = measures.pivot(index="subject", columns="indicator", values=list(WIDE))
    numbers = [column for column in wide.columns if column[0] != "category"]
    wide = wide.astype(dict.fromkeys(numbers, float))
    model = wide["category", "model"]
    scored = {
        "elementary": Scored(wide, ELEMENTARY, True),
        "high": Scored(wide, HIGH, True),
        "option": Scored(wide, OPTION, False),
    }
    (e_total, e_best, e_entry), (h_total, h_best, h_entry) = _elementary(scored["elementary"]), _high(scored["high"])
    o_total = _option(scored["option"])
    e_share, h_share = wide["value", "elementary_share"], wide["value", "high_share"]
    c_total = _rounded((e_entry * e_share + h_entry * h_share) / (e_share + h_share))
    names = ["elementary", "high", "option", "combination"]
    chosen = [model == name for name in names]
    best = pd.Series(np.select(chosen, [e_best, h_best, o_total, c_total], np.nan), wide.index)
    rating = _at_least(best, [least for least, _ in LEVELS], [label for _, label in LEVELS], "Inability to Rate")
    total = np.select(chosen, [e_total, h_total, o_total, c_total], np.nan)
    ratings = pd.DataFrame({"school_id": wide.index, "score": total, "rating": rating.to_numpy()})
    explained = [
        _explained(wide, name, one, model.isin([name, "combination"] if name != "option" else [name]))
        for name, one in scored.items()
    ]
    return pd.concat(explained, ignore_index=True), ratings


def _explained(wide: pd.DataFrame, model: str, scored: Scored, applies: Series) -> pd.DataFrame:
    parts = []
    for name, (weight, _) in scored.model.items():
        given = {
            "school_id": wide.index,
            "node": f"{model}_{name}",
            "value": wide["value", name],
            "label": wide["category", name],
            "points": scored.points[name],
            "weight_declared": float(weight),
            "weight_effective": scored.weights[name],
        }
        part = pd.DataFrame(given)[applies.to_numpy()]
        parts.append(part.assign(reason=np.where(part["points"].isna(), "missing", None), rule="points by cuts"))
    return pd.concat(parts, ignore_index=True)


def _copied(table: Any, connection: Any, columns: Sequence[str], rows: Iterator[Sequence[object]]) -> None:
    """The recipe for COPY of pandas' documentation, for `to_sql(method=...)`."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    statement = f"copy {table.name} ({', '.join(columns)}) from stdin with (format csv)"
    with connection.connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(text.getvalue())


def run(url: str) -> dict[str, float]:
    """Read, rate, write; seconds, peak memory, and how many schools and steps."""
    engine, started = create_engine(url), time.perf_counter()
    with engine.begin() as connection:
        outcomes, ratings = rate(pd.read_sql(READ, connection))
        number = connection.exec_driver_sql(RUN).scalar_one()
        ratings = ratings.assign(run=number, labels="{}", status="rated")
        ratings.loc[ratings["rating"] == "Inability to Rate", "status"] = "not-rated"
        for name, frame in (("outcome", outcomes.assign(run=number)), ("staged_rating", ratings)):
            frame.to_sql(name, connection, if_exists="append", index=False, method=_copied)
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "peak_mb": peak_mb(), "schools": len(ratings), "steps": len(outcomes)}


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1])))
