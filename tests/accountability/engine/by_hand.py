"""SQRP 2018-19 written straight in Polars, once, without an engine: the oracle of a test, the baseline of a benchmark.

It knows nothing of our framework document: its tables are typed from the policy.
"""

from collections.abc import Sequence

import polars as pl

PERCENTILE = (90, 70, 40, 10)
GROUP = (70, 50, 30, 10)
GROUPS = ("african_american", "hispanic", "english_learner", "diverse_learner")
SUBJECTS = ("reading", "math")
ELEMENTARY = {
    **{f"growth_{subject}": (15, PERCENTILE) for subject in SUBJECTS},
    **{f"growth_{subject}_{group}": (1.25, GROUP) for group in GROUPS for subject in SUBJECTS},
    "growth_norms": (10, (70, 60, 50, 40)),
    **{f"attainment_{subject}": (5, PERCENTILE) for subject in SUBJECTS},
    **{f"attainment_{subject}_grade_2": (2.5, PERCENTILE) for subject in SUBJECTS},
    "attendance_k8": (20, (96, 95, 94, 92)),
    "survey": (10, ()),
    "data_quality": (5, (99, 95, 90, 85)),
}
COHORT = [f"sat_cohort_growth_{group}" for group in GROUPS]
ANNUAL = ["sat_growth_ebrw", "sat_growth_math", "psat10_growth_ebrw", "psat10_growth_math", "psat9_growth"]
HIGH = {
    "sat_cohort_growth": (10, PERCENTILE),
    **dict.fromkeys(COHORT, (2.5, GROUP)),
    **{name: (10 / 3 if name == "psat9_growth" else 5 / 3, PERCENTILE) for name in ANNUAL},
    "college_readiness": (10, (80, 60, 40, 20)),
    "attendance": (10, (95, 90, 85, 80)),
    "freshmen_on_track": (10, (90, 80, 70, 60)),
    "graduation_4_year": (10, (85, 75, 65, 55)),
    "dropout": (5, (2, 4, 6, 8)),
    "credentials": (5, (40, 30, 20, 10)),
    "college_enrollment": (5, (75, 65, 55, 45)),
    "college_persistence": (5, (85, 75, 65, 55)),
    "survey": (5, ()),
    "data_quality": (5, (99, 95, 90, 85)),
}
OPTION = {
    **{f"star_growth_{subject}": (10, (60, 50, 40, 30)) for subject in SUBJECTS},
    **{f"star_targets_{subject}": (15, (65, 55, 45, 35)) for subject in SUBJECTS},
    "graduation_1_year": (15, (90, 80, 70, 60)),
    "credit_attainment": (5, (70, 60, 50, 40)),
    "stabilization": (10, (90, 80, 70, 60)),
    "attendance": (10, (90, 80, 70, 60)),
    "attendance_growth": (10, (90, 80, 70, 60)),
}
SURVEY = ("Well Organized", "Organized", "Moderately Organized", "Partially Organized", "Not Yet Organized")
LEVELS = ((4.0, "Level 1+"), (3.5, "Level 1"), (3.0, "Level 2+"), (2.0, "Level 2"), (-1.0, "Level 3"))
NOT_ASSESSED = ["attendance", "freshmen_on_track", "graduation_4_year", "dropout", "credentials", "college_enrollment"]
NOT_ASSESSED += ["college_persistence", "survey", "data_quality"]
Model = dict[str, tuple[float, tuple[int, ...]]]


def rate(measures: pl.DataFrame) -> pl.DataFrame:
    """subject, total, rating (null: not rated) of every subject."""
    values = ["value", "category", "n", "participation"]
    frame = measures.pivot(on="indicator", index="subject", values=values).sort("subject")
    frame = _elementary(_points(frame, "e", ELEMENTARY))
    frame = _high(_points(frame, "h", HIGH))
    frame = _option(_points(frame, "o", OPTION))
    model = pl.col("category_model")
    frame = frame.with_columns(_entry("e"), _entry("h")).with_columns(
        c_total=_rounded(
            (pl.col("e_entry") * pl.col("value_elementary_share") + pl.col("h_entry") * pl.col("value_high_share"))
            / (pl.col("value_elementary_share") + pl.col("value_high_share"))
        )
    )
    frame = frame.with_columns(o_rating=_level(pl.col("o_total")), c_rating=_level(pl.col("c_total")))
    chosen = {"elementary": "e", "high": "h", "option": "o", "combination": "c"}
    return frame.select(
        "subject",
        total=pl.coalesce(pl.when(model == name).then(pl.col(f"{short}_total")) for name, short in chosen.items()),
        rating=pl.coalesce(pl.when(model == name).then(pl.col(f"{short}_rating")) for name, short in chosen.items()),
    )


