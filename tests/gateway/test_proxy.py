"""Requests on their way to a service and answers on their way back, over real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from gateway import incoming
from tests.gateway.conftest import District, Gateway, Staged

MEGABYTE = 1_000_000
CSV = {"content-type": "text/csv"}


async def exchange(gateway: Gateway, method: str, path: str, **fields: str) -> tuple[bytes, bytes]:
    """The head and the body of an answer to a request that no client library has tidied up."""
    host, port = gateway.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    fields |= {"host": "x", "connection": "close", "authorization": f"Bearer {await gateway.token()}"}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    head = await reader.readuntil(b"\r\n\r\n")
    body = await reader.read()
    writer.close()
    return head, body


async def test_a_service_answers_through_the_gateway(district: District) -> None:
    client = await district.gateway.client()
    made = await client.post("/v1/organizations", json={"name": "AUSL", "types": ["operator"]})
    read = await client.get(made.headers["location"])
    assert (made.status_code, read.status_code, read.json()["name"]) == (201, 200, "AUSL")
    assert read.headers["etag"] == '"1"'


async def test_a_service_checks_the_scopes_itself(district: District) -> None:
    secret = await district.gateway.register("reader", "registry:read")
    client = await district.gateway.client("reader", secret)
    answer = await client.post("/v1/organizations", json={"name": "AUSL", "types": ["operator"]})
    assert (answer.status_code, answer.json()["scope"]) == (403, "registry:write")


async def test_a_refusal_of_the_service_passes_as_it_is(district: District) -> None:
    answer = await (await district.gateway.client()).post("/v1/organizations", json={"name": 1})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert {error["field"] for error in answer.json()["errors"]} == {"body.name", "body.types"}


async def test_without_a_token_nothing_is_passed_on(staged: Staged) -> None:
    answer = await staged.gateway.anonymous().get("/v1/ratings/echo")
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert staged.service.requests == []


async def test_a_file_is_imported_through_the_gateway(district: District) -> None:
    rows = [f"district:d,{number},{'A school with a long name ' * 7}{number}" for number in range(6_000)]
    file = "\n".join(["aliasSystem,aliasValue,name", *rows])
    assert len(file) > MEGABYTE
    answer = await (await district.gateway.client()).post(
        "/v1/imports/schools",
        params={"validFrom": "2018-07-01", "source": "test", "dryRun": "true"},
        content=file,
        headers=CSV,
        timeout=60,
    )
    assert (answer.status_code, answer.json()["rows"]) == (200, 6_000)


async def test_the_way_in_says_who_came_from_where(staged: Staged) -> None:
    client = await staged.gateway.client()
    told = {
        "x-forwarded-for": "10.9.8.7",
        "forwarded": "for=10.9.8.7",
        "x-real-ip": "10.9.8.7",
        "connection": "x-private",
        "x-private": "for this connection only",
        "te": "trailers",
        "accept": "text/csv",
        "tracestate": "vendor=1",
    }
    said = (await client.get("/v1/ratings/echo?a=%2F&b=c+d", headers=told)).json()
    fields = dict(said["headers"])
    assert (said["path"], said["query"]) == ("/v1/ratings/echo", "a=%2F&b=c+d")
    assert fields["authorization"] == client.headers["authorization"]
    assert (fields["accept"], fields["tracestate"]) == ("text/csv", "vendor=1")
    assert (fields["x-forwarded-for"], fields["x-forwarded-proto"]) == ("127.0.0.1", "http")
    assert fields["x-forwarded-host"] == client.base_url.netloc.decode()
    assert fields.keys().isdisjoint({"forwarded", "x-real-ip", "x-private", "te"})


async def test_one_trace_and_one_request_id_go_in_and_come_back(staged: Staged) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    answer = await (await staged.gateway.client()).get(
        "/v1/ratings/echo", headers={"traceparent": trace, "x-request-id": "mine"}
    )
    inside = [field for field in answer.json()["headers"] if field[0] in {"traceparent", "x-request-id"}]
    assert sorted(name for name, _ in inside) == ["traceparent", "x-request-id"]
    assert dict(inside)["x-request-id"] == "mine"
    assert dict(inside)["traceparent"].split("-")[1] == trace.split("-")[1]
    assert answer.headers.get_list("x-request-id") == ["mine"]
    (back,) = answer.headers.get_list("traceparent")
    assert back.split("-")[1] == trace.split("-")[1]


async def test_no_field_of_an_answer_is_doubled(district: District) -> None:
    answer = await (await district.gateway.client()).get("/v1/schools")
    names = [name.lower() for name, _ in answer.headers.raw]
    assert sorted(names) == sorted(set(names))
    assert int(answer.headers["content-length"]) == len(answer.content)


@pytest.mark.parametrize("path", ["/v1/ratings/../../metrics", "/v1/ratings/%2e%2e/%2e%2e/health", "/v1/ratings//x"])
async def test_a_path_arrives_as_the_client_spelled_it(staged: Staged, path: str) -> None:
    await exchange(staged.gateway, "GET", path)
    assert [asked for _, asked, _ in staged.service.requests] == [path]


async def test_an_upload_streams(staged: Staged) -> None:
    """The service has the first piece before the client has sent the last."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b"x" * MEGABYTE
        await asyncio.wait_for(staged.service.seen.wait(), 10)
        staged.service.go_on.set()
        for _ in range(63):
            yield b"x" * MEGABYTE

    answer = await (await staged.gateway.client()).post("/v1/measures/upload", content=pieces(), timeout=60)
    assert answer.json() == {"bytes": 64 * MEGABYTE}


