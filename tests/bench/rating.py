"""Rating ten thousand schools: the engine beside the same rules by hand in Polars, and whole runs on PostgreSQL."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import polars as pl
import psycopg
from accountability.engine import compile_framework
from accountability.frameworks.document import Framework

from tests.accountability.engine import by_hand, synthetic
from tests.accountability.served import peak_mb, served
from tests.bench.state import DOCUMENT, RUN, SCHOOLS, state
from tests.bench.table import Figure

SIZES = (1, 2, 4)
ENGINE_LIMIT, RUN_LIMIT_SECONDS, MEMORY_LIMIT_MB = 2.0, 15.0, 2048
PANDAS_LIMIT, GROWTH_LIMIT = 5.0, 1.2
"""How many times faster than pandas; how much more than its share of time a larger run may take."""

REPEATS = 7


def measure() -> list[Figure]:
    """The engine alone, then the run of a service whose process does nothing else."""
    measures = synthetic.schools(SCHOOLS)
    expected = by_hand.rate(measures)
    return [_engine(measures, expected), *_runs()]


def _engine(measures: pl.DataFrame, expected: pl.DataFrame) -> Figure:
    compiled = compile_framework(Framework.model_validate(DOCUMENT))
    ratings = compiled.rate(measures).ratings
    assert ratings["score"].equals(expected["total"])
    assert ratings["rating"].equals(expected["rating"].fill_null("Inability to Rate"))
    ours, hand = _best(lambda: compiled.rate(measures), lambda: by_hand.rate(measures))
    return Figure(
        f"Rating {SCHOOLS:,} schools by SQRP, every node explained",
        f"{ours * 1000:.0f} ms",
        f"hand-written Polars, equal totals, no explanation: {hand * 1000:.0f} ms",
        f"at most {ENGINE_LIMIT:g}x: {ours / hand:.2f}x",
        ours <= ENGINE_LIMIT * hand,
    )


def _best(*works: Callable[[], Any]) -> list[float]:
    """The best time of each, taken in turn, in seconds."""
    seconds: list[list[float]] = [[] for _ in works]
    for _ in range(REPEATS):
        for work, taken in zip(works, seconds, strict=True):
            started = time.perf_counter()
            work()
            taken.append(time.perf_counter() - started)
    return [min(taken) for taken in seconds]


def _run(size: int, way: str = "rating") -> tuple[dict[str, float], int]:
    """What a process measured while it rated `size` states one `way`, and how many rows of measures there were."""
    measures = synthetic.schools(SCHOOLS * size)
    with state(measures) as (server, rows):
        command = [sys.executable, "-m", f"tests.bench.{way}", server.url("rating")]
        ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        _check(server.dsn("rating"), by_hand.rate(measures))
    found: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return found, rows


def _runs() -> list[Figure]:
    """A run at each size, each on a database and in a process of its own."""
    found = {size: _run(size) for size in SIZES}
    pandas, _ = _run(1, "by_pandas")
    one, rows = found[1]
    said = f"{SCHOOLS:,} schools, {rows / SCHOOLS:.0f} measure rows each: a run from stored measures to stored results"
    per_state = {size: ran["seconds"] / size for size, (ran, _) in found.items()}
    return [
        Figure(said, f"{one['seconds']:.1f} s", f"{rows:,} rows", "under 15 s", one["seconds"] < RUN_LIMIT_SECONDS),
        Figure(
            "The same beside pandas on the same tables",
            f"{one['seconds']:.1f} s, every node explained",
            f"equal totals, {pandas['steps']:,} steps: {pandas['seconds']:.1f} s, {pandas['peak_mb']:,.0f} MB",
            f"at least {PANDAS_LIMIT:g}x faster: {pandas['seconds'] / one['seconds']:.2f}x",
            pandas["seconds"] >= PANDAS_LIMIT * one["seconds"],
        ),
        Figure(
            "Peak memory of the service during that run",
            f"{one['peak_mb']:,.0f} MB",
            f"idle: {one['idle_mb']:,.0f} MB",
            "under 2 GB",
            one["peak_mb"] < MEMORY_LIMIT_MB,
        ),
        *(
            Figure(
                f"The same for {size} states: {rows:,} rows",
                f"{ran['seconds']:.1f} s; peak {ran['peak_mb']:,.0f} MB",
                f"{size} times one state: {one['seconds'] * size:.1f} s",
                f"at most {GROWTH_LIMIT:g}x of that: {per_state[size] / per_state[1]:.2f}x",
                per_state[size] <= GROWTH_LIMIT * per_state[1],
            )
            for size, (ran, rows) in found.items()
            if size > 1
        ),
    ]


def _check(dsn: str, expected: pl.DataFrame) -> None:
    """What was stored is what the hand-written rules give."""
    with psycopg.connect(dsn) as connection:
        stored = connection.execute("select replace(school_id::text, '-', ''), score from staged_rating").fetchall()
    assert dict(stored) == dict(expected.select("subject", "total").iter_rows())


async def _rate(url: str) -> dict[str, float]:
    async with served(url) as (_, client):
        idle = peak_mb()
        started = time.perf_counter()
        answer = await client.post("/v1/runs", json=RUN)
        seconds = time.perf_counter() - started
        assert answer.status_code == 201, answer.text
    return {"seconds": seconds, "idle_mb": idle, "peak_mb": peak_mb()}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_rate(sys.argv[1]))))
