"""Reactions: which function hears which event. One transaction per batch, acknowledged after the commit."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Any
from uuid import UUID

from contracts.event import Envelope, Event, by_type
from pydantic import ValidationError
from sqlalchemy import Row, delete, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from kit.db import Database
from kit.refusals import another_was_first, database_is_away, sqlstate
from kit.stream import Message, Stream, StreamError
from kit.tables import delivery_attempt, parked_event
from kit.telemetry import PARKED, REACTED, log, traceparent

Reactions = Mapping[type[Event], Callable[..., Awaitable[None]]]
"""Event class -> handler(session, event, envelope). Handlers are idempotent: they keep the highest version."""

BATCH = 100
ATTEMPTS = 5
RETRY_SECONDS = 0.5


class Listener:
    """Hears one other service's events for this service."""

    def __init__(self, database: Database, stream: Stream, listener: str, speaker: str, reactions: Reactions) -> None:
        self._database, self._stream = database, stream
        self._listener, self._speaker = listener, speaker
        heard = [event for event in reactions if event.service == speaker]
        self._events, self._handlers = by_type(heard), dict(reactions)
        self._subjects = sorted({f"concordat.{speaker}.{event.aggregate}.>" for event in heard})

    async def run(self) -> None:
        """Listen for ever; whatever breaks is tried again."""
        while True:
            try:
                await self._listen()
            except (SQLAlchemyError, *StreamError) as error:
                log.warning("listener.interrupted", service=self._listener, error=type(error).__name__)
            except Exception:  # a listener that ends leaves a service that looks healthy and hears nothing
                log.exception("listener.failed", service=self._listener)
            await asyncio.sleep(RETRY_SECONDS)

    async def _listen(self) -> None:
        subscription = await self._stream.subscribe(self._speaker, self._listener, self._subjects)
        try:
            while True:
                messages = await subscription.fetch(BATCH)
                try:
                    await self._react_to(messages)
                finally:
                    await _hand_back(messages)
        finally:
            with suppress(*StreamError):
                await subscription.close()

    async def _react_to(self, messages: Sequence[Message]) -> None:
        """Apply `messages` in one transaction, else one by one: a bad one must not block the others."""
        try:
            async with self._database.transaction() as session:
                for message in messages:
                    await self._apply(session, message.data)
        except Exception as error:  # poison is data: counted, then parked with its reason
            if database_is_away(error):
                raise
            if len(messages) == 1:
                await self._blame(messages[0], error)
                return
            for message in messages:
                await self._react_to([message])
            return
        REACTED.labels(self._listener).inc(len(messages))
        for message in messages:
            await message.ack()

    async def _blame(self, message: Message, error: Exception) -> None:
        """Acknowledge `message` if it is given up; otherwise it comes again."""
        if another_was_first(error):
            raise error
        if await self._count_or_park(message, error):
            await message.ack()

    async def _apply(self, session: AsyncSession, body: bytes) -> None:
        envelope = Envelope.model_validate_json(body)
        kind = self._events.get(envelope.type)
        if kind is None:
            return
        traceparent.set(envelope.traceparent)
        await self._handlers[kind](session, kind.read(envelope.data), envelope)

    async def _count_or_park(self, message: Message, error: Exception) -> bool:
        """Count the failure; True if the message is given up and parked."""
        event_id, reason = _event_id(message), _reason(error)
        async with self._database.transaction() as session:
            counted = upsert(delivery_attempt).values(event_id=event_id, attempts=1, last_error=reason)
            attempts = await session.scalar(
                counted.on_conflict_do_update(
                    index_elements=["event_id"],
                    set_={"attempts": delivery_attempt.c.attempts + 1, "last_error": reason},
                ).returning(delivery_attempt.c.attempts)
            )
            if (attempts or 0) < ATTEMPTS:
                log.warning(
                    "event.failed", service=self._listener, event_id=str(event_id), attempts=attempts, reason=reason
                )
                return False
            await session.execute(
                upsert(parked_event)
                .values(
                    event_id=event_id, stream=self._speaker, subject=message.subject, body=message.data, reason=reason
                )
                .on_conflict_do_nothing()
            )
            await session.execute(delete(delivery_attempt).where(delivery_attempt.c.event_id == event_id))
        PARKED.labels(self._listener).inc()
        log.error("event.parked", service=self._listener, event_id=str(event_id), reason=reason)
        return True

    async def replay_parked(self) -> int:
        """Try every parked event of this speaker once more; the count of those that now succeeded."""
        async with self._database.snapshot() as session:
            rows = (await session.execute(parked_event.select().where(parked_event.c.stream == self._speaker))).all()
        return sum([await self._replay(row) for row in rows])

    async def _replay(self, row: Row[Any]) -> bool:
        this = parked_event.c.event_id == row.event_id
        try:
            async with self._database.transaction() as session:
                await self._apply(session, row.body)
                await session.execute(delete(parked_event).where(this))
        except Exception as error:  # still poison: it stays parked, with its present reason
            if database_is_away(error):
                raise
            async with self._database.transaction() as session:
                await session.execute(update(parked_event).where(this).values(reason=_reason(error)))
            return False
        return True


def listeners(database: Database, stream: Stream, service: str, reactions: Reactions) -> list[Listener]:
    """One listener for each service whose events are heard."""
    speakers = sorted({event.service for event in reactions})
    return [Listener(database, stream, service, speaker, reactions) for speaker in speakers]


async def _hand_back(messages: Sequence[Message]) -> None:
    """Give back what was not acknowledged, instead of letting it lie until its deadline."""
    for message in messages:
        if not message.is_acked:
            await message.nak(delay=RETRY_SECONDS)


def _event_id(message: Message) -> UUID:
    try:
        return UUID((message.headers or {}).get("Nats-Msg-Id", ""))
    except ValueError:
        # Not one of ours: its content identifies it.
        return UUID(bytes=sha256(message.subject.encode() + b"\n" + message.data).digest()[:16])


def _reason(error: Exception) -> str:
    """What went wrong, in characters that PostgreSQL keeps and without the values of the event."""
    if isinstance(error, ValidationError):
        return f"ValidationError: {error.error_count()} errors, first at {error.errors()[0]['loc']}"
    if isinstance(error, DBAPIError):
        return f"{type(error).__name__}: {sqlstate(error)}"
    said = "".join(character if character.isprintable() else "?" for character in str(error)[:200])
    return f"{type(error).__name__}: {said}"