async def test_a_slow_service_slows_the_client_down(staged: Staged) -> None:
    """Nothing heaps up in the gateway: what is on the way fits into the buffers of the sockets."""
    sent = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(200):
            yield b"x" * MEGABYTE
            sent += 1

    client = await staged.gateway.client()
    upload = asyncio.create_task(client.post("/v1/measures/upload", content=pieces(), timeout=60))
    await asyncio.wait_for(staged.service.seen.wait(), 10)
    before = -1
    while before != sent:
        before = sent
        await asyncio.sleep(0.2)
    assert sent < 50
    staged.service.go_on.set()
    assert (await upload).json() == {"bytes": 200 * MEGABYTE}


async def test_a_download_streams(staged: Staged) -> None:
    """The client has the first piece before the service has sent the last."""
    client = await staged.gateway.client()
    async with client.stream("GET", "/v1/ratings/download") as answer:
        received = 0
        async for piece in answer.aiter_raw():
            received += len(piece)
            staged.service.go_on.set()
    assert received == len("first") + 32 * MEGABYTE + len("last")


async def test_a_body_arrives_unchanged_with_its_length(staged: Staged) -> None:
    answer = await (await staged.gateway.client()).put("/v1/ratings/echo", content=b"\x00\xff" * 100_000)
    assert answer.json()["bytes"] == 200_000
    assert dict(answer.json()["headers"])["content-length"] == "200000"


async def test_an_answer_without_content_passes(staged: Staged) -> None:
    client = await staged.gateway.client()
    assert (await client.delete("/v1/ratings/empty")).status_code == 204
    assert (await client.head("/v1/ratings/echo")).status_code == 200


async def test_a_body_declared_too_large_is_refused_before_it_is_sent(staged: Staged) -> None:
    fields = {"content-length": "256000001", "expect": "100-continue"}
    head, body = await exchange(staged.gateway, "POST", "/v1/measures/upload", **fields)
    assert head.startswith(b"HTTP/1.1 413 ")
    assert json.loads(body)["limitBytes"] == 256_000_000
    assert staged.service.requests == []


async def test_a_body_that_turns_out_too_large_is_refused(staged: Staged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "LIMIT_BYTES", 3 * MEGABYTE)
    staged.service.go_on.set()

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(4):
            yield b"x" * MEGABYTE

    answer = await (await staged.gateway.client()).post("/v1/measures/upload", content=pieces())
    assert (answer.status_code, answer.json()["title"]) == (413, "Too large")


async def test_a_body_that_does_not_come_is_not_waited_for(staged: Staged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "PIECE_SECONDS", 0.05)
    for length in ("10", "10000000"):
        head, _ = await exchange(staged.gateway, "POST", "/v1/measures/echo", **{"content-length": length})
        assert head.startswith(b"HTTP/1.1 408 ")


async def test_what_no_service_answers_is_not_found(gateway: Gateway) -> None:
    client = await gateway.client()
    for path in ("/v1/nothing", "/v1", "/v1/schoolsandmore", "//v1/schools"):
        assert (await client.get(path)).status_code == 404, path
