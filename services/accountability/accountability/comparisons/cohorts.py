"""Who is followed: pure functions on columns. Whoever leaves stays in the count, with why.

A member is a row (school_id, year, group, since, state, counts): `since` is years since the school became autonomous,
`counts` whether its figure of the year is in the mean. After a restart a school is not what it was: it counts no more.
"""

import polars as pl

from accountability.comparisons.schemas import Cohort

STATES = {
    "closed": "closed",
    "elsewhere": "left-district",
    "not-yet-open": "not-yet-open",
    "apart": "other-arrangement",
    "traditional": "autonomy-ended",
    "autonomous": "became-autonomous",
}
"""Standing -> why a school is not what its group is."""

LEAVING = ("closed", "left-district", "other-arrangement", "autonomy-ended", "became-autonomous", "restarted")
BEFORE = "before"
OWN = {"autonomous": "autonomous", "others": "traditional"}
"""Group -> the standing by which a school belongs to it."""


def members(standings: pl.DataFrame, cohort: Cohort, from_year: int, to_year: int) -> pl.DataFrame:
    """The members of both groups in every year that is asked for."""
    groups = [_members(standings, cohort, group, from_year, to_year) for group in OWN]
    return pl.concat(groups).sort("group", "school_id", "year")


def _members(standings: pl.DataFrame, cohort: Cohort, group: str, from_year: int, to_year: int) -> pl.DataFrame:
    is_own = pl.col("standing") == OWN[group]
    # A rolling cohort of others begins when it is first looked at; a start is a start whenever it was.
    seen = standings if group == "autonomous" else standings.filter(pl.col("year") >= from_year)
    if cohort.kind == "fixed":
        seen = standings.filter(pl.col("year") == cohort.year)
    entered = seen.filter(is_own).group_by("school_id").agg(entered=pl.col("year").min())
    entered = entered.join(standings.select("school_id", entered="year", own_life="life"), on=["school_id", "entered"])
    starts = standings.filter(pl.col("standing") == "autonomous").group_by("school_id").agg(start=pl.col("year").min())
    rows = standings.join(entered, on="school_id").join(starts, on="school_id", how="left")
    rows = rows.filter(pl.col("year").is_between(from_year, to_year))
    if cohort.kind == "rolling":
        rows = rows.filter(pl.col("year") >= pl.col("entered"))
    before = (pl.col("year") < pl.col("start")) if group == "autonomous" else pl.lit(False)
    state = (
        pl.when(pl.col("life") != pl.col("own_life"))
        .then(pl.lit("restarted"))
        .when(is_own)
        .then(pl.lit("in"))
        .when(before & ~pl.col("standing").is_in(["not-yet-open", "closed"]))
        .then(pl.lit(BEFORE))
        .otherwise(pl.col("standing").replace_strict(STATES, default="closed"))
    )
    stays = pl.col("state") == "in" if cohort.kind == "rolling" else pl.col("state") != "restarted"
    since = pl.col("year") - pl.col("start") if group == "autonomous" else pl.lit(None, dtype=pl.Int64)
    return rows.with_columns(state=state, since=since, group=pl.lit(group)).select(
        "school_id", "year", "group", "since", "state", stays.alias("counts")
    )
