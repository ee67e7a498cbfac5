"""Rating ten thousand schools: the engine beside the same rules by hand in Polars, and a whole run on PostgreSQL."""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import yaml
from accountability.engine import compile_framework
from accountability.frameworks.document import Framework
from kit.migrations import migrate
from launcher.embedded import EmbeddedPostgres, free_port

from tests.accountability.conftest import LIBRARY
from tests.accountability.engine import by_hand, synthetic
from tests.accountability.served import peak_mb, served
from tests.bench.table import Figure

SCHOOLS, GROUPS, YEARS = 10_000, 15, 2
ENGINE_LIMIT, RUN_LIMIT_SECONDS, MEMORY_LIMIT_MB = 2.0, 15.0, 2048
REPEATS = 7
DOCUMENT = yaml.safe_load((LIBRARY / "frameworks" / "chicago-sqrp-2018-19.yaml").read_text())
INDEXES = "select indexname, indexdef from pg_indexes where tablename = 'measure'"


def measure() -> list[Figure]:
    """The engine alone, then the run of a service whose process does nothing else."""
    measures = synthetic.schools(SCHOOLS)
    expected = by_hand.rate(measures)
    return [_engine(measures, expected), *_run(measures, expected)]


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


def _run(measures: pl.DataFrame, expected: pl.DataFrame) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres", free_port(), durable=True)
        server.start()
        try:
            server.ensure_database("rating")
            migrate(server.url("rating"), "accountability")
            asyncio.run(_register(server.url("rating")))
            rows = _store(server.dsn("rating"), measures)
            command = [sys.executable, "-m", "tests.bench.rating", server.url("rating")]
            ran = subprocess.run(command, check=True, capture_output=True, text=True)
            _check(server.dsn("rating"), expected)
        finally:
            server.stop()
    found = json.loads(ran.stdout.splitlines()[-1])
    said = f"{SCHOOLS:,} schools, {rows / SCHOOLS:.0f} measure rows each: a run from stored measures to stored results"
    return [
        Figure(said, f"{found['seconds']:.1f} s", f"{rows:,} rows", "under 15 s", found["seconds"] < RUN_LIMIT_SECONDS),
        Figure(
            "Peak memory of the service during that run",
            f"{found['peak_mb']:,.0f} MB",
            f"idle: {found['idle_mb']:,.0f} MB",
            "under 2 GB",
            found["peak_mb"] < MEMORY_LIMIT_MB,
        ),
    ]


async def _register(url: str) -> None:
    async with served(url) as (_, client):
        assert (await client.post("/v1/frameworks", json=DOCUMENT)).status_code == 201


def _store(dsn: str, measures: pl.DataFrame) -> int:
    """Keep the measures, and as many again for each other student group and year; the number of rows."""
    with psycopg.connect(dsn) as connection:
        numbers = dict(connection.execute("select code, number from indicator").fetchall())
        connection.execute("insert into measure_import (source, sha256, client_id) values ('bench', '', 'bench')")
        indexes = connection.execute(INDEXES).fetchall()
        for name, _ in indexes:
            connection.execute(f"drop index {name}".encode())
        with connection.cursor().copy(
            "copy measure (school_id, indicator, value, category, n, participation, import_number, school_year,"
            " data_year, student_group) from stdin with (format csv)"
        ) as copy:
            code = pl.col("indicator").replace_strict(numbers, return_dtype=pl.Int16)
            rows = measures.with_columns(
                code, pl.col("n").cast(pl.Int64), pl.lit(1), year=2019, data=2018, of=pl.lit("ALL")
            )
            copy.write(rows.write_csv(include_header=False).encode())
        connection.execute(
            "insert into measure (import_number, school_id, school_year, data_year, indicator, student_group, value,"
            " category, n, participation) select 1, school_id, year, year - 1, indicator, named.student_group, value,"
            " category, n, participation from measure, generate_series(2019 - %s + 1, 2019) year,"
            " (select case g when 1 then 'ALL' else 'group-' || g end student_group from generate_series(1, %s) g)"
            " named where not (year = 2019 and named.student_group = 'ALL')",
            [YEARS, GROUPS],
        )
        for _, definition in indexes:
            connection.execute(definition.encode())
        connection.commit()
        connection.autocommit = True
        connection.execute("vacuum analyze measure")
        found = connection.execute("select count(*) from measure").fetchone()
        return int(found[0]) if found else 0


def _check(dsn: str, expected: pl.DataFrame) -> None:
    """What was stored is what the hand-written rules give."""
    with psycopg.connect(dsn) as connection:
        stored = connection.execute("select replace(school_id::text, '-', ''), score from staged_rating").fetchall()
    assert dict(stored) == dict(expected.select("subject", "total").iter_rows())


async def _rate(url: str) -> dict[str, float]:
    async with served(url) as (_, client):
        idle = peak_mb()
        started = time.perf_counter()
        body = {"framework": DOCUMENT["id"], "version": DOCUMENT["version"], "schoolYear": 2019}
        answer = await client.post("/v1/runs", json=body)
        seconds = time.perf_counter() - started
        assert answer.json()["schools"] == SCHOOLS, answer.text
    return {"seconds": seconds, "idle_mb": idle, "peak_mb": peak_mb()}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_rate(sys.argv[1]))))