def _points(frame: pl.DataFrame, short: str, model: Model) -> pl.DataFrame:
    points = {f"{short}_{name}": _scored(short, name, cuts) for name, (_, cuts) in model.items()}
    weights = {f"w_{short}_{name}": pl.lit(float(weight)) for name, (weight, _) in model.items()}
    return frame.with_columns(**points, **weights)


def _scored(short: str, name: str, cuts: Sequence[int]) -> pl.Expr:
    if name == "survey":
        category = pl.col("category_survey")
        return pl.coalesce(pl.when(category == label).then(pl.lit(5.0 - at)) for at, label in enumerate(SURVEY))
    value, smallest = pl.col(f"value_{name}"), 30 if name.endswith(GROUPS) else 0 if name == "data_quality" else 10
    reached = [value <= cut if name == "dropout" else value >= cut for cut in cuts]
    points = pl.when(reached[0]).then(5.0)
    for at, condition in enumerate(reached[1:], start=1):
        points = points.when(condition).then(5.0 - at)
    earned = points.when(value.is_not_null()).then(1.0)
    if short != "o" and ("growth" in name or "attainment" in name or name == "college_readiness"):
        rate = pl.col(f"participation_{name}").ceil()
        lost = pl.when(rate >= 95).then(0.0).when(rate >= 93).then(1.0).when(rate >= 92).then(2.0)
        lost = lost.when(rate >= 90).then(3.0).when(rate >= 0).then(4.0).otherwise(0.0)
        earned = pl.when(earned.is_not_null()).then(pl.max_horizontal(earned - lost, pl.lit(1.0)))
    return pl.when((pl.col(f"n_{name}") >= smallest).fill_null(True)).then(earned)


def _counted(short: str, name: str) -> pl.Expr:
    """The value of an indicator that is not missing."""
    return pl.when(pl.col(f"{short}_{name}").is_not_null()).then(pl.col(f"value_{name}"))


def _move(frame: pl.DataFrame, short: str, missing: str, shares: dict[str, float]) -> pl.DataFrame:
    """The weight of `missing` goes to fixed shares."""
    gone, freed = pl.col(f"{short}_{missing}").is_null(), pl.col(f"w_{short}_{missing}")
    return frame.with_columns(
        pl.when(gone).then(0.0).otherwise(freed).alias(freed.meta.output_name()),
        *(
            pl.when(gone)
            .then(pl.col(f"w_{short}_{name}") + freed * share)
            .otherwise(pl.col(f"w_{short}_{name}"))
            .alias(f"w_{short}_{name}")
            for name, share in shares.items()
        ),
    )


def _spread(frame: pl.DataFrame, short: str, missing: str, targets: Sequence[str], model: Model) -> pl.DataFrame:
    """The weight of `missing` goes to the targets that are present, by declared weight; to nobody if none is."""
    gone, freed = pl.col(f"{short}_{missing}").is_null(), pl.col(f"w_{short}_{missing}")
    bases = {name: pl.col(f"{short}_{name}").is_not_null() * model[name][0] for name in targets if name != missing}
    some = gone & (pl.sum_horizontal(*bases.values()) > 0)
    return frame.with_columns(
        pl.when(some).then(0.0).otherwise(freed).alias(f"w_{short}_{missing}"),
        *(
            pl.when(some)
            .then(pl.col(f"w_{short}_{name}") + freed * basis / pl.sum_horizontal(*bases.values()))
            .otherwise(pl.col(f"w_{short}_{name}"))
            .alias(f"w_{short}_{name}")
            for name, basis in bases.items()
        ),
    )


def _total(frame: pl.DataFrame, short: str, model: Model, required: Sequence[str]) -> pl.DataFrame:
    points = {name: pl.col(f"{short}_{name}") for name in model}
    weights = {name: pl.col(f"w_{short}_{name}") for name in model}
    mean = pl.sum_horizontal(*(points[name].fill_null(0.0) * weights[name] for name in model)) / 100
    lost = pl.sum_horizontal(*(pl.when(points[name].is_null()).then(weights[name]).otherwise(0.0) for name in model))
    there = pl.all_horizontal(lost < 1e-9, *(points[name].is_not_null() for name in required))
    total = pl.when(there).then(_rounded(mean)).alias(f"{short}_total")
    return frame.with_columns(total)


def _rounded(value: pl.Expr) -> pl.Expr:
    return ((value * 10 + 0.5 + 1e-9).floor() / 10).round(1)


def _level(value: pl.Expr) -> pl.Expr:
    return pl.coalesce(pl.when(value >= least).then(pl.lit(label)) for least, label in LEVELS)


