"""The publisher: says numbered journal rows on the service's stream, each subject in order, and repeats until heard."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from contracts.event import Envelope
from sqlalchemy import Row, func, select, update

from kit.db import Database
from kit.stream import Stream, StreamError
from kit.tables import journal
from kit.telemetry import RELAYED, UNPUBLISHED, log

RETRY_SECONDS = 0.5
SILENCE_SECONDS = 0.5
"""After so long without an event the stream is looked at again: it may have lost its store."""
BATCH = 500
IN_FLIGHT = 50


class Publisher:
    """The leading relay's way to the transport."""

    def __init__(self, database: Database, stream: Stream, service: str) -> None:
        self._database, self._stream, self._service = database, stream, service
        self.numbered = asyncio.Event()
        """Set when rows got their numbers: the publisher waits for it."""

    async def run(self) -> None:
        """Publish for ever; while the transport is away, rows wait."""
        while True:
            try:
                await self._observe_backlog()
                await self._ensure_stream()
                await self._publish_until_silence()
            except StreamError as error:
                log.warning("relay.waiting", service=self._service, error=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)

    async def _observe_backlog(self) -> None:
        async with self._database.snapshot() as session:
            waiting = await session.scalar(select(func.count()).where(journal.c.published_at.is_(None)))
        UNPUBLISHED.labels(self._service).set(waiting or 0)

    async def _ensure_stream(self) -> None:
        if await self._stream.has_stream(self._service):
            return
        # A stream that is missing although rows were published has lost its store: say everything again.
        # In this order, so that a process that ends in between begins again with both.
        async with self._database.transaction() as session:
            await session.execute(update(journal).where(journal.c.published_at.is_not(None)).values(published_at=None))
        await self._stream.ensure_stream(self._service)

    async def _publish_until_silence(self) -> None:
        while True:
            self.numbered.clear()
            if await self._publish_batch():
                continue
            try:
                async with asyncio.timeout(SILENCE_SECONDS):
                    await self.numbered.wait()
            except TimeoutError:
                return

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
        for start in range(0, len(rows), IN_FLIGHT):
            await self._publish(rows[start : start + IN_FLIGHT])
        return len(rows) == BATCH

    async def _publish(self, rows: Sequence[Row[Any]]) -> None:
        """Publish `rows` side by side, but those of one subject one after the other.

        A retry can then never put an older state behind a newer one: the last message of a subject is its newest.
        """
        by_subject: dict[str, list[Row[Any]]] = {}
        for row in rows:
            by_subject.setdefault(row.subject, []).append(row)
        published: list[UUID] = []
        said = [self._publish_in_order(of_subject, published) for of_subject in by_subject.values()]
        outcomes = await asyncio.gather(*said, return_exceptions=True)
        if published:
            await self._mark(published)
        for outcome in outcomes:
            if outcome is not None:
                raise outcome

    async def _publish_in_order(self, rows: Sequence[Row[Any]], published: list[UUID]) -> None:
        for row in rows:
            await self._stream.publish(row.subject, str(row.id), envelope(self._service, row))
            published.append(row.id)

    async def _mark(self, published: Sequence[UUID]) -> None:
        async with self._database.transaction() as session:
            await session.execute(
                update(journal).where(journal.c.id.in_(published)).values(published_at=datetime.now(UTC))
            )
        RELAYED.labels(self._service).inc(len(published))


def envelope(service: str, row: Row[Any]) -> bytes:
    """A journal row as a CloudEvent in JSON."""
    said = Envelope(
        id=row.id,
        source=f"/{service}",
        type=row.type,
        subject=row.subject,
        time=row.at,
        sequence=row.sequence,
        changeversion=row.change_version,
        traceparent=row.trace,
        data=row.data,
    )
    return said.model_dump_json(exclude_none=True).encode()
