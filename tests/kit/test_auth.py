"""Access tokens: what is let in, what is not, and what a dead or busy issuer costs."""

import asyncio
import base64
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from kit.auth import TokenVerifier
from kit.errors import Unauthenticated, Unavailable
from kit.testing import ISSUER, Issuer

from kit import auth
from tests.conftest import Service


class KeyServer:
    """Where an issuer publishes its keys, on loopback."""

    def __init__(self) -> None:
        self.keys = KeySet([])
        self.fetches = 0
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self) -> None:
        """Answer every request with the keys."""
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Answer no more."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    @property
    def url(self) -> str:
        """Where the key set is."""
        return f"http://127.0.0.1:{self.port}/.well-known/jwks.json"

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.fetches += 1
        body = json.dumps(self.keys.as_dict(private=False)).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()


@pytest.fixture
async def key_server(issuer: Issuer) -> AsyncIterator[KeyServer]:
    server = KeyServer()
    server.keys = issuer.keys
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def verifier(key_server: KeyServer) -> TokenVerifier:
    """What stands in every service."""
    return TokenVerifier(ISSUER, "ledger", key_server.url)


async def test_a_token_names_its_client_and_its_scopes(verifier: TokenVerifier, issuer: Issuer) -> None:
    caller = await verifier.verify(issuer.token(["a", "b"], client_id="district"))
    assert (caller.client_id, caller.scopes, caller.organization_id) == ("district", {"a", "b"}, None)


def encoded(*parts: bytes) -> str:
    """Parts in the outer form of a token."""
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def forged(header: dict[str, Any], key: Any, issuer: Issuer, **claims: Any) -> str:
    """A token with the right claims, signed some other way."""
    payload = issuer.token().split(".")[1]
    said = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return jwt.encode(header, said | claims, key)


def unsigned(issuer: Issuer) -> str:
    """A token that claims to need no signature."""
    header = encoded(json.dumps({"alg": "none", "typ": "at+jwt"}).encode())
    return f"{header}.{issuer.token().split('.')[1]}."


def signed_with_the_public_key(issuer: Issuer) -> str:
    """A token whose secret is the text of the public key: accepted by whoever lets the token choose the algorithm."""
    header = encoded(json.dumps({"alg": "HS256", "typ": "at+jwt", "kid": issuer.key.kid}).encode())
    signed = f"{header}.{issuer.token().split('.')[1]}"
    secret = issuer.key.as_pem(private=False)
    return f"{signed}.{encoded(hmac.digest(secret, signed.encode(), 'sha256'))}"


def signed_by_a_stranger(issuer: Issuer) -> str:
    """A token of the right form with another key under the right name."""
    stranger = ECKey.generate_key("P-256")
    return forged({"alg": "ES256", "typ": "at+jwt", "kid": issuer.key.kid}, stranger, issuer)


def of_another_type(issuer: Issuer) -> str:
    """An ID token, say."""
    return forged({"alg": "ES256", "typ": "JWT", "kid": issuer.key.kid}, issuer.key, issuer)


def with_a_critical_extension(issuer: Issuer) -> str:
    """A token that must be refused by whoever does not know its extension (RFC 7515, 4.1.11)."""
    token = issuer.token()
    header = {"alg": "ES256", "typ": "at+jwt", "kid": issuer.key.kid, "crit": ["exp-hours"], "exp-hours": 1}
    return ".".join([encoded(json.dumps(header).encode()), *token.split(".")[1:]])


def changed_after_signing(issuer: Issuer) -> str:
    """A token whose claims were raised."""
    head, _, signature = issuer.token(["ledger:read"]).split(".")
    return ".".join([head, issuer.token(["ledger:write"]).split(".")[1], signature])