def _rating(frame: pl.DataFrame, short: str, attained: pl.Expr, cuts: Sequence[int], assessed: pl.Expr) -> pl.DataFrame:
    """The better of points and attainment; both as the lowest score of a level."""
    total = pl.when(assessed).then(pl.col(f"{short}_total"))
    by_points = pl.coalesce(pl.when(total >= least).then(pl.lit(least)) for least, _ in LEVELS)
    by_attainment = pl.coalesce(
        pl.when(attained >= cut).then(pl.lit(least)) for cut, (least, _) in zip(cuts, LEVELS, strict=False)
    )
    best = pl.when(total.is_not_null()).then(pl.max_horizontal(by_points, by_attainment))
    lifted = (by_attainment > by_points).fill_null(False)
    entry = pl.when(lifted).then(by_attainment).otherwise(total)
    return frame.with_columns(_level(best).alias(f"{short}_rating"), entry.alias(f"{short}_in"))


def _entry(short: str) -> pl.Expr:
    return pl.when(pl.col(f"{short}_rating").is_not_null()).then(pl.col(f"{short}_in")).alias(f"{short}_entry")


def _elementary(frame: pl.DataFrame) -> pl.DataFrame:
    for subject in SUBJECTS:
        for group in GROUPS:
            frame = _move(frame, "e", f"growth_{subject}_{group}", {f"growth_{subject}": 1.0})
        frame = _move(frame, "e", f"attainment_{subject}_grade_2", {f"attainment_{subject}": 1.0})
    for name in ("attendance_k8", "survey", "data_quality"):
        frame = _move(frame, "e", name, {"growth_reading": 0.5, "growth_math": 0.5})
    required = ["growth_reading", "growth_math", "growth_norms", "attainment_reading", "attainment_math"]
    frame = _total(frame, "e", ELEMENTARY, required)
    values = [_counted("e", f"attainment_{subject}") for subject in SUBJECTS]
    enough = [pl.col(f"participation_attainment_{subject}").ceil() >= 95 for subject in SUBJECTS]
    there = pl.all_horizontal(*(value.is_not_null() for value in values), *enough)
    attained = pl.when(there).then(pl.min_horizontal(*values))
    return _rating(frame, "e", attained, (90, 70, 50, 40), pl.lit(True))


def _high(frame: pl.DataFrame) -> pl.DataFrame:
    for name in COHORT:
        frame = _move(frame, "h", name, {"sat_cohort_growth": 1.0})
    frame = _move(frame, "h", "college_persistence", {"college_enrollment": 1.0})
    frame = _move(frame, "h", "college_enrollment", {"graduation_4_year": 1.0})
    half = {"attendance": 0.25, "dropout": 0.25}
    frame = _move(frame, "h", "graduation_4_year", {"freshmen_on_track": 0.5} | half)
    frame = _move(frame, "h", "freshmen_on_track", {"attendance": 0.5, "dropout": 0.5})
    growth = {name: 0.25 if name == "psat9_growth" else 0.125 for name in ANNUAL} | {"sat_cohort_growth": 0.25}
    for name in ("attendance", "dropout", "credentials", "survey", "data_quality"):
        frame = _move(frame, "h", name, growth)
    for name in ANNUAL:
        frame = _spread(frame, "h", name, ANNUAL, HIGH)
    for name in ANNUAL:  # none was left to take it
        frame = _move(frame, "h", name, {"sat_cohort_growth": 1.0})
    frame = _spread(frame, "h", "sat_cohort_growth", [*COHORT, *ANNUAL], HIGH)
    frame = _spread(frame, "h", "sat_cohort_growth", NOT_ASSESSED, HIGH)
    frame = _spread(frame, "h", "college_readiness", NOT_ASSESSED, HIGH)
    frame = _total(frame, "h", HIGH, [])
    assessed = pl.any_horizontal(
        *(pl.col(f"h_{name}").is_not_null() for name in ["sat_cohort_growth", *COHORT, *ANNUAL, "college_readiness"])
    )
    enough = pl.col("participation_college_readiness").ceil() >= 95
    attained = pl.when(enough).then(_counted("h", "college_readiness"))
    return _rating(frame, "h", attained, (80, 60, 40, 20), assessed)


def _option(frame: pl.DataFrame) -> pl.DataFrame:
    third = 1 / 3
    shares = {"attendance": third, "stabilization": third, "credit_attainment": third}
    frame = _move(frame, "o", "graduation_1_year", shares)
    frame = _move(frame, "o", "attendance_growth", {"attendance": 1.0})
    frame = _move(frame, "o", "attendance", {"stabilization": 0.5, "credit_attainment": 0.5})
    for name in ("credit_attainment", "stabilization"):
        frame = _move(frame, "o", name, {"star_growth_reading": 0.5, "star_growth_math": 0.5})
    return _total(frame, "o", OPTION, [name for name in OPTION if name.startswith("star")])
