"""The registry at the size of the nation: a school by its identifier as of a date, and the audit chain's pace."""

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
from fastapi import FastAPI
from joserfc.jwk import KeySet
from kit.audit import chain_numbered_rows, verify_chain
from kit.db import Database
from kit.migrations import migrate
from kit.relay import number_committed_rows
from kit.settings import ServiceSettings
from kit.testing import ISSUER, Issuer
from launcher.embedded import EmbeddedPostgres, free_port
from registry.app import create_app
from sqlalchemy import text

from tests.bench.table import Figure

SCHOOLS, YEARS, ROWS, ASKED = 100_000, 10, 5_000, 2_000
LIMIT_MS = 5.0

NATION = f"""
    insert into organization (id, version, name, types, time_zone)
    select uuidv7(), 1, 'District ' || n, '{{district}}', 'America/Chicago' from generate_series(1, 1000) n;
    create temp table o as select id, row_number() over () - 1 as n from organization;
    insert into school (version) select {YEARS} from generate_series(1, {SCHOOLS});
    create temp table s as select id, row_number() over () - 1 as n from school;
    insert into school_version
    select id, y, make_date(2015 + y, 7, 1) from s, generate_series(1, {YEARS}) y;
    insert into school_facts (school_id, during, recorded_at, name, school_type, operational_status, arrangement,
                              chartered, city, state, source)
    select id, daterange(make_date(2015 + y, 7, 1), case when y < {YEARS} then make_date(2016 + y, 7, 1) end),
           make_date(2015 + y, 7, 1), 'School ' || n, 'regular', 'active', 'traditional', false,
           'City', 'TX', 'generated'
    from s, generate_series(1, {YEARS}) y;
    insert into school_alias (school_id, during, recorded_at, system, value)
    select id, daterange('2016-07-01', null), date '2016-07-01', system, lpad(n::text, 12, '0')
    from s, (values ('nces'), ('state:TX')) as systems (system);
    insert into school_assignment (school_id, during, recorded_at, organization_id, role, source)
    select s.id, daterange('2016-07-01', null), date '2016-07-01', o.id, 'accountable-lea', 'generated'
    from s join o on o.n = s.n % 1000;
    insert into school_assignment (school_id, during, recorded_at, organization_id, role, source)
    select s.id, daterange(make_date(2015 + y, 7, 1), make_date(2016 + y, 7, 1)),
           make_date(2015 + y, 7, 1), o.id, 'operator', 'generated'
    from s join o on o.n = (s.n + 7) % 1000, generate_series(1, {YEARS}) y where s.n % 5 = 0;
"""


def measure() -> list[Figure]:
    """On a fresh PostgreSQL: the nation for the readings, and 5,000 journal rows for the chain."""
    folder = Path(tempfile.mkdtemp())
    server = EmbeddedPostgres(folder / "postgres", free_port(), durable=False)
    server.start()
    try:
        for name in ("nation", "plain", "chained"):
            server.ensure_database(name)
            migrate(server.url(name), "registry")
        return [*asyncio.run(_readings(server)), *asyncio.run(_chain(server))]
    finally:
        server.stop()


async def _readings(server: EmbeddedPostgres) -> list[Figure]:
    with psycopg.connect(server.dsn("nation"), autocommit=True) as connection:
        _make_nation(connection)
        district = connection.execute(b"select id from organization order by id limit 1").fetchone()
        bare = _sorted_ms(_bare(connection))
    assert district is not None
    issuer = Issuer()
    app = create_app(_settings(server.url("nation")))
    app.state.verifier.trust(KeySet(issuer.keys.keys))
    figures = []
    for who, organization in (("the platform", None), ("a district", district[0])):
        token = issuer.token(("registry:read",), organization)
        for name, query in (("asOf", {}), ("asOf and knownAt", {"knownAt": "2025-01-01T00:00:00Z"})):
            figures.append(await _lookup(app, token, f"school by alias, {name}, for {who}", query, bare))
    await app.state.database.dispose()
    return figures


def _make_nation(connection: Any) -> None:
    """Fill the tables without their exclusion constraints, then check and index all at once: several times faster."""
    held = connection.execute(
        b"select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint where contype = 'x'"
    ).fetchall()
    for table, name, _ in held:
        connection.execute(f"alter table {table} drop constraint {name}".encode())
    connection.execute(NATION.encode())
    for table, name, definition in held:
        connection.execute(f"alter table {table} add constraint {name} {definition}".encode())
    connection.execute(b"vacuum analyze")


async def _lookup(app: FastAPI, token: str, name: str, query: dict[str, str], bare: list[float]) -> Figure:
    async def ask(number: int) -> None:
        # The district answers for every thousandth school only: then both callers find what they ask for.
        value = f"{number * 7919 * 1000 % SCHOOLS:012}"
        params = {"aliasSystem": "nces", "aliasValue": value, "asOf": "2024-10-01", **query}
        answer = await _answer(app, token, urlencode(params))
        assert len(json.loads(answer)["items"]) == 1, answer

    took = _sorted_ms(await _timed(ask))
    p99 = took[len(took) * 99 // 100]
    return Figure(
        name,
        f"p50 {statistics.median(took):.2f} ms, p99 {p99:.2f} ms",
        f"bare SQL p50 {statistics.median(bare):.2f} ms, p99 {bare[len(bare) * 99 // 100]:.2f} ms",
        f"p99 < {LIMIT_MS:g} ms",
        p99 < LIMIT_MS,
    )


async def _answer(app: FastAPI, token: str, query: str) -> bytes:
    """What the service answers, asked at its door: no client and no network in the figure."""
    body = b""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal body
        body += message.get("body", b"")

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/v1/schools",
        "raw_path": b"/v1/schools",
        "query_string": query.encode(),
        "headers": [(b"host", b"service"), (b"authorization", f"Bearer {token}".encode())],
        "client": ("127.0.0.1", 1),
        "server": ("service", 80),
    }
    await app(scope, receive, send)
    return body


async def _timed(ask: Callable[[int], Awaitable[None]]) -> list[float]:
    took = []
    for number in range(ASKED + 100):
        began = time.perf_counter()
        await ask(number)
        took.append(time.perf_counter() - began)
    return took[100:]


def _bare(connection: Any) -> list[float]:
    """The same school by the same identifier and date, straight from PostgreSQL."""
    took = []
    for number in range(ASKED):
        began = time.perf_counter()
        connection.execute(
            b"select f.* from school_alias a join school_facts f on f.school_id = a.school_id"
            b" where a.system = 'nces' and a.value = %s and a.superseded_at is null and a.during @> date '2024-10-01'"
            b" and f.superseded_at is null and f.during @> date '2024-10-01'",
            [f"{number * 7919 % SCHOOLS:012}"],
        ).fetchall()
        took.append(time.perf_counter() - began)
    return took


def _sorted_ms(seconds: list[float]) -> list[float]:
    return sorted(each * 1000 for each in seconds)


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


def _settings(url: str) -> ServiceSettings:
    return ServiceSettings(
        database_url=url, nats_url="nats://127.0.0.1:1", issuer=ISSUER, jwks_url="http://127.0.0.1:1", log_level="ERROR"
    )
