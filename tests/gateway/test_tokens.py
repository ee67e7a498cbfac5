"""The token endpoint: three ways to send credentials, the errors of RFC 6749, and what a token says."""

import base64
import json
import time

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from kit.auth import TokenVerifier
from kit.errors import Unauthenticated

from tests.gateway.conftest import SECRET, Gateway, GatewayOf

GRANT = {"grant_type": "client_credentials"}
CREDENTIALS = {"client_id": "platform", "client_secret": SECRET}


async def ask(gateway: Gateway, **request: object) -> httpx2.Response:
    return await gateway.anonymous().post("/oauth/token", **request)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "request_",
    [
        {"data": GRANT, "auth": ("platform", SECRET)},
        {"data": GRANT | CREDENTIALS},
        {"json": GRANT | CREDENTIALS},
        {"json": GRANT, "auth": ("platform", SECRET)},
        {"data": GRANT | {"client_id": "platform"}, "auth": ("platform", SECRET)},
    ],
)
async def test_credentials_come_by_basic_form_or_json(shared_gateway: Gateway, request_: dict[str, object]) -> None:
    answer = await ask(shared_gateway, **request_)
    body = answer.json()
    assert (answer.status_code, body["token_type"], body["expires_in"]) == (200, "bearer", 900)
    assert answer.headers["cache-control"] == "no-store"
    assert "clients:write" in body["scope"].split()


async def test_every_service_takes_the_token_and_learns_who_calls(gateway: Gateway) -> None:
    organization = "0198c0de-0000-7000-8000-000000000001"
    secret = await gateway.register("sis", "registry:read", "ratings:read", organization_id=organization)
    token = await gateway.token("sis", secret)
    jwks = (await gateway.anonymous().get("/.well-known/jwks.json")).json()
    for service in ("registry", "accountability", "shared-services", "gateway"):
        verifier = TokenVerifier(gateway.settings.issuer, service, "unused")
        verifier.trust(KeySet.import_key_set(jwks))
        caller = await verifier.verify(token)
        assert (caller.client_id, str(caller.organization_id)) == ("sis", organization)
        assert caller.scopes == {"registry:read", "ratings:read"}


async def test_a_token_has_the_form_of_rfc_9068(shared_gateway: Gateway) -> None:
    token = await shared_gateway.token()
    keys = KeySet.import_key_set((await shared_gateway.anonymous().get("/.well-known/jwks.json")).json())
    decoded = jwt.decode(token, keys, algorithms=["ES256"])
    assert decoded.header == {"alg": "ES256", "typ": "at+jwt", "kid": keys.keys[0].kid}
    assert decoded.claims.keys() == {"iss", "aud", "sub", "client_id", "scope", "jti", "iat", "exp"}
    assert decoded.claims["exp"] - decoded.claims["iat"] == 900
    assert abs(decoded.claims["iat"] - time.time()) < 5


async def test_a_client_may_ask_for_fewer_scopes(shared_gateway: Gateway) -> None:
    answer = await ask(shared_gateway, data=GRANT | CREDENTIALS | {"scope": "registry:read ratings:read"})
    assert answer.json()["scope"] == "registry:read ratings:read"


async def test_a_client_gets_no_scope_that_it_does_not_have(gateway: Gateway) -> None:
    secret = await gateway.register("reader", "registry:read")
    answer = await ask(gateway, data=GRANT | {"scope": "registry:read clients:write"}, auth=("reader", secret))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize(
    ("request_", "status", "error"),
    [
        ({"data": GRANT | CREDENTIALS, "auth": ("platform", SECRET)}, 400, "invalid_request"),
        ({"data": GRANT | {"client_id": "other"}, "auth": ("platform", SECRET)}, 400, "invalid_request"),
        ({"data": GRANT}, 400, "invalid_request"),
        ({"data": CREDENTIALS}, 400, "invalid_request"),
        ({"data": CREDENTIALS | {"grant_type": "password"}}, 400, "unsupported_grant_type"),
        ({"json": GRANT | {"client_id": 1, "client_secret": []}}, 400, "invalid_request"),
        ({"content": "[1", "headers": {"content-type": "application/json"}}, 400, "invalid_request"),
        (
            {"content": b"\xff", "headers": {"content-type": "application/x-www-form-urlencoded"}},
            400,
            "invalid_request",
        ),
        (
            {
                "content": "grant_type=client_credentials&client_id=a&client_id=b&client_secret=c",
                "headers": {"content-type": "application/x-www-form-urlencoded"},
            },
            400,
            "invalid_request",
        ),
        ({"content": "x", "headers": {"content-type": "text/plain"}}, 400, "invalid_request"),
        ({"json": GRANT | CREDENTIALS | {"client_id": "\x00"}}, 401, "invalid_client"),
        ({"json": GRANT | CREDENTIALS | {"client_secret": "wrong"}}, 401, "invalid_client"),
        ({"data": GRANT, "headers": {"authorization": "Basic !!!"}}, 401, "invalid_client"),
        ({"data": GRANT, "headers": {"authorization": "Bearer abc"}}, 401, "invalid_client"),
    ],
)
async def test_refusals_are_those_of_rfc_6749(
    shared_gateway: Gateway, request_: dict[str, object], status: int, error: str
) -> None:
    answer = await ask(shared_gateway, **request_)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"]
    assert answer.headers["cache-control"] == "no-store"


