"""Matched peers: for each autonomous school the nearest traditional ones in the year before it became autonomous.

The distance is Euclidean over covariates that are divided by their standard deviation among the candidates of that
year, each square times its weight. Of equally near schools the lower identifier is taken: the same inputs, in any
order, give the same peers.
"""

from collections.abc import Iterator, Mapping

import polars as pl

from accountability.comparisons.schemas import Matching

PRIOR = "prior-score"
PEERS = pl.Schema(
    {"school_id": pl.String, "peer_id": pl.String, "rank": pl.Int64, "distance": pl.Float64, "year": pl.Int64}
)
DIGITS = 9
"""Distances are rounded to so many digits, or the order of a sum would decide between equals."""


def covariate_names(matching: Matching) -> dict[str, float]:
    """The columns by which schools are alike, and their weights."""
    return {covariate.indicator or PRIOR: covariate.weight for covariate in matching.covariates}


def matched(
    standings: pl.DataFrame, covariates: pl.DataFrame, treated: list[str], matching: Matching
) -> tuple[pl.DataFrame, dict[str, str]]:
    """The peers of each of the `treated`, and why some have none. Covariates are columns beside school_id and year."""
    weights = covariate_names(matching)
    known = standings.join(covariates, on=["school_id", "year"]).drop_nulls(list(weights))
    starts = standings.filter(pl.col("standing") == "autonomous").group_by("school_id").agg(start=pl.col("year").min())
    begun = dict(starts.iter_rows())
    peers, unmatched = [PEERS.to_frame()], {}
    for school in sorted(treated):
        year = begun[school] - 1
        own = known.filter((pl.col("school_id") == school) & (pl.col("year") == year))
        pool = known.filter(
            (pl.col("year") == year) & (pl.col("standing") == "traditional"), pl.col("school_id") != school
        )
        if own.is_empty():
            unmatched[school] = f"no figures of {year}, the year before its start"
            continue
        if matching.same_level:
            pool = pool.filter(pl.col("level") == own["level"].item())
        if pool.is_empty():
            unmatched[school] = f"no school to compare with in {year}"
            continue
        peers.append(_nearest(own, pool, weights, matching.neighbors, year))
    return pl.concat(peers), unmatched


def _nearest(
    own: pl.DataFrame, pool: pl.DataFrame, weights: Mapping[str, float], count: int, year: int
) -> pl.DataFrame:
    squares = pl.sum_horizontal(_squares(own, pool.sort("school_id"), weights))
    nearest = pool.sort("school_id").with_columns(distance=squares.sqrt().round(DIGITS))
    nearest = nearest.sort("distance", "school_id").head(count).with_row_index("rank", offset=1)
    return nearest.select(
        pl.lit(own["school_id"].item()).alias("school_id"),
        pl.col("school_id").alias("peer_id"),
        pl.col("rank").cast(pl.Int64),
        "distance",
        pl.lit(year, dtype=pl.Int64).alias("year"),
    )


def _squares(own: pl.DataFrame, pool: pl.DataFrame, weights: Mapping[str, float]) -> Iterator[pl.Expr]:
    for name, weight in sorted(weights.items()):
        # What is the same for all candidates, or of one alone, is compared as it is.
        spread = pool[name].std() or 1.0
        yield ((pl.col(name) - own[name].item()) / spread) ** 2 * weight
