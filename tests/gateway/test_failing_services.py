"""Services that are down, silent, or break off; clients that leave."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from launcher.embedded import free_port

from tests.gateway.conftest import District, GatewayOf, Staged
from tests.gateway.serving import serve
from tests.gateway.stand_in import StandIn


async def test_a_service_that_is_down_is_named_and_the_others_go_on(district: District) -> None:
    client = await district.gateway.client()
    down = await client.get("/v1/ratings")
    assert (down.status_code, down.json()["service"]) == (503, "accountability")
    assert (down.headers["content-type"], down.headers["retry-after"]) == ("application/problem+json", "2")
    assert (await client.get("/v1/schools")).status_code == 200


async def test_a_service_that_comes_back_is_used_again(gateway_of: GatewayOf) -> None:
    port = free_port()
    async with gateway_of(accountability_url=f"http://127.0.0.1:{port}") as gateway:
        client = await gateway.client()
        statuses = [(await client.get("/v1/ratings/echo")).status_code]
        async with serve(StandIn(), port):
            statuses.append((await client.get("/v1/ratings/echo")).status_code)
        statuses.append((await client.get("/v1/ratings/tagged")).status_code)
        async with serve(StandIn(), port):
            statuses.append((await client.get("/v1/ratings/echo?again")).status_code)
    assert statuses == [503, 200, 503, 200]


async def test_a_service_that_is_silent_is_named(gateway_of: GatewayOf) -> None:
    async with serve(StandIn()) as url, gateway_of(accountability_url=url, answer_seconds=0.1) as gateway:
        answer = await (await gateway.client()).get("/v1/ratings/silent")
    assert (answer.status_code, answer.json()["service"]) == (504, "accountability")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_file_has_a_patience_of_its_own(gateway_of: GatewayOf) -> None:
    async with serve(StandIn()) as url, gateway_of(accountability_url=url, file_answer_seconds=0.1) as gateway:
        answer = await (await gateway.client()).post("/v1/ratings/silent", content=b"x" * 100_000)
    assert (answer.status_code, answer.json()["service"]) == (504, "accountability")


async def test_an_answer_that_breaks_off_is_not_taken_for_whole(staged: Staged) -> None:
    client = await staged.gateway.client()
    with pytest.raises(httpx2.RemoteProtocolError):
        await client.get("/v1/ratings/broken")


async def test_a_client_that_leaves_ends_the_call(staged: Staged) -> None:
    client = await staged.gateway.client()
    call = asyncio.create_task(client.get("/v1/ratings/silent"))
    await asyncio.wait_for(staged.service.seen.wait(), 10)
    call.cancel()
    await asyncio.wait_for(staged.service.left_alone.wait(), 10)


async def test_many_clients_that_leave_do_no_harm(staged: Staged) -> None:
    client = await staged.gateway.client()
    calls = [asyncio.create_task(client.get(f"/v1/ratings/silent?{number}")) for number in range(50)]
    await asyncio.wait_for(staged.service.seen.wait(), 10)
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    answers = await asyncio.gather(*(client.get(f"/v1/ratings/echo?{number}") for number in range(50)))
    assert {answer.status_code for answer in answers} == {200}


@asynccontextmanager
async def closing_server(answered_from: int) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that closes each connection without a word, until request number `answered_from`; what it was asked."""
    asked: list[bytes] = []

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0)
        asked.append(await reader.readexactly(length))
        if len(asked) >= answered_from:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve_one, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


@pytest.mark.parametrize(
    ("method", "headers", "status", "times"),
    [
        ("GET", {}, 200, 2),
        ("PUT", {}, 200, 2),
        ("DELETE", {}, 200, 2),
        ("POST", {"idempotency-key": "a"}, 200, 2),
        ("PATCH", {"idempotency-key": "a"}, 200, 2),
        ("POST", {}, 503, 1),
        ("PATCH", {}, 503, 1),
    ],
)
async def test_what_may_be_repeated_is_tried_once_more(
    gateway_of: GatewayOf, method: str, headers: dict[str, str], status: int, times: int
) -> None:
    async with closing_server(2) as (url, asked), gateway_of(accountability_url=url) as gateway:
        client: httpx2.AsyncClient = await gateway.client()
        body = b"" if method in {"GET", "DELETE"} else b'{"a": 1}'
        answer = await client.request(method, "/v1/runs", content=body, headers=headers)
    assert (answer.status_code, asked) == (status, [body] * times)


async def test_a_request_is_repeated_once_only(gateway_of: GatewayOf) -> None:
    async with closing_server(3) as (url, asked), gateway_of(accountability_url=url) as gateway:
        answer = await (await gateway.client()).post("/v1/runs", json={}, headers={"idempotency-key": "a"})
    assert (answer.status_code, answer.json()["service"], len(asked)) == (503, "accountability", 2)
