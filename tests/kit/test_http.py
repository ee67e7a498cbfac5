"""What every service does at its door."""

import httpx2
import pytest
from httpx2 import ASGITransport
from sqlalchemy import text

from tests.conftest import Service

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


async def test_the_commit_precedes_the_answer(ledger: Service) -> None:
    seen: list[int] = []
    inner = ledger.app

    async def spy(scope: dict, receive: object, send: object) -> None:  # type: ignore[type-arg]
        async def watch(message: dict) -> None:  # type: ignore[type-arg]
            if message["type"] == "http.response.start":
                async with ledger.app.state.database.snapshot() as session:
                    seen.append(await session.scalar(text("select count(*) from account")))
            await send(message)  # type: ignore[operator]

        await inner(scope, receive, watch)  # type: ignore[arg-type]

    headers = ledger.issuer.headers([WRITE])
    async with httpx2.AsyncClient(transport=ASGITransport(app=spy), base_url="http://x", headers=headers) as client:  # type: ignore[arg-type]
        await client.post("/v1/accounts", json={"name": "Ida"})
    assert seen == [1]


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
