"""A state's measures in a durable PostgreSQL: what benchmarks of rating start from."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import psycopg
import yaml
from kit.migrations import migrate
from launcher.embedded import EmbeddedPostgres, free_port

from tests.accountability.conftest import LIBRARY
from tests.accountability.served import served

SCHOOLS, GROUPS, YEARS = 10_000, 15, 2
DOCUMENT = yaml.safe_load((LIBRARY / "frameworks" / "chicago-sqrp-2018-19.yaml").read_text())
RUN = {"framework": DOCUMENT["id"], "version": DOCUMENT["version"], "schoolYear": 2019}
"""The body of the run."""

INDEXES = "select indexname, indexdef from pg_indexes where tablename = 'measure'"


@contextmanager
def state(measures: pl.DataFrame) -> Iterator[tuple[EmbeddedPostgres, int]]:
    """A server whose database `rating` holds the measures, as many again for each other student group and year, and
    the framework; and the number of rows."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres", free_port(), durable=True)
        server.start()
        try:
            server.ensure_database("rating")
            migrate(server.url("rating"), "accountability")
            asyncio.run(_register(server.url("rating")))
            yield server, _store(server.dsn("rating"), measures)
        finally:
            server.stop()


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
