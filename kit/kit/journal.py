"""The journal: the row a transaction appends to say "this changed". Outbox, audit trail and change feed at once."""

from typing import Any

from contracts.event import Event
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.auth import Caller
from kit.tables import journal, journal_counter
from kit.telemetry import traceparent


async def record(
    session: AsyncSession, *events: Event, caller: Caller | None, before: dict[str, Any] | None = None
) -> None:
    """Append `events` to the journal, as the last thing of the transaction that makes them true.

    Lock and bump the aggregate first: rows of one aggregate then get their numbers in the order of their versions.
    `before` is private and never leaves the service.
    """
    if not events:
        return
    actor, trace = (caller.client_id if caller else "system"), traceparent.get()
    await session.execute(
        insert(journal),
        [
            {
                "type": event.type(),
                "subject": event.subject(),
                "version": event.version,
                "actor": actor,
                "trace": trace,
                "data": event.model_dump(mode="json", by_alias=True),
                "before": before,
            }
            for event in events
        ],
    )
    session.info["recorded"] = True


async def newest_change_version(session: AsyncSession) -> int:
    """The highest change version given so far: everything up to it is there for whoever pulls."""
    return (await session.scalar(select(journal_counter.c.change_version))) or 0
