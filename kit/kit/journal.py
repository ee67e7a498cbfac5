"""The journal: the row a transaction appends to say "this changed". Outbox, audit trail and change feed at once."""

from collections.abc import Sequence
from typing import Any

from contracts.event import Event
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.auth import Caller
from kit.copying import add_rows
from kit.errors import TooLarge
from kit.tables import journal, journal_counter
from kit.telemetry import traceparent

MAX_EVENT_BYTES = 1_000_000
"""A NATS server takes messages of 1,048,576 bytes; the rest is for the envelope."""


async def record(
    session: AsyncSession,
    *events: Event,
    caller: Caller | None,
    before: dict[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    """Append `events` to the journal, as the last thing of the transaction that makes them true.

    Lock and bump the aggregate first: rows of one aggregate then get their numbers in the order of their versions.
    `before` and `reason` are private and never leave the service.
    Raises TooLarge for an event that the stream would never take.
    """
    await record_changes(session, [(event, before) for event in events], caller=caller, reason=reason)


async def record_changes(
    session: AsyncSession,
    changes: Sequence[tuple[Event, dict[str, Any] | None]],
    *,
    caller: Caller | None,
    reason: str | None = None,
) -> None:
    """Like `record`, for many events that each have their own state before."""
    if not changes:
        return
    _refuse_too_large([event for event, _ in changes])
    actor, trace = (caller.client_id if caller else "system"), traceparent.get()
    await add_rows(
        session,
        journal,
        [
            {
                "type": event.type(),
                "subject": event.subject(),
                "version": event.version,
                "actor": actor,
                "trace": trace,
                "data": event.model_dump(mode="json", by_alias=True),
                "before": before,
                "reason": reason,
            }
            for event, before in changes
        ],
    )
    session.info["recorded"] = True


def _refuse_too_large(events: Sequence[Event]) -> None:
    for event in events:
        if len(event.model_dump_json(by_alias=True).encode()) > MAX_EVENT_BYTES:
            raise TooLarge(
                f"The history of this {event.aggregate} would no longer fit into one event; shorten it.",
                limitBytes=MAX_EVENT_BYTES,
            )


async def newest_change_version(session: AsyncSession) -> int:
    """The highest change version given so far: everything up to it is there for whoever pulls."""
    return (await session.scalar(select(journal_counter.c.change_version))) or 0
