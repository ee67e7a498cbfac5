"""Series of means: pure functions on columns. A line ends at a break, and what is not measured is counted."""

from collections.abc import Mapping, Sequence
from math import fsum
from statistics import NormalDist

import polars as pl

from accountability.comparisons.cohorts import LEAVING
from accountability.comparisons.schemas import Break, Point

FIGURES = pl.Schema({"school_id": pl.String, "year": pl.Int64, "value": pl.Float64, "n": pl.Int64, "reason": pl.String})
"""A figure of each school and year, or why there is none."""

COVERAGE = 0.95
POINT = ["group", "segment", "at"]


def points(
    members: pl.DataFrame, figures: pl.DataFrame, peers: pl.DataFrame, breaks: Sequence[Break], align: str, least: int
) -> list[Point]:
    """The mean of each group in each segment at each time; an interval from `least` schools on."""
    own = members.with_columns(
        at=pl.col("year") if align == "school-year" else pl.col("since"), through=pl.lit(None, pl.String)
    )
    rows = [own.filter(pl.col("group") == "autonomous"), _others(own, align), _peers(own, peers)]
    columns = ["group", "at", "year", "school_id", "state", "counts"]
    joined = (
        pl.concat([frame.select(columns) for frame in rows])
        .drop_nulls("at")
        .join(figures, on=["school_id", "year"], how="left")
    )
    segment = pl.sum_horizontal(pl.lit(1), *[(pl.col("year") >= each.from_year).cast(pl.Int64) for each in breaks])
    value = pl.when("counts").then("value")
    told = joined.with_columns(segment=segment, value=value, n=pl.when(value.is_not_null()).then("n"))
    return [_point(key, frame, align, least) for key, frame in sorted(_by_point(told).items())]


def _by_point(rows: pl.DataFrame) -> Mapping[tuple[str, int, int], pl.DataFrame]:
    # Sorted, so that sums of fractions do not depend on the order of the schools.
    parts = rows.sort("school_id", "year").partition_by(POINT, as_dict=True)
    return {(str(group), int(segment), int(at)): part for (group, segment, at), part in parts.items()}


def _others(own: pl.DataFrame, align: str) -> pl.DataFrame:
    """The other schools: by years since the start, those of the same year stand beside each autonomous school."""
    others = own.filter(pl.col("group") == "others")
    if align == "school-year":
        return others
    beside = own.filter((pl.col("group") == "autonomous") & pl.col("counts")).select("year", "at")
    return others.drop("at").join(beside, on="year")


def _peers(own: pl.DataFrame, peers: pl.DataFrame) -> pl.DataFrame:
    """The peers of each autonomous school, in its years: as often as they are chosen."""
    treated = own.filter((pl.col("group") == "autonomous") & pl.col("counts")).select("school_id", "year", "at")
    chosen = treated.join(peers.select("school_id", "peer_id"), on="school_id").drop("school_id")
    others = own.filter(pl.col("group") == "others").select("school_id", "year", "state", "counts")
    beside = chosen.rename({"peer_id": "school_id"}).join(others, on=["school_id", "year"], how="left")
    return beside.with_columns(
        pl.lit("peers").alias("group"), pl.col("state").fill_null("in"), pl.col("counts").fill_null(True)
    )


def _point(key: tuple[str, int, int], rows: pl.DataFrame, align: str, least: int) -> Point:
    group, segment, at = key
    each = rows.unique(["school_id", "year"], maintain_order=True)
    measured = rows.drop_nulls("value")
    schools = measured["school_id"].n_unique()
    is_sample = group == "autonomous" or (group == "others" and align == "school-year")
    low, high = interval(measured["value"], least) if is_sample else (None, None)
    gone = each.filter(pl.col("state").is_in(LEAVING))
    missing = each.filter(pl.col("value").is_null() & ~pl.col("state").is_in(LEAVING))
    why = pl.when(pl.col("state") == "not-yet-open").then("state").otherwise(pl.col("reason").fill_null("no-figure"))
    numbers = each.drop_nulls("value")["n"]
    mean = measured["value"].mean()
    return Point(
        group=group,
        segment=segment,
        at=at,
        cohort=each["school_id"].n_unique(),
        measured=schools,
        not_measured=_counted(missing.select(why.alias("why"))["why"]),
        left=_counted(gone["state"]),
        students=int(numbers.sum()) if schools and not numbers.null_count() else None,
        mean=mean if isinstance(mean, float) else None,
        low=low,
        high=high,
    )


def _counted(words: pl.Series) -> dict[str, int]:
    return dict(sorted(words.value_counts().iter_rows()))


def interval(values: pl.Series, least: int) -> tuple[float | None, float | None]:
    """The 95 % t-interval of the mean over schools; none of fewer than `least`."""
    mean, spread = values.mean(), values.std()
    if len(values) < least or not isinstance(mean, float) or not isinstance(spread, float):
        return None, None
    reach = t_quantile(0.5 + COVERAGE / 2, len(values) - 1) * spread / len(values) ** 0.5
    return mean - reach, mean + reach


def t_quantile(probability: float, freedom: int) -> float:
    """Student's t by the expansion about the normal quantile (Abramowitz and Stegun 26.7.5): from 9 degrees of freedom
    on it is right to three decimals."""
    z = NormalDist().inv_cdf(probability)
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return fsum(term / freedom**power for power, term in enumerate(terms))