async def test_a_failed_basic_authentication_is_challenged(shared_gateway: Gateway) -> None:
    answer = await ask(shared_gateway, data=GRANT, auth=("platform", "wrong"))
    assert answer.headers["www-authenticate"].startswith("Basic ")


async def test_an_unknown_client_looks_like_a_wrong_secret(shared_gateway: Gateway) -> None:
    unknown = await ask(shared_gateway, data=GRANT, auth=("nobody", SECRET))
    wrong = await ask(shared_gateway, data=GRANT, auth=("platform", "wrong"))
    assert (unknown.status_code, unknown.json()) == (wrong.status_code, wrong.json())
    assert set(unknown.headers) == set(wrong.headers)


async def test_an_unknown_client_costs_the_work_of_a_known_one(shared_gateway: Gateway) -> None:
    """Without the hash, an unknown client would cost a tenth of a known one."""

    async def cost(client_id: str) -> float:
        started = time.process_time()
        await ask(shared_gateway, data=GRANT, auth=(client_id, "wrong"))
        return time.process_time() - started

    known, unknown = [min([await cost(client_id) for _ in range(3)]) for client_id in ("platform", "nobody")]
    assert unknown > known / 2


async def test_repeated_failures_are_slowed_down_for_that_client_only(gateway: Gateway) -> None:
    secret = await gateway.register("other", "registry:read")
    for _ in range(10):
        assert (await ask(gateway, data=GRANT, auth=("platform", "wrong"))).status_code == 401
    limited = await ask(gateway, data=GRANT, auth=("platform", SECRET))
    assert (limited.status_code, limited.json()["error"]) == (429, "temporarily_unavailable")
    assert 1 <= int(limited.headers["retry-after"]) <= 60
    assert (await ask(gateway, data=GRANT, auth=("other", secret))).status_code == 200


async def test_nothing_secret_is_logged(gateway_of: GatewayOf, capfd: pytest.CaptureFixture[str]) -> None:
    async with gateway_of(log_level="DEBUG") as gateway:
        secret = await gateway.register("sis", "registry:read")
        client = await gateway.client("sis", secret)
        await client.get("/v1/schools")
        await ask(gateway, data=GRANT, auth=("sis", "a-wrong-secret-as-sent"))
        await ask(gateway, data=GRANT | {"client_secret": "half-a-request"})
    said = "".join(capfd.readouterr())
    token = client.headers["authorization"].removeprefix("Bearer ")
    basic = base64.b64encode(f"sis:{secret}".encode()).decode()
    assert "client.registered" in said
    for hidden in (secret, token, basic, SECRET, "a-wrong-secret-as-sent", "half-a-request", "argon2id"):
        assert hidden not in said


async def forged(gateway: Gateway, header: dict[str, object], **claims: object) -> str:
    """A token signed by the gateway's own key, but with another header or other claims."""
    key = gateway.app.state.signing_keys.current()
    now = int(time.time())
    said = {
        "iss": gateway.settings.issuer,
        "aud": ["registry", "gateway"],
        "client_id": "platform",
        "scope": "clients:read registry:read",
        "iat": now,
        "exp": now + 900,
    }
    return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": key.kid} | header, said | claims, key)


async def test_a_token_of_our_own_making_is_taken(shared_gateway: Gateway) -> None:
    """Shows that each refusal below has the one cause that its name says."""
    token = await forged(shared_gateway, {})
    answer = await shared_gateway.anonymous().get("/v1/clients", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ({}, {"aud": ["somewhere-else"]}),
        ({}, {"iss": "https://elsewhere.example"}),
        ({}, {"exp": int(time.time()) - 3600}),
        ({}, {"nbf": int(time.time()) + 3600}),
        ({"typ": "JWT"}, {}),
        ({"kid": "forged"}, {}),
    ],
    ids=["audience", "issuer", "expired", "not-yet", "type", "kid"],
)
@pytest.mark.parametrize("path", ["/v1/clients", "/v1/schools"])
async def test_a_token_that_is_wrong_in_one_thing_is_refused(
    shared_gateway: Gateway, header: dict[str, object], claims: dict[str, object], path: str
) -> None:
    token = await forged(shared_gateway, header, **claims)
    answer = await shared_gateway.anonymous().get(path, headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", ["/v1/clients", "/v1/schools"])
async def test_a_token_without_a_signature_is_refused(shared_gateway: Gateway, path: str) -> None:
    _, claims, _ = (await shared_gateway.token()).split(".")
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "at+jwt"}).encode()).decode().rstrip("=")
    for token in (f"{header}.{claims}.", f"{header}.{claims}.AAAA", "not.a.token", "x" * 9000):
        answer = await shared_gateway.anonymous().get(path, headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 401


async def test_a_remembered_token_still_ends(shared_gateway: Gateway) -> None:
    callers = shared_gateway.app.state.verifier
    token = await shared_gateway.token()
    await callers.verify(token)
    with pytest.raises(Unauthenticated):
        await callers.verify(token, now=time.time() + 1000)
