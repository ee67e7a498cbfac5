"""For tests: a signing key and tokens as the gateway would issue them."""

import time
from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

ISSUER = "https://concordat.test"
SERVICES = ("registry", "accountability", "shared-services", "gateway", "ledger")


class Issuer:
    """An authorization server's signing key."""

    def __init__(self) -> None:
        self.key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
        self.keys = KeySet([ECKey.import_key(self.key.as_dict(private=False))])

    def token(
        self,
        scopes: Iterable[str] = (),
        organization_id: UUID | None = None,
        client_id: str = "test",
        audience: Iterable[str] = SERVICES,
        lifetime: int = 900,
        **claims: Any,
    ) -> str:
        """A signed access token (RFC 9068)."""
        now = int(time.time())
        said = {
            "iss": ISSUER,
            "sub": client_id,
            "client_id": client_id,
            "aud": list(audience),
            "iat": now,
            "exp": now + lifetime,
            "jti": str(uuid4()),
            "scope": " ".join(scopes),
        }
        if organization_id is not None:
            said["org"] = str(organization_id)
        return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": self.key.kid}, said | claims, self.key)

    def headers(self, scopes: Iterable[str] = (), organization_id: UUID | None = None, **token: Any) -> dict[str, str]:
        """An Authorization header with such a token."""
        return {"Authorization": f"Bearer {self.token(scopes, organization_id, **token)}"}
