"""Which clients are revoked: asked of the database twice a second, so that every process knows within two seconds."""

import asyncio
from datetime import timedelta

from kit.auth import LEEWAY_SECONDS
from kit.clock import utc_now
from kit.db import Database
from kit.telemetry import log
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from gateway.access_tokens import TOKEN_SECONDS
from gateway.clients.tables import Client

POLL_SECONDS = 0.5


class Revocations:
    """The clients revoked so lately that tokens of theirs may still be about."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._client_ids: frozenset[str] = frozenset()

    def __contains__(self, client_id: object) -> bool:
        return client_id in self._client_ids

    async def refresh(self) -> None:
        """Ask the database now."""
        since = utc_now() - timedelta(seconds=TOKEN_SECONDS + 2 * LEEWAY_SECONDS)
        async with self._database.snapshot() as session:
            self._client_ids = frozenset(
                await session.scalars(select(Client.client_id).where(Client.revoked_at > since))
            )

    async def keep_fresh(self) -> None:
        """Ask again and again, until cancelled. While the database is away, what was known last holds."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                await self.refresh()
            except SQLAlchemyError as error:
                log.warning("revocations.stale", error=type(error).__name__)
