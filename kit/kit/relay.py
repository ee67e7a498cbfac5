"""The relay: one leader per database numbers committed journal rows without gaps, then chains and publishes them."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

from sqlalchemy import exists, func, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from kit.audit import chain_numbered_rows
from kit.db import Database
from kit.publisher import Publisher
from kit.stream import Stream, StreamError
from kit.tables import journal, journal_counter
from kit.tasks import end
from kit.telemetry import log

POLL_SECONDS = 0.03
QUIET_POLL_SECONDS = 0.25
QUIET_AFTER = 30
"""So many polls that found nothing. The service's own writes wake the relay at once; polls find those of its other
processes, and each takes time from requests."""
GATHER_SECONDS = 0.02
"""Under load the relay lets some more rows gather: a pass costs about as much for one row as for a hundred."""
RETRY_SECONDS = 0.5
BATCH = 500
LEADER_LOCK = 7_262_611_420
"""The session advisory lock of the leader; any constant, the same in every process of a service."""

UNNUMBERED = select(exists().where(journal.c.sequence.is_(None)))


class Relay:
    """Runs inside each process of a service; only the one that holds the lock does the work."""

    def __init__(self, database: Database, stream: Stream, service: str) -> None:
        self._database, self._service = database, service
        self._publisher = Publisher(database, stream, service)

    async def run(self) -> None:
        """Lead for as long as the lock is held; try again for ever."""
        while True:
            try:
                async with self._database.connection() as connection:
                    if await connection.scalar(select(func.pg_try_advisory_lock(LEADER_LOCK))):
                        try:
                            await self._lead(connection)
                        finally:
                            with suppress(SQLAlchemyError):
                                await connection.scalar(select(func.pg_advisory_unlock(LEADER_LOCK)))
            except (SQLAlchemyError, *StreamError) as error:
                log.warning("relay.interrupted", service=self._service, error=type(error).__name__)
            except Exception:  # a relay that ends leaves a service that looks healthy and says nothing
                log.exception("relay.failed", service=self._service)
            await asyncio.sleep(RETRY_SECONDS)

    async def _lead(self, lock: AsyncConnection) -> None:
        publishing = asyncio.create_task(self._publisher.run())
        quiet = 0
        unchained = True  # perhaps: an older version of the service numbers rows and does not chain them
        try:
            while True:
                self._database.committed.clear()
                # The lock's own connection is asked each time: a lock lost with its connection ends the lead.
                waiting = await lock.scalar(UNNUMBERED)
                numbered = await self._number() if waiting else 0
                quiet = 0 if numbered else quiet + 1
                if numbered:
                    self._publisher.numbered.set()
                if numbered or unchained:
                    unchained = await self._chain()
                if publishing.done():
                    publishing.result()
                if 1 < numbered < BATCH:
                    await asyncio.sleep(GATHER_SECONDS)
                if numbered < BATCH:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(POLL_SECONDS if quiet < QUIET_AFTER else QUIET_POLL_SECONDS):
                            await self._database.committed.wait()
        finally:
            await end(publishing)

    async def _number(self) -> int:
        """Give committed rows their numbers. Does not need the transport, so pullers see changes while it is away."""
        async with self._database.transaction() as session:
            return await number_committed_rows(session)

    async def _chain(self) -> bool:
        """Chain numbered rows into the audit trail, in a transaction of its own; True if there may be more."""
        async with self._database.transaction() as session:
            return await chain_numbered_rows(session) == BATCH


async def number_committed_rows(session: AsyncSession) -> int:
    """Give up to a batch of committed, unnumbered rows their `sequence` and `change_version`; the count.

    `sequence` is gapless; `change_version` is max(last + 1, microseconds now): monotonic here, comparable elsewhere.
    """
    waiting = (
        select(journal.c.id).where(journal.c.sequence.is_(None)).order_by(journal.c.id).limit(BATCH).with_for_update()
    )
    ids = list(await session.scalars(waiting))
    if not ids:
        return 0
    counter = (await session.execute(select(journal_counter).with_for_update())).one()
    start = max(counter.change_version + 1, int(datetime.now(UTC).timestamp() * 1_000_000))
    await session.execute(
        text(
            "update journal set sequence = :sequence + numbered.n, change_version = :start + numbered.n - 1"
            " from unnest(cast(:ids as uuid[])) with ordinality as numbered(id, n) where journal.id = numbered.id"
        ),
        {"ids": ids, "sequence": counter.sequence, "start": start},
    )
    await session.execute(
        update(journal_counter).values(sequence=counter.sequence + len(ids), change_version=start + len(ids) - 1)
    )
    return len(ids)
