"""Clients: who may manage them, their secrets, and their end."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import text

from tests.gateway.conftest import SECRET, Gateway, GatewayOf
from tests.kit.conftest import eventually

GRANT = {"grant_type": "client_credentials"}
ORGANIZATION = "0198c0de-0000-7000-8000-000000000001"
SIS = {"clientId": "sis", "name": "Student information system", "scopes": ["registry:read"]}


async def test_a_registered_client_is_shown_without_its_secret(gateway: Gateway) -> None:
    platform = await gateway.client()
    made = await platform.post("/v1/clients", json=SIS | {"organizationId": ORGANIZATION})
    shown = await platform.get(made.headers["location"])
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    assert len(made.json()["clientSecret"]) >= 40
    assert shown.json() == {key: value for key, value in made.json().items() if key != "clientSecret"}
    assert (shown.json()["organizationId"], shown.json()["revokedAt"]) == (ORGANIZATION, None)


async def test_a_secret_is_kept_as_an_argon2id_hash_only(gateway: Gateway) -> None:
    await gateway.register("sis", "registry:read")
    async with gateway.app.state.database.snapshot() as session:
        hashes = list(await session.scalars(text("select secret_hash from client")))
    assert len(hashes) == 2
    assert all(kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for kept in hashes)


async def test_an_id_is_given_once(gateway: Gateway) -> None:
    await gateway.register("sis", "registry:read")
    answer = await (await gateway.client()).post("/v1/clients", json=SIS)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:concordat:problem:client-exists")


async def test_two_registrations_at_once_make_one_client(gateway: Gateway) -> None:
    platform = await gateway.client()
    answers = await asyncio.gather(*(platform.post("/v1/clients", json=SIS) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    (secret,) = [answer.json()["clientSecret"] for answer in answers if answer.status_code == 201]
    assert await gateway.token("sis", secret)


async def test_everything_wrong_with_a_client_is_named_at_once(shared_gateway: Gateway) -> None:
    body = {"clientId": "a b", "name": "", "scopes": ["registry:read", "everything"], "secret": "mine"}
    answer = await (await shared_gateway.client()).post("/v1/clients", json=body)
    errors = {error["field"]: error["message"] for error in answer.json()["errors"]}
    assert answer.status_code == 422
    assert errors.keys() == {"body.clientId", "body.name", "body.scopes.1", "body.secret"}
    assert "registry:read, " in errors["body.scopes.1"]


async def test_clients_are_listed_page_by_page(gateway: Gateway) -> None:
    for client_id in ("c", "a", "b"):
        await gateway.register(client_id, "registry:read")
    platform = await gateway.client()
    first = (await platform.get("/v1/clients", params={"limit": 2})).json()
    second = (await platform.get("/v1/clients", params={"limit": 2, "cursor": first["nextCursor"]})).json()
    assert [item["clientId"] for item in first["items"] + second["items"]] == ["a", "b", "c", "platform"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/clients", None),
        ("GET", "/v1/clients/platform", None),
        ("POST", "/v1/clients", SIS),
        ("POST", "/v1/clients/operator/secret", None),
        ("POST", "/v1/clients/operator/revocation", None),
    ],
)
async def test_who_acts_for_an_organization_manages_no_clients(
    gateway: Gateway, method: str, path: str, body: dict[str, object] | None
) -> None:
    secret = await gateway.register("operator", "clients:read", "clients:write", organization_id=ORGANIZATION)
    answer = await (await gateway.client("operator", secret)).request(method, path, json=body)
    assert (answer.status_code, answer.json()["title"]) == (403, "Not allowed")


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/v1/clients", "clients:read"),
        ("GET", "/v1/clients/sis", "clients:read"),
        ("POST", "/v1/clients", "clients:write"),
        ("POST", "/v1/clients/sis/secret", "clients:write"),
        ("POST", "/v1/clients/sis/revocation", "clients:write"),
    ],
)
async def test_each_route_needs_its_scope(shared_gateway: Gateway, method: str, path: str, scope: str) -> None:
    answer = await (await shared_gateway.client(scope="registry:read")).request(method, path, json=SIS)
    assert (answer.status_code, answer.json()["scope"]) == (403, scope)


async def test_nobody_hands_out_scopes_that_it_lacks(gateway: Gateway) -> None:
    strong = await gateway.register("strong", "ratings:publish")
    clerk = await gateway.client("clerk", await gateway.register("clerk", "clients:write", "registry:read"))
    new = await clerk.post("/v1/clients", json=SIS | {"scopes": ["registry:read", "ratings:publish"]})
    renewed = await clerk.post("/v1/clients/strong/secret")
    assert (new.status_code, new.json()["scopes"]) == (403, ["ratings:publish"])
    assert (renewed.status_code, renewed.json()["scopes"]) == (403, ["ratings:publish"])
    assert await gateway.token("strong", strong)


async def test_a_new_secret_voids_the_old_one(gateway: Gateway) -> None:
    old = await gateway.register("sis", "registry:read")
    answer = await (await gateway.client()).post("/v1/clients/sis/secret")
    refused = await gateway.anonymous().post("/oauth/token", data=GRANT, auth=("sis", old))
    assert (answer.status_code, answer.headers["cache-control"], refused.status_code) == (200, "no-store", 401)
    assert await gateway.token("sis", answer.json()["clientSecret"])


async def test_a_client_that_is_not_there_is_not_found(shared_gateway: Gateway) -> None:
    platform = await shared_gateway.client()
    answers = [
        await platform.get("/v1/clients/nobody"),
        await platform.post("/v1/clients/nobody/secret"),
        await platform.post("/v1/clients/nobody/revocation"),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


async def test_a_revoked_client_is_refused_at_once_everywhere(gateway: Gateway) -> None:
    secret = await gateway.register("sis", "registry:read", "clients:read")
    client = await gateway.client("sis", secret)
    assert (await client.get("/v1/clients")).status_code == 200
    revoked = await (await gateway.client()).post("/v1/clients/sis/revocation")
    assert (revoked.status_code, revoked.json()["revokedAt"] is None) == (200, False)
    assert (await client.get("/v1/clients")).status_code == 401
    assert (await client.get("/v1/schools")).status_code == 401
    refused = await gateway.anonymous().post("/oauth/token", data=GRANT, auth=("sis", secret))
    assert refused.json()["error"] == "invalid_client"


async def test_a_revocation_reaches_other_processes_within_two_seconds(gateway_of: GatewayOf) -> None:
    async with gateway_of() as here, gateway_of(beside=here) as there:
        token = await here.token("sis", await here.register("sis", "clients:read"))
        elsewhere = there.anonymous()
        elsewhere.headers["authorization"] = f"Bearer {token}"
        assert (await elsewhere.get("/v1/clients")).status_code == 200
        await (await here.client()).post("/v1/clients/sis/revocation")

        async def refused() -> bool:
            return (await elsewhere.get("/v1/clients")).status_code == 401

        await eventually(refused, seconds=2)


async def test_a_revocation_is_for_good_and_may_be_repeated(gateway: Gateway) -> None:
    await gateway.register("sis", "registry:read")
    platform = await gateway.client()
    answers = [await platform.post("/v1/clients/sis/revocation") for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert (await platform.post("/v1/clients/sis/secret")).status_code == 409


@pytest.mark.parametrize("what", ["secret", "revocation"])
async def test_the_platform_client_is_managed_by_its_file(shared_gateway: Gateway, what: str) -> None:
    answer = await (await shared_gateway.client()).post(f"/v1/clients/platform/{what}")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:concordat:problem:managed-by-file")


async def test_a_new_secret_in_the_file_counts_from_the_next_start(gateway_of: GatewayOf) -> None:
    async with gateway_of() as before:
        before.settings.bootstrap_secret_file.write_text("another secret of the platform")
    async with gateway_of(beside=before) as after:
        assert await after.token(secret="another secret of the platform")
        refused = await after.anonymous().post("/oauth/token", data=GRANT, auth=("platform", SECRET))
        assert refused.status_code == 401


async def test_processes_may_start_at_once(gateway_of: GatewayOf) -> None:
    async with gateway_of() as first, first.app.state.database.transaction() as session:
        await session.execute(text("delete from client"))
    async with AsyncExitStack() as stack:
        starts = (stack.enter_async_context(gateway_of(beside=first)) for _ in range(4))
        running = await asyncio.gather(*starts)
        assert [bool(await gateway.token()) for gateway in running] == [True] * 4
