"""Answers remembered for a moment."""

import asyncio
from pathlib import Path
from uuid import uuid4

import httpx2
import nats
import pytest
from gateway.cache import OVERHEAD_BYTES, Cache, Key
from hypothesis import given
from hypothesis import strategies as st
from kit.auth import Caller
from launcher.embedded import EmbeddedNats, free_port

from tests.gateway.conftest import District, GatewayOf, Staged
from tests.gateway.serving import serve
from tests.gateway.stand_in import StandIn
from tests.kit.conftest import eventually

ECHO = "/v1/ratings/echo"


def status(answer: httpx2.Response) -> str:
    return answer.headers["cache-status"]


async def test_a_repeated_read_is_answered_from_memory(staged: Staged) -> None:
    client = await staged.gateway.client()
    first, second = await client.get(ECHO), await client.get(ECHO)
    assert (status(first), status(second)) == ("concordat; fwd=miss", "concordat; hit")
    assert (second.headers["age"], second.content) == ("0", first.content)
    assert len(staged.service.requests) == 1


async def test_an_answer_lives_for_a_moment_only(gateway_of: GatewayOf) -> None:
    service = StandIn()
    async with serve(service) as url, gateway_of(accountability_url=url, cache_seconds=0.05) as gateway:
        client = await gateway.client()
        await client.get(ECHO)

        async def asked_again() -> bool:
            return status(await client.get(ECHO)) == "concordat; fwd=miss"

        await eventually(asked_again, seconds=2)


async def test_the_cache_can_be_switched_off(gateway_of: GatewayOf) -> None:
    service = StandIn()
    async with serve(service) as url, gateway_of(accountability_url=url, cache_seconds=0) as gateway:
        client = await gateway.client()
        answers = [await client.get(ECHO) for _ in range(2)]
    assert [status(answer) for answer in answers] == ["concordat; fwd=bypass"] * 2
    assert len(service.requests) == 2


async def test_nothing_crosses_from_one_caller_to_another(staged: Staged) -> None:
    gateway, organization = staged.gateway, str(uuid4())
    clients = [
        await gateway.client(),
        await gateway.client(scope="ratings:read"),
        await gateway.client("one", await gateway.register("one", "ratings:read")),
        await gateway.client("two", await gateway.register("two", "ratings:read", organization_id=organization)),
        await gateway.client("three", await gateway.register("three", "ratings:read", organization_id=organization)),
    ]
    for client in clients:
        answer = await client.get(ECHO)
        assert status(answer) == "concordat; fwd=miss"
        assert dict(answer.json()["headers"])["authorization"] == client.headers["authorization"]


async def test_two_tokens_of_one_caller_share_what_is_remembered(staged: Staged) -> None:
    first, second = await staged.gateway.client(), await staged.gateway.client()
    await first.get(ECHO)
    assert first.headers["authorization"] != second.headers["authorization"]
    assert status(await second.get(ECHO)) == "concordat; hit"


async def test_a_former_caller_reads_nothing_from_memory(staged: Staged) -> None:
    client = await staged.gateway.client("one", await staged.gateway.register("one", "ratings:read"))
    await client.get(ECHO)
    await (await staged.gateway.client()).post("/v1/clients/one/revocation")
    assert (await client.get(ECHO)).status_code == 401


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (ECHO + "?a=1", {}),
        ("/v1/ratings/echo/echo", {}),
        (ECHO, {"accept": "text/csv"}),
        (ECHO, {"accept-encoding": "br"}),
    ],
)
async def test_another_question_gets_its_own_answer(staged: Staged, path: str, headers: dict[str, str]) -> None:
    client = await staged.gateway.client()
    await client.get(ECHO)
    assert status(await client.get(path, headers=headers)) == "concordat; fwd=miss"


@pytest.mark.parametrize("wish", ["no-cache", "no-store", "max-age=0, no-cache"])
async def test_a_client_may_ask_anew(staged: Staged, wish: str) -> None:
    client = await staged.gateway.client()
    await client.get(ECHO)
    staged.service.version = 2
    answer = await client.get(ECHO, headers={"cache-control": wish})
    assert (status(answer), answer.json()["version"]) == ("concordat; fwd=request", 2)


@pytest.mark.parametrize(
    "query",
    [
        "cache-control=no-store",
        "cache-control=private, no-cache",
        "cache-control=private, max-age=0",
        "vary=accept, cookie",
        "vary=*",
    ],
)
async def test_what_a_service_does_not_want_kept_is_not_kept(staged: Staged, query: str) -> None:
    client = await staged.gateway.client()
    answers = [await client.get(f"{ECHO}?{query}") for _ in range(2)]
    assert [status(answer) for answer in answers] == ["concordat; fwd=miss"] * 2


