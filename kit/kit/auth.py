"""Who is calling: RFC 9068 access tokens, verified by every service itself, and the scope each route needs."""

import asyncio
import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any
from uuid import UUID

import httpx2
from fastapi import Depends, Request
from fastapi.security import OAuth2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64decode

from kit.errors import Forbidden, Unauthenticated, Unavailable
from kit.telemetry import log

ALGORITHMS = ["ES256"]
MAX_TOKEN_LENGTH = 8192
LEEWAY_SECONDS = 60
FETCH_SECONDS = 5
RETRY_SECONDS = 1
REFETCH_SECONDS = 30
KEYS_FRESH_SECONDS = 600
REMEMBERED_TOKENS = 1000
"""Tokens, by their hashes, whose signature has been checked with the present keys: clients send one for minutes."""


@dataclass(frozen=True)
class Caller:
    """A verified client: which organization it acts for (None: the platform's own administrator) and its scopes."""

    client_id: str
    organization_id: UUID | None
    scopes: frozenset[str]


@dataclass
class TokenVerifier:
    """Verifies access tokens against a key set that is fetched, cached and kept on disk."""

    issuer: str
    audience: str
    jwks_url: str
    jwks_cache: Path | None = None
    keys: KeySet | None = None
    _fetched_at: float = float("-inf")
    _tried_at: float = float("-inf")
    _fetching: asyncio.Lock = field(default_factory=asyncio.Lock)
    _registry: JWSRegistry = field(default_factory=lambda: JWSRegistry(algorithms=ALGORITHMS))
    _checked: dict[bytes, Mapping[str, Any]] = field(default_factory=dict)

    def trust(self, keys: KeySet) -> None:
        """Verify with these keys and fetch no others: for whoever signs the tokens itself."""
        self._use(keys)
        self._fetched_at = self._tried_at = float("inf")

    def _use(self, keys: KeySet) -> None:
        self.keys = keys
        self._checked.clear()

    async def verify(self, token: str, now: float | None = None) -> Caller:
        """The caller that `token` stands for. Raises what `claims` raises."""
        return caller_of(await self.claims(token, now))

    async def claims(self, token: str, now: float | None = None) -> Mapping[str, Any]:
        """What `token` says.

        Raises Unauthenticated if the signature, type, issuer, audience or time is wrong,
        Unavailable if the signing keys cannot be had.
        """
        if len(token) > MAX_TOKEN_LENGTH:
            raise Unauthenticated("The access token is too long.")
        claims = await self._signed_claims(token)
        _check(claims, self.issuer, self.audience, time.time() if now is None else now)
        return claims

    async def _signed_claims(self, token: str) -> Mapping[str, Any]:
        stale = time.monotonic() - self._fetched_at > KEYS_FRESH_SECONDS
        # With old keys at hand, one caller waits for the new ones and the others go on.
        if self.keys is None or (stale and not self._fetching.locked()):
            await self._refresh()
        try:
            return self._decode_once(token)
        except Unauthenticated:
            if not self._unknown_key(token):
                raise
            # A key that we do not know may be newer than our set.
            await self._refresh()
            return self._decode_once(token)

    def _decode_once(self, token: str) -> Mapping[str, Any]:
        digest = sha256(token.encode(errors="surrogatepass")).digest()
        claims = self._checked.get(digest)
        if claims is None:
            claims = self._checked[digest] = self._decode(token)
            if len(self._checked) > REMEMBERED_TOKENS:
                del self._checked[next(iter(self._checked))]
        return claims

    def _decode(self, token: str) -> Mapping[str, Any]:
        if self.keys is None:
            raise Unavailable("The signing keys cannot be fetched for the moment; try again.")
        try:
            decoded = jwt.decode(token, self.keys, algorithms=ALGORITHMS, registry=self._registry)
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unauthenticated("The access token is not one of ours: its signature or form is wrong.") from error
        if decoded.header.get("typ") != "at+jwt":
            raise Unauthenticated("The token is not an access token (`typ` must be `at+jwt`).")
        return MappingProxyType(dict(decoded.claims))

    def _unknown_key(self, token: str) -> bool:
        try:
            header = json.loads(urlsafe_b64decode(token.split(".")[0].encode()))
        except ValueError:
            return False
        known = {key.kid for key in self.keys.keys} if self.keys else set()
        return isinstance(header, dict) and header.get("kid") not in known

    async def _refresh(self) -> None:
        """Fetch the key set, unless that was tried a moment ago: forged tokens and a dead issuer cost one try."""
        async with self._fetching:
            pause = REFETCH_SECONDS if self.keys is not None else RETRY_SECONDS
            if time.monotonic() - self._tried_at >= pause:
                await self._fetch()
                self._tried_at = time.monotonic()

    async def _fetch(self) -> None:
        try:
            async with httpx2.AsyncClient(timeout=FETCH_SECONDS, trust_env=False) as client:
                answer = await client.get(self.jwks_url)
                answer.raise_for_status()
            self._use(_key_set(answer.content))
        except (httpx2.HTTPError, ValueError) as error:
            log.warning("keys.not_fetched", error=type(error).__name__)
            self._recall()
        else:
            self._fetched_at = time.monotonic()
            self._keep(answer.content)

    def _recall(self) -> None:
        if self.keys is None and self.jwks_cache is not None:
            with suppress(OSError, ValueError):
                self._use(_key_set(self.jwks_cache.read_bytes()))

    def _keep(self, content: bytes) -> None:
        if self.jwks_cache is None:
            return
        # Written beside its place and moved there: other processes of the service read it.
        fresh = self.jwks_cache.with_name(f"{self.jwks_cache.name}.{os.getpid()}")
        try:
            self.jwks_cache.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(content)
            fresh.replace(self.jwks_cache)
        except OSError as error:
            log.warning("keys.not_kept", error=error.strerror)


