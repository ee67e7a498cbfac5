"""The relay: one leader per database numbers committed journal rows without gaps, then publishes them in order."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from contracts.event import Envelope
from sqlalchemy import Row, func, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from kit.db import Database
from kit.stream import Stream, StreamError
from kit.tables import journal, journal_counter
from kit.telemetry import RELAYED, UNPUBLISHED, log

POLL_SECONDS = 0.03
RETRY_SECONDS = 0.5
BATCH = 500
IN_FLIGHT = 50
LEADER_LOCK = 7_262_611_420
"""The session advisory lock of the leader; any constant, the same in every process of a service."""


class Relay:
    """Runs inside each process of a service; only the one that holds the lock does the work."""

    def __init__(self, database: Database, stream: Stream, service: str) -> None:
        self._database, self._stream, self._service = database, stream, service
        self._numbered = asyncio.Event()

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
            await asyncio.sleep(RETRY_SECONDS)

    async def _lead(self, lock: AsyncConnection) -> None:
        publisher = asyncio.create_task(self._publish_for_ever())
        try:
            while True:
                self._database.committed.clear()
                # The lock's own connection is asked each time: a lock lost with its connection ends the lead.
                await lock.execute(text("select 1"))
                numbered = await self._number()
                if numbered:
                    self._numbered.set()
                if publisher.done():
                    publisher.result()
                if numbered < BATCH:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._database.committed.wait(), POLL_SECONDS)
        finally:
            publisher.cancel()
            with suppress(asyncio.CancelledError, SQLAlchemyError, *StreamError):
                await publisher

    async def _number(self) -> int:
        """Give committed rows their numbers. Does not need the transport, so pullers see changes while it is away."""
        async with self._database.transaction() as session:
            return await number_committed_rows(session)

    async def _publish_for_ever(self) -> None:
        ready = False
        while True:
            try:
                if not ready:
                    await self._prepare_stream()
                    ready = True
                self._numbered.clear()
                if not await self._publish_batch():
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._numbered.wait(), RETRY_SECONDS)
            except StreamError as error:
                log.warning("relay.waiting", service=self._service, error=type(error).__name__)
                ready = False
                await asyncio.sleep(RETRY_SECONDS)

    async def _prepare_stream(self) -> None:
        if await self._stream.ensure_stream(self._service):
            async with self._database.transaction() as session:
                # A stream that is new although rows were published has lost its store: say everything again.
                await session.execute(update(journal).values(published_at=None))

    async def _publish_batch(self) -> bool:
        """Publish the oldest unpublished rows; True if there may be more."""
        async with self._database.snapshot() as session:
            rows = (
                await session.execute(
                    select(journal)
                    .where(journal.c.published_at.is_(None), journal.c.sequence.is_not(None))
                    .order_by(journal.c.sequence)
                    .limit(BATCH)
                )
            ).all()
        UNPUBLISHED.labels(self._service).set(len(rows))
        for start in range(0, len(rows), IN_FLIGHT):
            await self._publish(rows[start : start + IN_FLIGHT])
        return len(rows) == BATCH

    async def _publish(self, rows: Sequence[Row[Any]]) -> None:
        sent = [self._stream.publish(row.subject, str(row.id), self._envelope(row)) for row in rows]
        outcomes = await asyncio.gather(*sent, return_exceptions=True)
        published = [row.id for row, outcome in zip(rows, outcomes, strict=True) if outcome is None]
        if published:
            async with self._database.transaction() as session:
                await session.execute(
                    update(journal).where(journal.c.id.in_(published)).values(published_at=datetime.now(UTC))
                )
            RELAYED.labels(self._service).inc(len(published))
        for outcome in outcomes:
            if outcome is not None:
                raise outcome

    def _envelope(self, row: Row[Any]) -> bytes:
        envelope = Envelope(
            id=row.id,
            source=f"/{self._service}",
            type=row.type,
            subject=row.subject,
            time=row.at,
            sequence=row.sequence,
            changeversion=row.change_version,
            traceparent=row.trace,
            data=row.data,
        )
        return json.dumps(envelope.model_dump(mode="json", exclude_none=True)).encode()


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
