"""What would change for a school: up, down, the same, or not to be compared."""

from typing import Literal, get_args

import polars as pl

from accountability.frameworks.document import Framework

Change = Literal["up", "down", "same", "newly-rated", "no-longer-rated", "not-comparable"]
"""`not-comparable`: both rate the school, by labels of which one is not on the scale of the version in charge."""

CHANGES: tuple[Change, ...] = get_args(Change)
SUBJECT = ["school_id", "student_group"]
SAID = ["rating", "score", "status", "reason"]


def compared(before: pl.DataFrame, after: pl.DataFrame, framework: Framework) -> pl.DataFrame:
    """A row for each subject of either frame of ratings, with its change on the scale of the `framework` in charge."""
    both = _named(before, "before").join(_named(after, "after"), on=SUBJECT, how="full", coalesce=True)
    return both.with_columns(change=_change(framework)).sort(SUBJECT)


def counts_of(changes: pl.DataFrame) -> dict[str, int]:
    """How many subjects there are of each change."""
    found = dict(changes["change"].value_counts().iter_rows())
    return {change: found.get(change, 0) for change in CHANGES}


def _named(ratings: pl.DataFrame, when: str) -> pl.DataFrame:
    return ratings.select(*SUBJECT, *(pl.col(name).alias(f"{name}_{when}") for name in SAID))


def _change(framework: Framework) -> pl.Expr:
    """The best band has rank 0."""
    labels = [band.label for band in framework.scale]
    ranks = pl.Series(range(len(labels)), dtype=pl.Int64)
    was, is_now = (pl.col(f"status_{when}").eq_missing("rated") for when in ("before", "after"))
    before, after = (
        pl.col(f"rating_{when}").replace_strict(labels, ranks, default=None, return_dtype=pl.Int64)
        for when in ("before", "after")
    )
    same_label = pl.col("rating_before") == pl.col("rating_after")
    return (
        pl.when(~was & ~is_now)
        .then(pl.lit("same"))
        .when(~was)
        .then(pl.lit("newly-rated"))
        .when(~is_now)
        .then(pl.lit("no-longer-rated"))
        .when(same_label)
        .then(pl.lit("same"))
        .when(after < before)
        .then(pl.lit("up"))
        .when(after > before)
        .then(pl.lit("down"))
        .otherwise(pl.lit("not-comparable"))
    )
