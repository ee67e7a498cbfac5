"""How often a client may ask."""

import re

from tests.gateway.conftest import GatewayOf


async def test_every_answer_says_what_is_left(gateway_of: GatewayOf) -> None:
    async with gateway_of(requests_per_minute=5) as gateway:
        client = await gateway.client()
        answers = [await client.get("/v1/schools") for _ in range(2)]
    assert [answer.headers["ratelimit-policy"] for answer in answers] == ['"default";q=5;w=60'] * 2
    left = [re.fullmatch(r'"default";r=(\d+);t=(\d+)', answer.headers["ratelimit"]) for answer in answers]
    assert [match and match[1] for match in left] == ["4", "3"]
    assert all(match and 1 <= int(match[2]) <= 60 for match in left)


async def test_who_has_used_up_its_requests_has_to_wait_and_others_go_on(gateway_of: GatewayOf) -> None:
    async with gateway_of(requests_per_minute=2) as gateway:
        other = await gateway.client("other", await gateway.register("other", "registry:read"))
        client = await gateway.client()
        answers = [await client.get("/v1/schools") for _ in range(3)]
        limited = answers[-1]
        assert [answer.status_code for answer in answers] == [503, 503, 429]
        assert limited.headers["content-type"] == "application/problem+json"
        assert limited.headers["ratelimit"].startswith('"default";r=0;t=')
        assert limited.headers["retry-after"] == str(limited.json()["retryAfter"])
        assert (await other.get("/v1/schools")).status_code == 503
