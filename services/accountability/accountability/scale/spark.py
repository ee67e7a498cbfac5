"""A framework on Apache Spark: measures are spread by units, and each partition is rated by the engine in one go.

What comes out equals what the engine gives for all measures at once.
"""

import os
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

import polars as pl
import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as sql

from accountability.engine import CompiledFramework, Outcomes
from accountability.scale.units import units

EXPLANATION = (
    "struct<subject: string, node: string, value: double, label: string, points: double, weight_declared: double,"
    " weight_effective: double, reason: string, rule: string>"
)
BATCH_ROWS = 100_000
PARTITION_ROWS = 250_000
"""Measures that a worker holds at a time, with all that is said of them: some hundred MB."""


def session(master: str) -> SparkSession:
    """This process's session on the cluster `master`, started by the first who asks.

    The workers need this package. Which Python they use is said by `PYSPARK_PYTHON` (else the path of ours), how much
    memory they have and all else by Spark's own `spark-defaults.conf`.
    """
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    # Spark gives every task a core; without the limit, Polars would take all cores of the worker for each task.
    builder = SparkSession.builder.config("spark.executorEnv.POLARS_MAX_THREADS", "1")
    # A frame that is sent becomes a task for each batch.
    builder = builder.config("spark.sql.execution.arrow.maxRecordsPerBatch", BATCH_ROWS)
    return builder.master(master).appName("Concordat accountability").getOrCreate()


def rate_frame(spark: SparkSession, compiled: CompiledFramework, measures: pl.DataFrame) -> Outcomes:
    """`compiled.rate(measures)`, on the cluster."""
    sent = spark.createDataFrame(measures.to_arrow(compat_level=pl.CompatLevel.oldest()))
    partitions = max(spark.sparkContext.defaultParallelism, len(measures) // PARTITION_ROWS)
    collected = pl.DataFrame(rate(compiled, sent, partitions).toArrow())
    explanation = collected["explanation"].drop_nulls().struct.unnest()
    ratings = collected["rating"].drop_nulls().struct.unnest()
    # A subject's rows come together and in the order of computation.
    return Outcomes(explanation.sort("subject", maintain_order=True), ratings.sort("subject"))


def rate(compiled: CompiledFramework, measures: DataFrame, partitions: int | None = None) -> DataFrame:
    """Rate every subject of `measures`, which has the columns that `CompiledFramework.rate` reads.

    Each row is either an `explanation` or a `rating`, with the columns of `Outcomes`; the other is null. `partitions`:
    how many are rated one by one or side by side, as many as the cluster has cores if not given.
    """
    spread = partitions or measures.sparkSession.sparkContext.defaultParallelism
    read = measures.where(sql.col("indicator").isin(compiled.codes()))
    placed = _with_units(compiled, read).repartition(1 if compiled.reads_all() else spread, "unit").drop("unit")
    return placed.mapInArrow(
        partial(_rate_partition, compiled), f"explanation {EXPLANATION}, rating {_rating(compiled)}"
    )


def _with_units(compiled: CompiledFramework, measures: DataFrame) -> DataFrame:
    """`measures` with the column `unit`."""
    if compiled.reads_all() or not compiled.links():
        return measures.withColumn("unit", sql.col("subject"))
    linked = measures.where(sql.col("indicator").isin(compiled.links()) & sql.col("category").isNotNull())
    found = units((row.subject, row.category) for row in linked.select("subject", "category").toLocalIterator())
    if not found:
        return measures.withColumn("unit", sql.col("subject"))
    named = measures.sparkSession.createDataFrame(pa.table({"subject": list(found), "of": list(found.values())}))
    unit: Column = sql.coalesce("of", "subject")
    return measures.join(sql.broadcast(named), "subject", "left").withColumn("unit", unit).drop("of")


def _rating(compiled: CompiledFramework) -> str:
    labels = "".join(f", `{name}`: string" for name in compiled.framework.result.also)
    return f"struct<subject: string, score: double, rating: string, status: string, reason: string{labels}>"


def _rate_partition(compiled: CompiledFramework, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    held: list[Any] = list(batches)
    if not held:
        return
    found = compiled.rate(pl.DataFrame(pa.Table.from_batches(held)))
    parts = [
        found.explanation.select(explanation=pl.struct(pl.all())),
        found.ratings.select(rating=pl.struct(pl.all())),
    ]
    together = pl.concat(parts, how="diagonal").to_arrow(compat_level=pl.CompatLevel.oldest())
    yield from together.to_batches(max_chunksize=BATCH_ROWS)
