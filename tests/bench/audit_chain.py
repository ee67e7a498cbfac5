"""The audit chain's pace: journal rows numbered and chained, and the trail verified."""

import asyncio
import json
import tempfile
import time
from pathlib import Path

from kit.audit import chain_numbered_rows, verify_chain
from kit.db import Database
from kit.migrations import migrate
from kit.relay import number_committed_rows
from launcher.embedded import EmbeddedPostgres, free_port
from sqlalchemy import text

from tests.bench.table import Figure

ROWS = 5_000


def measure() -> list[Figure]:
    """On a fresh PostgreSQL, once without the chain and once with it."""
    server = EmbeddedPostgres(Path(tempfile.mkdtemp()) / "postgres", free_port(), durable=False)
    server.start()
    try:
        for name in ("plain", "chained"):
            server.ensure_database(name)
            migrate(server.url(name), "registry")
        return asyncio.run(_chain(server))
    finally:
        server.stop()


async def _chain(server: EmbeddedPostgres) -> list[Figure]:
    plain, _ = await _numbered(server.url("plain"), chain=False)
    chained, walked = await _numbered(server.url("chained"), chain=True)
    return [
        Figure(
            f"{ROWS} journal rows numbered and chained",
            f"{ROWS / chained:,.0f} rows/s",
            f"{ROWS / plain:,.0f} rows/s numbered only",
            "at least 2,000 rows/s",
            ROWS / chained >= 2000,
        ),
        Figure(
            f"{ROWS} entries of the audit trail verified",
            f"{ROWS / walked:,.0f} rows/s",
            "-",
            "at least 5,000 rows/s",
            ROWS / walked >= 5000,
        ),
    ]


async def _numbered(url: str, *, chain: bool) -> tuple[float, float]:
    """Seconds for giving the rows their numbers (and hashes), and for walking the chain."""
    database = Database(url)
    facts = {"name": "Lincoln", "validFrom": "2018-07-01", "source": "Board report", "address": {"city": "Chicago"}}
    said = json.dumps({"facts": [facts] * 10})
    insert = text(
        "insert into journal (type, subject, version, actor, data, before) select 'school', 'school.' || n, 1, 'me',"
        " cast(:said as jsonb), cast(:said as jsonb) from generate_series(1, :rows) n"
    )
    async with database.transaction() as session:
        await session.execute(insert, {"said": said, "rows": ROWS})
    began = time.perf_counter()
    for _ in range(ROWS // 500):
        async with database.transaction() as session:
            await number_committed_rows(session)
        if chain:
            async with database.transaction() as session:
                await chain_numbered_rows(session)
    numbered = time.perf_counter() - began
    began = time.perf_counter()
    async with database.snapshot() as session:
        found = await verify_chain(session)
    assert found.broken is None
    await database.dispose()
    return numbered, time.perf_counter() - began
