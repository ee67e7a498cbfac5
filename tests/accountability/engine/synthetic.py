"""Schools that never were, shaped like Chicago's: four models, missing indicators, small groups, low participation."""

import numpy as np
import polars as pl

from tests.accountability.engine.by_hand import ELEMENTARY, HIGH, OPTION, SURVEY

CODES = {"elementary": list(ELEMENTARY), "high": list(HIGH), "option": list(OPTION)}
CODES["combination"] = list(dict.fromkeys([*ELEMENTARY, *HIGH]))
SHARES = {"elementary": 0.7, "high": 0.15, "option": 0.1, "combination": 0.05}


def schools(count: int, seed: int = 1, missing: float = 0.05) -> pl.DataFrame:
    """Measures of `count` schools as a run reads them: subject, indicator, value, category, n, participation."""
    random = np.random.default_rng(seed)
    models = random.choice(list(SHARES), size=count, p=list(SHARES.values()))
    subjects = np.array([f"{number:032x}" for number in random.permutation(count)])
    parts = [_attributes(subjects, models, random)]
    for model, codes in CODES.items():
        of_model = subjects[models == model]
        parts += [_measured(code, of_model, random, missing) for code in codes]
    return pl.concat(parts)


def _attributes(subjects: np.ndarray, models: np.ndarray, random: np.random.Generator) -> pl.DataFrame:
    combined = subjects[models == "combination"]
    share = random.integers(1, 100, len(combined)) / 100
    return pl.concat(
        [
            _frame(subjects, "model", category=models),
            _frame(subjects, "district_run", category=np.full(len(subjects), "yes")),
            _frame(combined, "elementary_share", value=share),
            _frame(combined, "high_share", value=1 - share),
        ]
    )


def _measured(code: str, subjects: np.ndarray, random: np.random.Generator, missing: float) -> pl.DataFrame:
    there = subjects[random.random(len(subjects)) >= missing]
    size = len(there)
    if code == "survey":
        return _frame(there, code, category=random.choice([*SURVEY, "Not Enough Data"], size))
    top = 12 if code == "dropout" else 100
    return _frame(
        there,
        code,
        value=np.round(random.random(size) * top, 1),
        n=random.choice([9.0, 29.0, 80.0, np.nan], size, p=[0.02, 0.08, 0.8, 0.1]),
        participation=random.choice([100.0, 96.0, 94.2, 93.0, 91.5, 90.0, 70.0], size, p=[0.7, 0.1] + [0.04] * 5),
    )


def _frame(subjects: np.ndarray, code: str, **columns: np.ndarray) -> pl.DataFrame:
    empty = np.full(len(subjects), np.nan)
    numbers = {name: columns.get(name, empty) for name in ("value", "n", "participation")}
    frame = pl.DataFrame({"subject": subjects, "indicator": np.full(len(subjects), code), **numbers})
    category = columns.get("category")
    named = pl.lit(None, pl.String) if category is None else pl.Series(category, dtype=pl.String)
    frame = frame.with_columns(pl.col(pl.Float64).fill_nan(None), category=named)
    return frame.select("subject", "indicator", "value", "category", "n", "participation")
