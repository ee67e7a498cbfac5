"""Who is calling: RFC 9068 access tokens, verified by every service itself, and the scope each route needs."""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
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

ALGORITHMS = ["ES256"]
MAX_TOKEN_LENGTH = 8192
LEEWAY_SECONDS = 60
REFETCH_SECONDS = 30
KEYS_FRESH_SECONDS = 600


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
    _fetched_at: float = field(default=float("-inf"))
    _registry: JWSRegistry = field(default_factory=lambda: JWSRegistry(algorithms=ALGORITHMS))

    def trust(self, keys: KeySet) -> None:
        """Verify with these keys and fetch no others: for whoever signs the tokens itself."""
        self.keys, self._fetched_at = keys, float("inf")

    async def verify(self, token: str, now: float | None = None) -> Caller:
        """The caller that `token` stands for.

        Raises Unauthenticated if the signature, type, issuer, audience or time is wrong,
        Unavailable if the signing keys cannot be had.
        """
        if len(token) > MAX_TOKEN_LENGTH:
            raise Unauthenticated("The access token is too long.")
        claims = await self._claims(token)
        _check(claims, self.issuer, self.audience, time.time() if now is None else now)
        organization = claims.get("org")
        return Caller(
            client_id=str(claims["client_id"]),
            organization_id=UUID(organization) if organization else None,
            scopes=frozenset(str(claims.get("scope", "")).split()),
        )

    async def _claims(self, token: str) -> dict[str, Any]:
        stale = time.monotonic() - self._fetched_at > KEYS_FRESH_SECONDS
        if self.keys is None or stale:
            await self._fetch()
        try:
            return self._decode(token)
        except Unauthenticated:
            # A key that we do not know may be newer than our set: look once, but not for every forged token.
            if not self._unknown_key(token) or time.monotonic() - self._fetched_at < REFETCH_SECONDS:
                raise
            await self._fetch()
            return self._decode(token)

    def _decode(self, token: str) -> dict[str, Any]:
        if self.keys is None:
            raise Unavailable("The signing keys cannot be fetched for the moment; try again.")
        try:
            decoded = jwt.decode(token, self.keys, algorithms=ALGORITHMS, registry=self._registry)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise Unauthenticated("The access token is not one of ours: its signature or form is wrong.") from error
        if decoded.header.get("typ") != "at+jwt":
            raise Unauthenticated("The token is not an access token (`typ` must be `at+jwt`).")
        return dict(decoded.claims)

    def _unknown_key(self, token: str) -> bool:
        try:
            header = json.loads(urlsafe_b64decode(token.split(".")[0].encode()))
        except ValueError:
            return False
        known = {key.kid for key in self.keys.keys} if self.keys else set()
        return header.get("kid") not in known

    async def _fetch(self) -> None:
        try:
            async with httpx2.AsyncClient(timeout=5, trust_env=False) as client:
                answer = await client.get(self.jwks_url)
                answer.raise_for_status()
            self.keys = KeySet.import_key_set(answer.json())
            self._fetched_at = time.monotonic()
            if self.jwks_cache is not None:
                self.jwks_cache.parent.mkdir(parents=True, exist_ok=True)
                self.jwks_cache.write_bytes(answer.content)
        except (httpx2.HTTPError, ValueError, JoseError):
            if self.keys is None and self.jwks_cache is not None and self.jwks_cache.exists():
                self.keys = KeySet.import_key_set(json.loads(self.jwks_cache.read_bytes()))


def _check(claims: dict[str, Any], issuer: str, audience: str, now: float) -> None:
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
    if not isinstance(claims.get("client_id"), str):
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
