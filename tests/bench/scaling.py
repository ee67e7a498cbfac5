"""A state, four and sixteen of them, rated in one process and on a Spark cluster of two workers: where it pays."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl
from accountability.engine import compile_framework
from accountability.frameworks.document import Framework
from accountability.scale.spark import rate_frame, session

from tests.accountability.engine import synthetic
from tests.accountability.served import peak_mb
from tests.bench.state import DOCUMENT, SCHOOLS
from tests.bench.table import Figure

SIZES = (1, 4, 16)
CLUSTER = "local-cluster[2,1,2048]"
"""Spark's standalone master, and two workers of one core and 2 GB."""

DEFAULTS = """
spark.ui.enabled false
spark.log.level ERROR
spark.driver.memory 4g
spark.driver.maxResultSize 0
spark.scheduler.minRegisteredResourcesRatio 1
spark.scheduler.maxRegisteredResourcesWaitingTime 300s
"""


def measure() -> list[Figure]:
    """Each way in a process of its own, so that the peak memory is its own."""
    alone, cluster = _ran("process"), _ran("spark")
    figures = [
        Figure(
            f"{SCHOOLS * size:,} schools on Spark, 2 workers",
            f"{spread['seconds']:.1f} s, {spread['rows'] / spread['seconds']:,.0f} rows/s",
            f"in one process: {one['seconds']:.1f} s, {one['rows'] / one['seconds']:,.0f} rows/s, {one['mb']:,.0f} MB",
            "equal ratings",
            one["hash"] == spread["hash"],
        )
        for size, one, spread in zip(SIZES, alone[1:], cluster[1:], strict=True)
    ]
    start = f"{cluster[0]['seconds']:.1f} s to start the cluster and to rate for the first time"
    return [Figure("Spark's start-up", start, "in one process: none", "told, not limited", True), *figures]


def _ran(way: str) -> list[dict[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "spark-defaults.conf").write_text(DEFAULTS)
        environment = os.environ | {"SPARK_CONF_DIR": folder, "SPARK_LOCAL_DIRS": folder, "SPARK_LOCAL_IP": "127.0.0.1"}
        command = [sys.executable, "-m", "tests.bench.scaling", way]
        ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]


def _rate(way: str, measures: pl.DataFrame) -> dict[str, float]:
    compiled = compile_framework(Framework.model_validate(DOCUMENT))
    started = time.perf_counter()
    found = compiled.rate(measures) if way == "process" else rate_frame(session(CLUSTER), compiled, measures)
    seconds = time.perf_counter() - started
    rows = len(measures) + len(found.explanation)
    return {"seconds": seconds, "rows": rows, "mb": peak_mb(), "hash": int(found.ratings.hash_rows(seed=1).sum())}


if __name__ == "__main__":
    for schools in (100, *(SCHOOLS * size for size in SIZES)):
        print(json.dumps(_rate(sys.argv[1], synthetic.schools(schools))), flush=True)
