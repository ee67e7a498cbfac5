"""Who is calling: tokens verified with our own keys, remembered while valid, refused once their client is revoked."""

import hashlib
import time
from collections.abc import Mapping
from typing import Any

from kit.auth import Caller, TokenVerifier, caller_of
from kit.errors import Unauthenticated

from gateway.clients.revocations import Revocations
from gateway.keys import SigningKeys

REMEMBERED = 10_000


class Callers(TokenVerifier):
    """Verifies access tokens. Remembers only their hashes."""

    def __init__(self, issuer: str, keys: SigningKeys, revocations: Revocations) -> None:
        super().__init__(issuer, "gateway", jwks_url="")
        self._own_keys, self._revocations = keys, revocations
        self._verified: dict[bytes, tuple[float, Caller]] = {}

    async def verify(self, token: str, now: float | None = None) -> Caller:
        """The caller that `token` stands for. Raises Unauthenticated."""
        digest = hashlib.sha256(token.encode()).digest()
        expires, caller = self._verified.get(digest, (0.0, None))
        if caller is None or expires <= (time.time() if now is None else now):
            claims = await self.claims(token, now)
            caller = caller_of(claims)
            self._remember(digest, claims["exp"], caller)
        if caller.client_id in self._revocations:
            raise Unauthenticated("The client of this access token is revoked.")
        return caller

    async def _signed_claims(self, token: str) -> Mapping[str, Any]:
        # The keys lie in our own folder: no HTTP call to ourselves, and a new key is known at once.
        self.keys = self._own_keys.published()
        return self._decode(token)

    def _remember(self, digest: bytes, expires: float, caller: Caller) -> None:
        self._verified[digest] = (expires, caller)
        if len(self._verified) > REMEMBERED:
            del self._verified[next(iter(self._verified))]
