"""What the token endpoint does."""

from datetime import datetime

from kit.db import Database

from gateway.access_tokens import TOKEN_SECONDS, sign_token
from gateway.clients.secrets import SecretHashes
from gateway.clients.tables import Client
from gateway.keys import SigningKeys
from gateway.quota import FailedAttempts
from gateway.tokens.refusals import InvalidClient
from gateway.tokens.rules import Credentials, granted
from gateway.tokens.schemas import TokenAnswer


class TokenOffice:
    """Everything that it takes to give a token."""

    def __init__(self, database: Database, hashes: SecretHashes, keys: SigningKeys, issuer: str) -> None:
        self._database, self._hashes, self._keys, self._issuer = database, hashes, keys, issuer
        self._failed = FailedAttempts()

    async def grant_token(
        self, credentials: Credentials, scope: str | None, address: str, now: datetime
    ) -> TokenAnswer:
        """A token for the client. Raises InvalidClient, InvalidScope, TooManyRequests, Unavailable."""
        client = await self._authenticate(credentials, address)
        scopes = granted(client.scopes, scope)
        token = sign_token(self._keys.current(), self._issuer, client.client_id, client.organization_id, scopes, now)
        return TokenAnswer(access_token=token, expires_in=TOKEN_SECONDS, scope=" ".join(scopes))

    async def _authenticate(self, credentials: Credentials, address: str) -> Client:
        self._failed.require_few(credentials.client_id, address)
        client = await self._find(credentials.client_id)
        # An unknown and a revoked client cost the same work as a wrong secret, so that time tells nothing.
        known = client.secret_hash if client is not None and client.revoked_at is None else None
        if not await self._hashes.matches(credentials.secret, known) or client is None:
            self._failed.count(credentials.client_id, address)
            raise InvalidClient(credentials.by_header)
        return client

    async def _find(self, client_id: str) -> Client | None:
        if "\x00" in client_id:
            return None
        async with self._database.snapshot() as session:
            return await session.get(Client, client_id)
