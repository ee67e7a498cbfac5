"""What an access token says (RFC 9068): who it stands for, what it allows, for whom and for how long."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.jwk import ECKey

from gateway.upstreams import PATHS

TOKEN_SECONDS = 900
AUDIENCE = [*PATHS, "gateway"]


def sign_token(
    key: ECKey, issuer: str, client_id: str, organization_id: UUID | None, scopes: Iterable[str], now: datetime
) -> str:
    """A signed access token; kit.auth verifies it."""
    issued = int(now.timestamp())
    claims = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": client_id,
        "client_id": client_id,
        "scope": " ".join(scopes),
        "jti": str(uuid4()),
        "iat": issued,
        "exp": issued + TOKEN_SECONDS,
    }
    if organization_id is not None:
        claims["org"] = str(organization_id)
    return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": key.kid}, claims, key)
