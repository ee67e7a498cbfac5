"""Rate a frame of measures, in this process or on a cluster: what every node gave, the ratings, and their digest."""

import hashlib
from dataclasses import dataclass

import polars as pl

from accountability.engine import CompiledFramework, Outcomes
from accountability.measures.inputs import SUBJECT
from accountability.runs.reasons import with_codes

OUTCOME = ["node", "value", "label", "points", "weight_declared", "weight_effective", "reason", "rule"]


@dataclass(frozen=True)
class Results:
    """Rows as the tables `outcome` and `staged_rating` hold them. The digest is of their bytes, wherever computed."""

    outcomes: pl.DataFrame
    ratings: pl.DataFrame
    digest: str


def rate(
    compiled: CompiledFramework, measures: pl.DataFrame, suspended: bool = False, spark_master: str | None = None
) -> Results:
    """Rate every subject; where the framework is suspended, scores without ratings. Without a master: in this process.

    Takes as long as the engine does: call it from a thread of its own.
    """
    found = _outcomes(compiled, measures, spark_master)
    outcomes = found.explanation.select(*SUBJECT, *OUTCOME)
    labels = compiled.framework.result.also
    as_json = pl.struct(labels).struct.json_encode() if labels else pl.lit("{}")
    ratings = found.ratings.select(*SUBJECT, "score", "rating", "status", "reason", as_json.alias("labels"))
    if suspended:
        nobody = {"rating": compiled.framework.not_rated, "status": "not-rated", "reason": "framework-suspended"}
        ratings = ratings.with_columns(pl.lit(word).alias(name) for name, word in nobody.items())
    said = hashlib.sha256()
    for frame in (outcomes, ratings):
        for part in frame.iter_slices(100_000):
            said.update(part.write_csv().encode())
    return Results(outcomes, with_codes(ratings, outcomes), said.hexdigest())


def _outcomes(compiled: CompiledFramework, measures: pl.DataFrame, spark_master: str | None) -> Outcomes:
    if spark_master is None:
        return compiled.rate(measures)
    # Imported here alone: who rates in the process needs neither Spark nor Java.
    from accountability.scale.spark import rate_frame, session

    return rate_frame(session(spark_master), compiled, measures)