BAD = [
    unsigned,
    signed_with_the_public_key,
    signed_by_a_stranger,
    of_another_type,
    with_a_critical_extension,
    changed_after_signing,
    lambda issuer: issuer.token(iss="https://elsewhere.test"),
    lambda issuer: issuer.token(audience=["registry"]),
    lambda issuer: issuer.token(aud="registry"),
    lambda issuer: issuer.token(aud=None),
    lambda issuer: issuer.token(lifetime=-61),
    lambda issuer: issuer.token(exp=None),
    lambda issuer: issuer.token(nbf=int(time.time()) + 62),
    lambda issuer: issuer.token(client_id=""),
    lambda issuer: issuer.token(client_id=None),
    lambda issuer: issuer.token(org="not-an-id"),
    lambda issuer: issuer.token() + "x" * 9000,
]
NAMES = [
    "unsigned",
    "HS256 with the public key",
    "stranger's key",
    "wrong typ",
    "crit",
    "changed claims",
    "wrong iss",
    "wrong aud",
    "wrong aud as text",
    "no aud",
    "expired",
    "no exp",
    "not yet valid",
    "empty client",
    "no client",
    "wrong org",
    "too long",
]


@pytest.mark.parametrize("make", BAD, ids=NAMES)
async def test_a_bad_token_is_refused(verifier: TokenVerifier, issuer: Issuer, make: Callable[[Issuer], str]) -> None:
    with pytest.raises(Unauthenticated):
        await verifier.verify(make(issuer))


async def test_clocks_may_differ_by_a_minute(verifier: TokenVerifier, issuer: Issuer) -> None:
    await verifier.verify(issuer.token(lifetime=-58))
    await verifier.verify(issuer.token(nbf=int(time.time()) + 58))


ANY_BYTES = st.lists(st.binary(), min_size=1, max_size=4).map(lambda parts: encoded(*parts))
ANY_JSON = st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=3) | st.dictionaries(
    st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jku"]), st.none() | st.integers() | st.just("ES256")
)


@given(st.text() | ANY_BYTES | ANY_JSON.map(lambda header: encoded(json.dumps(header).encode(), b"{}", b"{}")))
async def test_no_text_at_all_is_more_than_a_bad_token(ledger: Service, token: str) -> None:
    with pytest.raises(Unauthenticated):
        await ledger.app.state.verifier.verify(token)


