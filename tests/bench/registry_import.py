"""A nation's schools from CCD directory files, through the gateway, beside a bare COPY of the rows that come of it."""

import time
from collections.abc import Iterator
from typing import Any, LiteralString, cast

import httpx2
import psycopg
from launcher.api import Api

from tests.bench.installation import Installation, installation
from tests.bench.processes import peak_mb
from tests.bench.table import Figure

SCHOOLS, AGENCIES, FEW = 100_000, 1_000, 10_000
LIMIT_SECONDS, LIMIT_MB = 120, 150
STATES = ("TX", "CA", "NY", "FL", "IL", "OH", "PA", "GA", "CO", "MA")
TABLES = ("school", "school_version", "school_facts", "school_alias", "school_assignment", "journal")
COLUMNS = "SURVYEAR,NCESSCH,LEAID,SEASCH,SCHNAM,LSTREE,LCITY,LSTATE,LZIP,TYPE,STATUS,LATCOD,LONCOD,GSLO,GSHI,CHARTR\n"


def measure() -> list[Figure]:
    """All real processes, PostgreSQL durable. Each file is checked whole: every row, identifier, reference and lock."""
    with installation("registry", "gateway", log_level="WARNING") as running:
        api, pid = running.api(), running.pid("registry")
        _send(api, "leas", _agencies(), "2024-07-01")
        _send(api, "schools", _schools(FEW), "2024-07-01", dryRun="true")
        little = peak_mb(pid)
        first, made = _send(api, "schools", _schools(SCHOOLS), "2024-07-01")
        again, same = _send(api, "schools", _schools(SCHOOLS), "2024-07-01")
        later, changed = _send(api, "schools", _schools(SCHOOLS, renamed_every=10), "2025-07-01")
        much = peak_mb(pid)
        bare = _copied(running)
    assert (made["created"], same["unchanged"], changed["changed"]) == (SCHOOLS, SCHOOLS, SCHOOLS // 10)
    name = f"Import of a CCD directory of {SCHOOLS:,} schools"
    baseline = f"bare COPY of the rows of all three files: {bare:.1f} s"
    return [
        _timed(f"{name}, all new", first, baseline),
        _timed(f"{name}, all as they are", again, baseline),
        _timed(f"{name} of the next year, every tenth renamed", later, baseline),
        Figure(
            "Peak memory of the service over these files",
            f"{much:.0f} MB",
            f"after a dry run of {FEW:,} schools: {little:.0f} MB",
            f"at most {LIMIT_MB} MB more",
            much <= little + LIMIT_MB,
        ),
    ]


def _timed(name: str, seconds: float, baseline: str) -> Figure:
    measured = f"{seconds:.0f} s, {SCHOOLS / seconds:,.0f} rows/s"
    return Figure(name, measured, baseline, f"under {LIMIT_SECONDS} s", seconds < LIMIT_SECONDS)


def _send(api: Api, kind: str, rows: Iterator[str], start: str, **query: str) -> tuple[float, dict[str, Any]]:
    """Seconds until the answer, and the answer."""
    params = {"validFrom": start, "source": f"CCD {start[:4]}", **query}
    began = time.perf_counter()
    answer = api.send(
        "POST",
        f"/v1/imports/ccd/{kind}",
        params=params,
        content="".join(rows).encode(),
        headers={"content-type": "text/csv"},
        timeout=httpx2.Timeout(600),
    )
    return time.perf_counter() - began, dict(api.answered(answer))


def _agencies() -> Iterator[str]:
    yield "LEAID,NAME,STID\n"
    for number in range(AGENCIES):
        yield f"48{number:05},DISTRICT {number},{number:06}\n"


def _schools(count: int, renamed_every: int = 0) -> Iterator[str]:
    """Schools in the order of their agencies, as NCES lists them; some coordinates and grades are missing."""
    yield COLUMNS
    for number in range(count):
        agency = number * AGENCIES // SCHOOLS
        name = "ACADEMY" if renamed_every and number % renamed_every == 0 else "SCHOOL"
        place = "M,N" if number % 50 == 0 else f"{30 + number % 17}.{number % 1000:03},-{90 + number % 29}.5"
        yield (
            f"2024,48{agency:05}{number % 100_000:05},48{agency:05},{number:09},{name} {number},{number} MAIN ST,"
            f"CITY {agency},{STATES[agency % len(STATES)]},7{number % 10_000:04},1,1,{place},KG,05,{1 + number % 2}\n"
        )


def _copied(running: Installation) -> float:
    """Seconds of a bare COPY of everything that was imported into the same tables, emptied, with their constraints."""
    with psycopg.connect(running.postgres.dsn("registry")) as connection:
        kept = {table: _out(connection, table) for table in TABLES}
        _run(connection, f"truncate {', '.join(TABLES)} cascade")
        connection.commit()
        began = time.perf_counter()
        for table, blocks in kept.items():
            with connection.cursor().copy(cast(LiteralString, f"copy {table} from stdin")) as copy:
                for block in blocks:
                    copy.write(block)
        connection.commit()
        return time.perf_counter() - began


def _out(connection: psycopg.Connection[Any], table: str) -> list[bytes]:
    with connection.cursor().copy(cast(LiteralString, f"copy {table} to stdout")) as copy:
        return [bytes(block) for block in copy]


def _run(connection: psycopg.Connection[Any], statement: str) -> None:
    connection.execute(cast(LiteralString, statement))