@pytest.mark.parametrize("query", ["cache-control=private, max-age=60", "vary=Accept, Accept-Encoding, Authorization"])
async def test_what_a_service_lets_the_caller_keep_is_kept(staged: Staged, query: str) -> None:
    client = await staged.gateway.client()
    answers = [await client.get(f"{ECHO}?{query}") for _ in range(2)]
    assert status(answers[1]) == "concordat; hit"


async def test_a_client_that_holds_the_version_gets_304_from_memory(staged: Staged) -> None:
    client = await staged.gateway.client()
    tag = (await client.get("/v1/ratings/tagged")).headers["etag"]
    answers = [
        await client.get("/v1/ratings/tagged", headers={"if-none-match": held})
        for held in (tag, f'"other", W/{tag}', "*", '"other"')
    ]
    assert [answer.status_code for answer in answers] == [304, 304, 304, 200]
    assert {status(answer) for answer in answers} == {"concordat; hit"}
    assert (answers[0].headers["etag"], answers[0].content) == (tag, b"")
    assert len(staged.service.requests) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_a_change_through_the_gateway_is_read_at_once(staged: Staged, method: str) -> None:
    client, reader = await staged.gateway.client(), await staged.gateway.client(scope="ratings:read")
    await reader.get(ECHO)
    staged.service.version = 2
    await client.request(method, "/v1/measures/echo")
    assert (await reader.get(ECHO)).json()["version"] == 2


async def test_an_answer_from_before_a_change_is_not_kept_after_it(staged: Staged) -> None:
    """A read is under way while a change passes: what it brings back is old."""
    client = await staged.gateway.client()
    read = asyncio.create_task(client.get("/v1/ratings/held"))
    await asyncio.wait_for(staged.service.seen.wait(), 10)
    staged.service.version = 2
    await client.post("/v1/measures/echo")
    staged.service.go_on.set()
    assert (await read).json()["version"] == 1
    assert (await client.get("/v1/ratings/held")).json()["version"] == 2


async def test_a_real_write_is_read_at_once(district: District) -> None:
    client = await district.gateway.client()
    names = []
    for number in range(5):
        await district.register_operator(f"Operator {number}")
        items = (await client.get("/v1/organizations")).json()["items"]
        names.append(len(items))
        assert status(await client.get("/v1/organizations")) in {"concordat; hit", "concordat; fwd=miss"}
    assert names == [1, 2, 3, 4, 5]


async def _an_event_forgets_everything(client: httpx2.AsyncClient, nats_url: str) -> None:
    """Speak until the gateway has heard it; what it remembers would live for a minute."""
    speaker = await nats.connect(nats_url)

    async def remembered() -> bool:
        return status(await client.get(ECHO)) == "concordat; hit"

    async def forgotten() -> bool:
        await speaker.publish("concordat.registry.school.of-a-test", b"{}")
        await speaker.flush()
        return status(await client.get(ECHO)) == "concordat; fwd=miss"

    await eventually(remembered)
    await eventually(forgotten)
    await speaker.close()


async def test_an_event_of_any_service_forgets_everything(gateway_of: GatewayOf) -> None:
    async with serve(StandIn()) as url, gateway_of(accountability_url=url, cache_seconds=60) as gateway:
        await _an_event_forgets_everything(await gateway.client(), gateway.settings.nats_url)


async def test_events_are_heard_again_after_the_transport_was_away(gateway_of: GatewayOf, tmp_path: Path) -> None:
    server = EmbeddedNats(tmp_path, free_port())
    async with (
        serve(StandIn()) as url,
        gateway_of(accountability_url=url, cache_seconds=60, nats_url=server.url) as gateway,
    ):
        client = await gateway.client()
        try:
            for _ in range(2):
                server.start()
                await _an_event_forgets_everything(client, server.url)
                server.stop()
        finally:
            server.stop()


async def test_a_gateway_without_the_transport_still_answers(gateway_of: GatewayOf) -> None:
    async with serve(StandIn()) as url, gateway_of(accountability_url=url, nats_url="nats://127.0.0.1:1") as gateway:
        assert (await (await gateway.client()).get(ECHO)).status_code == 200


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3_000)), max_size=60))
def test_the_cache_never_outgrows_its_capacity_and_keeps_the_last(changes: list[tuple[int, int]]) -> None:
    cache = Cache(60, capacity_bytes=10_000)
    caller = Caller("client", None, frozenset())
    for number, size in changes:
        key = Key(caller, b"/%d" % number, b"", ())
        cache.keep(key, [], b"x" * size, 60, cache.generation)
        kept = [entry for n in range(10) if (entry := cache.find(Key(caller, b"/%d" % n, b"", ())))]
        assert sum(len(entry.body) + OVERHEAD_BYTES for entry in kept) <= 10_000
        assert cache.find(key) is not None