@pytest.mark.parametrize("header", [None, "", "Basic dTpw", "Bearer", "Bearer  ", "Bearer x y"])
async def test_without_a_bearer_token_one_is_told_where_to_get_it(ledger: Service, header: str | None) -> None:
    answer = await ledger.anonymous().get("/v1/accounts", headers={"authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_missing_scope_is_named(ledger: Service) -> None:
    answer = await ledger.client("ledger:read").post("/v1/accounts", json={"name": "Ida"})
    assert (answer.status_code, answer.json()["scope"]) == (403, "ledger:write")


async def test_a_new_key_is_known_at_its_first_use(
    verifier: TokenVerifier, key_server: KeyServer, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await verifier.verify(issuer.token())
    monkeypatch.setattr(auth, "REFETCH_SECONDS", 0)
    successor = Issuer()
    key_server.keys = KeySet([*issuer.keys.keys, *successor.keys.keys])
    callers = await asyncio.gather(*(verifier.verify(successor.token()) for _ in range(10)))
    assert len(callers) == 10
    await verifier.verify(issuer.token())


async def test_a_key_that_was_withdrawn_is_refused(
    verifier: TokenVerifier, key_server: KeyServer, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await verifier.verify(issuer.token())
    monkeypatch.setattr(auth, "REFETCH_SECONDS", 0)
    monkeypatch.setattr(auth, "KEYS_FRESH_SECONDS", 0)
    key_server.keys = Issuer().keys
    with pytest.raises(Unauthenticated):
        await verifier.verify(issuer.token())


async def test_a_token_is_refused_once_its_key_is_withdrawn(
    verifier: TokenVerifier, key_server: KeyServer, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = issuer.token()
    await verifier.verify(token)
    monkeypatch.setattr(auth, "REFETCH_SECONDS", 0)
    monkeypatch.setattr(auth, "KEYS_FRESH_SECONDS", 0)
    key_server.keys = Issuer().keys
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)


async def test_a_token_expires_however_often_it_was_accepted(verifier: TokenVerifier, issuer: Issuer) -> None:
    token = issuer.token(lifetime=900)
    assert [(await verifier.verify(token)).client_id for _ in range(2)] == ["test", "test"]
    with pytest.raises(Unauthenticated, match="expired"):
        await verifier.verify(token, time.time() + 1000)


async def test_no_more_tokens_are_remembered_than_there_is_room_for(
    verifier: TokenVerifier, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "REMEMBERED_TOKENS", 2)
    tokens = [issuer.token(client_id=name) for name in "abc"]
    assert [(await verifier.verify(token)).client_id for token in tokens * 2] == list("abcabc")
    assert len(verifier._checked) == 2


async def test_forged_key_names_cost_no_more_than_the_first_fetch(
    verifier: TokenVerifier, key_server: KeyServer, issuer: Issuer
) -> None:
    await verifier.verify(issuer.token())
    forgeries = [Issuer().token() for _ in range(20)]
    outcomes = await asyncio.gather(*(verifier.verify(token) for token in forgeries), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Unauthenticated}
    assert key_server.fetches == 1


async def test_forged_key_names_cost_nothing_while_the_issuer_is_dead(
    verifier: TokenVerifier, key_server: KeyServer, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await verifier.verify(issuer.token())
    await key_server.stop()
    tries = 0
    fetch = TokenVerifier._fetch

    async def counted(self: TokenVerifier) -> None:
        nonlocal tries
        tries += 1
        await fetch(self)

    monkeypatch.setattr(TokenVerifier, "_fetch", counted)
    monkeypatch.setattr(auth, "KEYS_FRESH_SECONDS", 0)
    verifier._tried_at = float("-inf")
    for _ in range(20):
        await verifier.verify(issuer.token())
        with pytest.raises(Unauthenticated):
            await verifier.verify(Issuer().token())
    assert tries == 1


async def test_many_first_callers_fetch_the_keys_once(
    verifier: TokenVerifier, key_server: KeyServer, issuer: Issuer
) -> None:
    await asyncio.gather(*(verifier.verify(issuer.token()) for _ in range(20)))
    assert key_server.fetches == 1


async def test_without_any_keys_it_says_try_again(issuer: Issuer) -> None:
    with pytest.raises(Unavailable):
        await TokenVerifier(ISSUER, "ledger", "http://127.0.0.1:1/none").verify(issuer.token())


async def test_the_keys_on_disk_survive_a_dead_issuer_and_a_restart(
    key_server: KeyServer, issuer: Issuer, tmp_path: Path
) -> None:
    cache = tmp_path / "made" / "keys.json"
    await TokenVerifier(ISSUER, "ledger", key_server.url, cache).verify(issuer.token())
    await key_server.stop()
    restarted = TokenVerifier(ISSUER, "ledger", key_server.url, cache)
    assert (await restarted.verify(issuer.token())).client_id == "test"


@pytest.mark.parametrize("kept", [b"", b"{", b"[]", b'{"keys": []}', b'{"keys": 3}'])
async def test_a_broken_file_of_keys_is_as_good_as_none(issuer: Issuer, tmp_path: Path, kept: bytes) -> None:
    cache = tmp_path / "keys.json"
    cache.write_bytes(kept)
    with pytest.raises(Unavailable):
        await TokenVerifier(ISSUER, "ledger", "http://127.0.0.1:1/none", cache).verify(issuer.token())


async def test_a_disk_that_takes_nothing_stops_nobody(key_server: KeyServer, issuer: Issuer, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    verifier = TokenVerifier(ISSUER, "ledger", key_server.url, tmp_path / "file" / "keys.json")
    assert (await verifier.verify(issuer.token())).client_id == "test"
