"""What every service does at its door."""

from typing import Any

import httpx2
import pytest
from httpx2 import ASGITransport
from kit.db import Database
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from starlette.types import Message, Receive, Scope, Send

from kit import db
from tests.conftest import Service
from tests.kit.conftest import eventually, rows

WRITE, READ = "ledger:write", "ledger:read"


async def test_a_created_thing_can_be_read_back_with_its_etag(ledger: Service) -> None:
    client = ledger.client(WRITE, READ)
    made = await client.post("/v1/accounts", json={"name": "Ida"})
    read = await client.get(f"/v1/accounts/{made.json()['id']}")
    assert (made.status_code, read.status_code, read.headers["etag"]) == (201, 200, '"1"')


async def test_a_failing_commit_is_never_answered_with_success(ledger: Service) -> None:
    answer = await ledger.client(WRITE).post("/v1/accounts/doubtful")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"


class Watch:
    """The ledger with an eye on what is committed when the first byte of an answer leaves."""

    def __init__(self, ledger: Service) -> None:
        self._ledger = ledger
        self.committed: list[tuple[Any, ...]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.committed = await rows(self._ledger.app.state.database, "select name, version from account")
            await send(message)

        await self._ledger.app(scope, receive, watched)

    async def request(self, method: str, path: str, **more: Any) -> None:
        """One request through the watched ledger."""
        headers = self._ledger.issuer.headers([WRITE]) | more.pop("headers", {})
        async with httpx2.AsyncClient(
            transport=ASGITransport(app=self), base_url="http://x", headers=headers
        ) as client:
            answer = await client.request(method, path, **more)
        assert answer.status_code < 300


@pytest.mark.parametrize("headers", [{}, {"idempotency-key": "k"}], ids=["plain", "with a key"])
async def test_the_commit_of_what_is_created_precedes_the_answer(ledger: Service, headers: dict[str, str]) -> None:
    watch = Watch(ledger)
    await watch.request("POST", "/v1/accounts", json={"name": "Ida"}, headers=headers)
    assert watch.committed == [("Ida", 1)]


async def test_the_commit_of_a_change_precedes_the_answer(ledger: Service) -> None:
    made = await ledger.client(WRITE).post("/v1/accounts", json={"name": "Ida"})
    watch = Watch(ledger)
    path = f"/v1/accounts/{made.json()['id']}"
    await watch.request("PATCH", path, json={"name": "Ada"}, headers={"if-match": '"1"'})
    assert watch.committed == [("Ada", 2)]


async def test_a_bug_leaves_nothing_behind_and_shows_a_trace_id_only(ledger: Service) -> None:
    client = ledger.client(WRITE, READ)
    answer = await client.post("/v1/accounts/bug")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert len(answer.json()["traceId"]) == 32
    assert (await client.get("/v1/accounts")).json()["items"] == []


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b'{"name": "a\\u0000b"}', {}, 422),
        (b'{"name": 1, "other": 2}', {}, 422),
        (b'{"name": "x", "number": 1e999}', {}, 422),
        (b'{"name": ', {}, 400),
        (b"[" * 100_000, {}, 400),
        (b'{"name": "\xff"}', {}, 400),
        (b"name=x", {"content-type": "application/x-www-form-urlencoded"}, 422),
    ],
)
async def test_a_bad_body_is_a_problem(ledger: Service, body: bytes, headers: dict[str, str], status: int) -> None:
    answer = await ledger.client(WRITE).post(
        "/v1/accounts", content=body, headers={"content-type": "application/json"} | headers
    )
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status


async def test_all_errors_of_a_body_are_named_at_once(ledger: Service) -> None:
    answer = await ledger.client(WRITE).post("/v1/accounts", json={"number": "x", "other": 2})
    assert {error["field"] for error in answer.json()["errors"]} == {"body.name", "body.number", "body.other"}


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/v1/accounts", 405)])
async def test_unknown_paths_and_methods_are_problems(ledger: Service, method: str, path: str, status: int) -> None:
    answer = await ledger.client(WRITE).request(method, path)
    assert (answer.status_code, answer.json()["status"]) == (status, status)


async def test_a_body_over_a_megabyte_is_refused(ledger: Service) -> None:
    answer = await ledger.client(WRITE).post("/v1/accounts", json={"name": "x" * 1_100_000})
    assert answer.status_code == 413


async def test_an_upload_of_another_type_is_refused(ledger: Service) -> None:
    answer = await ledger.client(WRITE).post("/v1/accounts/files", json={})
    assert (answer.status_code, "text/csv" in answer.json()["detail"]) == (415, True)


async def test_a_truncated_upload_is_refused(ledger: Service) -> None:
    answer = await ledger.client(WRITE).post(
        "/v1/accounts/files", content=b"a,b\n1", headers={"content-type": "text/csv", "content-length": "500"}
    )
    assert answer.status_code == 400


async def test_an_upload_over_the_limit_is_refused(ledger: Service) -> None:
    answer = await ledger.client(WRITE).post(
        "/v1/accounts/files", content=b"x" * 2_000_001, headers={"content-type": "text/csv"}
    )
    assert answer.status_code == 413


