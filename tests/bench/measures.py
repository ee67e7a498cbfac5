"""Loading a million measures through the HTTP API, beside a bare COPY of the same rows into the same table."""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from uuid import UUID

import httpx2
import polars as pl
import psycopg
from accountability.directory import Alias, School
from fastapi import FastAPI
from kit.migrations import migrate
from launcher.embedded import EmbeddedPostgres, free_port
from sqlalchemy import insert

from tests.accountability.conftest import FRAMEWORK
from tests.accountability.served import peak_mb, served
from tests.bench.table import Figure

SCHOOLS, GROUPS = 10_000, 50
"""With the framework's two numeric indicators: a million rows."""

LIMIT = 3.0
COLUMNS = "import_number, school_id, school_year, data_year, indicator, student_group, value, n, participation"


def measure() -> list[Figure]:
    """The load runs in a process of its own, so that its peak memory is that of the service (and a small client)."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres", free_port(), durable=True)
        server.start()
        try:
            for name in ("bare", "served"):
                server.ensure_database(name)
                migrate(server.url(name), "accountability")
            rows = _rows()
            before = _copy(server.dsn("bare"), rows)
            file = Path(folder) / "measures.csv"
            rows.write_csv(file)
            command = [sys.executable, "-m", "tests.bench.measures", server.url("served"), str(file)]
            ran = subprocess.run(command, check=True, capture_output=True, text=True)
            bare = (before + _copy(server.dsn("bare"), rows)) / 2
        finally:
            server.stop()
    found = json.loads(ran.stdout.splitlines()[-1])
    return [
        Figure(
            "Bulk load of 1,000,000 measure rows over HTTP, durable",
            f"{found['load']:.1f} s; once more, unchanged: {found['again']:.1f} s; peak {found['peak_mb']:,.0f} MB",
            f"bare COPY into the same table, before and after: {bare:.1f} s",
            f"at most {LIMIT:g}x: {found['load'] / bare:.2f}x",
            found["load"] <= LIMIT * bare,
        ),
        Figure(
            "Longest wait of another request while they load",
            f"{found['longest_wait'] * 1000:.0f} ms",
            "no load: a few ms",
            "under 1 s",
            found["longest_wait"] < 1,
        ),
    ]


def _rows() -> pl.DataFrame:
    schools = pl.DataFrame({"school": [str(number) for number in range(SCHOOLS)]})
    groups = pl.DataFrame({"studentGroup": [f"group-{number}" for number in range(GROUPS)]})
    rows = schools.join(groups, how="cross").join(pl.DataFrame({"indicator": ["growth", "attendance"]}), how="cross")
    place = pl.int_range(pl.len())
    return rows.select(
        "school",
        "indicator",
        "studentGroup",
        value=(place * 7919 % 1000) / 10,
        n=place % 300 + 10,
        participation=90 + place % 100 / 10,
    )


def _copy(dsn: str, rows: pl.DataFrame) -> float:
    """Seconds of a bare COPY of the rows, ready as text, into the emptied table with its indexes."""
    ids = pl.Series([str(UUID(int=number)) for number in range(SCHOOLS)])
    ready = rows.select(
        pl.lit(1).alias("import_number"),
        ids.gather(pl.Series(rows["school"].cast(pl.Int64))).alias("school_id"),
        pl.lit(2019).alias("school_year"),
        pl.lit(2018).alias("data_year"),
        (pl.col("indicator") == "growth").cast(pl.Int16).alias("indicator"),
        "studentGroup",
        "value",
        "n",
        "participation",
    )
    text = ready.write_csv(include_header=False).encode()
    with psycopg.connect(dsn) as connection:
        connection.execute("truncate measure")
        connection.commit()
        started = time.perf_counter()
        with connection.cursor().copy(f"copy measure ({COLUMNS}) from stdin with (format csv)".encode()) as copy:
            copy.write(text)
        connection.commit()
        return time.perf_counter() - started


async def _load(url: str, file: Path) -> dict[str, float]:
    async with served(url) as (app, client):
        await _hear_of_schools(app)
        assert (await client.post("/v1/frameworks", json=FRAMEWORK)).status_code == 201
        waits = asyncio.create_task(_longest_wait(client))
        seconds = []
        for added in (SCHOOLS * GROUPS * 2, 0):
            started = time.perf_counter()
            answer = await client.post(
                "/v1/measures/imports",
                params={"schoolYear": 2019, "dataYear": 2018, "aliasSystem": "d", "source": "bench"},
                content=_chunks(file),
                headers={"content-type": "text/csv"},
            )
            assert answer.json()["added"] == added, answer.text[:500]
            seconds.append(time.perf_counter() - started)
        waits.cancel()
        longest = await waits
    return {"load": seconds[0], "again": seconds[1], "longest_wait": longest, "peak_mb": peak_mb()}


async def _chunks(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as opened:
        while chunk := opened.read(1 << 20):
            yield chunk


async def _hear_of_schools(app: FastAPI) -> None:
    schools = {str(number): UUID(int=number) for number in range(SCHOOLS)}
    since = {"system": "d", "valid_from": date(2018, 7, 1)}
    async with app.state.database.transaction() as session:
        rows = [{"id": identity, "version": 1, "name": "", "said": {}} for identity in schools.values()]
        await session.execute(insert(School), rows)
        aliases = [{"school_id": identity, "value": value, **since} for value, identity in schools.items()]
        await session.execute(insert(Alias), aliases)


async def _longest_wait(client: httpx2.AsyncClient) -> float:
    longest = 0.0
    try:
        while True:
            started = time.perf_counter()
            await client.get("/health/live")
            longest = max(longest, time.perf_counter() - started)
            await asyncio.sleep(0.05)
    except asyncio.CancelledError:
        return longest


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_load(sys.argv[1], Path(sys.argv[2])))))