def _key_set(content: bytes) -> KeySet:
    """The key set in a JWKS document. Raises ValueError if it is none."""
    try:
        return KeySet.import_key_set(json.loads(content))
    except (JoseError, KeyError, TypeError, AttributeError) as error:
        raise ValueError("This is not a JSON Web Key Set.") from error


def caller_of(claims: Mapping[str, Any]) -> Caller:
    """The caller that verified claims name. Raises Unauthenticated if `org` is not an organization's identifier."""
    organization = claims.get("org")
    try:
        organization_id = UUID(str(organization)) if organization is not None else None
    except ValueError as error:
        raise Unauthenticated("The access token names an organization that cannot be.") from error
    return Caller(
        client_id=str(claims["client_id"]),
        organization_id=organization_id,
        scopes=frozenset(str(claims.get("scope", "")).split()),
    )


def _check(claims: Mapping[str, Any], issuer: str, audience: str, now: float) -> None:
    if claims.get("iss") != issuer:
        raise Unauthenticated("The access token comes from another issuer.")
    audiences = claims.get("aud")
    if audience not in (audiences if isinstance(audiences, list) else [audiences]):
        raise Unauthenticated(f"The access token is for another audience than `{audience}`.")
    expires, not_before = claims.get("exp"), claims.get("nbf", 0)
    if not isinstance(expires, int | float) or expires + LEEWAY_SECONDS < now:
        raise Unauthenticated("The access token has expired: ask for a new one at /oauth/token.")
    if not isinstance(not_before, int | float) or not_before - LEEWAY_SECONDS > now:
        raise Unauthenticated("The access token is not yet valid.")
    if not isinstance(claims.get("client_id"), str) or not claims["client_id"]:
        raise Unauthenticated("The access token names no client.")


def bearer_token(header: str | None) -> str:
    """The token in an Authorization header (RFC 6750). Raises Unauthenticated if there is none."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Send `Authorization: Bearer <access token>`; a token comes from /oauth/token.")
    return token.strip()


# Only for the OpenAPI document: the verification itself is in `require`.
_documented = OAuth2(flows={"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": {}}}, auto_error=False)


async def _caller(request: Request, _: Annotated[str | None, Depends(_documented)]) -> Caller:
    verifier: TokenVerifier = request.app.state.verifier
    caller = await verifier.verify(bearer_token(request.headers.get("authorization")))
    request.scope["concordat.client"] = caller.client_id
    return caller


def require(scope: str) -> Any:
    """A dependency: the caller, if its token grants `scope`; 401 without a token, 403 naming the missing scope."""

    async def granted(caller: Annotated[Caller, Depends(_caller)]) -> Caller:
        if scope not in caller.scopes:
            raise Forbidden(f"The access token lacks the scope `{scope}`.", scope=scope)
        return caller

    granted.scope = scope  # type: ignore[attr-defined]  # the house test reads it
    return Depends(granted)