async def test_an_update_needs_the_current_etag(ledger: Service) -> None:
    client = ledger.client(WRITE, READ)
    url = f"/v1/accounts/{(await client.post('/v1/accounts', json={'name': 'Ida'})).json()['id']}"
    statuses = [
        (await client.patch(url, json={"name": "Ada"}, headers=headers)).status_code
        for headers in ({}, {"if-match": "1"}, {"if-match": '"1"'}, {"if-match": '"1"'})
    ]
    assert statuses == [428, 400, 200, 412]


async def test_a_client_that_has_the_version_gets_304(ledger: Service) -> None:
    client = ledger.client(WRITE, READ)
    url = f"/v1/accounts/{(await client.post('/v1/accounts', json={'name': 'Ida'})).json()['id']}"
    answer = await client.get(url, headers={"if-none-match": '"1"'})
    assert (answer.status_code, answer.content) == (304, b"")


async def test_pages_hold_every_row_once(ledger: Service) -> None:
    client = ledger.client(WRITE, READ)
    for number in range(7):
        await client.post("/v1/accounts", json={"name": f"n{number % 3}"})
    names, url = [], "/v1/accounts?limit=2"
    while url:
        answer = await client.get(url)
        names += [item["id"] for item in answer.json()["items"]]
        url = answer.links.get("next", {}).get("url", "")
    assert len(names) == len(set(names)) == 7


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "cursor=x", "cursor=WyJhIl0"])
async def test_a_page_that_cannot_be_is_refused(ledger: Service, query: str) -> None:
    assert (await ledger.client(READ).get(f"/v1/accounts?{query}")).status_code in {400, 422}


async def test_the_trace_is_continued_and_a_bad_one_replaced(ledger: Service) -> None:
    trace = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    client = ledger.client(READ)
    kept = await client.get("/v1/accounts", headers={"traceparent": trace, "x-request-id": "mine"})
    new = await client.get("/v1/accounts", headers={"traceparent": "nonsense"})
    assert kept.headers["traceparent"].split("-")[1] == "a" * 32
    assert kept.headers["x-request-id"] == "mine"
    assert len(new.headers["traceparent"]) == 55


async def test_health_and_metrics_need_no_token(ledger: Service) -> None:
    client = ledger.anonymous()
    statuses = [(await client.get(path)).status_code for path in ("/health/live", "/health/ready", "/metrics")]
    assert statuses == [200, 200, 200]


async def test_a_service_without_its_database_is_alive_and_not_ready(ledger: Service) -> None:
    ledger.app.state.database = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    live = await ledger.anonymous().get("/health/live")
    ready = await ledger.anonymous().get("/health/ready")
    assert (live.status_code, ready.status_code, ready.json()["database"]) == (200, 503, "down")


async def test_a_request_without_a_database_may_be_tried_again(ledger: Service) -> None:
    ledger.app.state.database = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    answer = await ledger.client(READ).get("/v1/accounts")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


async def test_a_connection_that_died_while_it_rested_is_replaced(
    ledger: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, database = ledger.client(READ), ledger.app.state.database
    assert (await client.get("/v1/accounts")).status_code == 200
    async with database.connection() as connection:
        others = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
        async with database.connection():  # so that two rest in the pool
            pass
        await connection.execute(text(f"{others} and pid <> pg_backend_pid()"))
    monkeypatch.setattr(db, "RESTED_SECONDS", 0)
    assert [(await client.get("/v1/accounts")).status_code for _ in range(3)] == [200, 200, 200]


async def test_a_request_without_a_token_takes_no_connection(ledger: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    database = ledger.app.state.database
    monkeypatch.setattr(database.engine.pool, "_timeout", 0.05)
    held = [await database.engine.connect() for _ in range(database.engine.pool.size())]
    answer = await ledger.anonymous().get("/v1/accounts")
    for connection in held:
        await connection.close()
    assert answer.status_code == 401


async def test_a_request_that_finds_no_free_connection_may_be_tried_again(
    ledger: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = ledger.app.state.database
    monkeypatch.setattr(database.engine.pool, "_timeout", 0.05)
    held = [await database.engine.connect() for _ in range(database.engine.pool.size())]
    answer = await ledger.client(READ).get("/v1/accounts")
    for connection in held:
        await connection.close()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert (await ledger.client(READ).get("/v1/accounts")).status_code == 200


async def measured(where: Service, name: str, **labels: str) -> float:
    """A figure of the service's metrics."""
    families = text_string_to_metric_families((await where.anonymous().get("/metrics")).text)
    samples = [sample for family in families for sample in family.samples]
    return sum(s.value for s in samples if s.name == name and labels.items() <= s.labels.items())


async def test_answers_are_counted_by_their_class(ledger: Service) -> None:
    async def counts() -> list[float]:
        return [
            await measured(ledger, "concordat_http_requests_total", service="ledger", method="PUT", status=status)
            for status in ("4xx", "2xx")
        ]

    before = await counts()
    await ledger.anonymous().put("/v1/accounts")
    assert await counts() == [before[0] + 1, before[1]]


async def test_events_are_counted_when_they_are_said_and_when_they_are_heard(running_ledger: Service) -> None:
    async def counts() -> tuple[float, ...]:
        names = ("concordat_events_relayed_total", "concordat_events_applied_total", "concordat_journal_unpublished")
        return tuple([await measured(running_ledger, name, service="ledger") for name in names])

    relayed, applied, _ = await counts()
    await running_ledger.client(WRITE).post("/v1/accounts", json={"name": "Ida"})

    async def counted() -> bool:
        return await counts() == (relayed + 1, applied + 1, 0)

    await eventually(counted)
