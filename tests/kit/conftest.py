"""The ledger service: at rest for HTTP tests, running on a NATS of its own for event tests; and its parts alone."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts.event import Envelope
from kit.db import Database
from kit.journal import record
from kit.reactions import Listener
from kit.relay import Relay
from kit.stream import Stream, StreamError, Subscription
from kit.tasks import end
from launcher.embedded import EmbeddedNats
from sqlalchemy import text

from tests.conftest import Service
from tests.kit.ledger.app import AccountChanged, create_app

PACKAGE = "tests.kit.ledger"


@pytest.fixture
async def ledger(service_of: Callable[..., Any]) -> AsyncIterator[Service]:
    """The ledger without its loops."""
    async with service_of(PACKAGE, create_app) as service:
        yield service


@pytest.fixture
async def running_ledger(service_of: Callable[..., Any], own_nats: EmbeddedNats) -> AsyncIterator[Service]:
    """The ledger with its relay and its listener, alone on its NATS."""
    async with service_of(PACKAGE, create_app, running=True, nats_url=own_nats.url) as service:
        yield service


@pytest.fixture
async def database(database_of: Callable[[str], str]) -> AsyncIterator[Database]:
    """A fresh database of the ledger, with room for many writers."""
    fresh = Database(database_of(PACKAGE), pool_size=30)
    yield fresh
    await fresh.dispose()


@pytest.fixture
async def stream(own_nats: EmbeddedNats) -> AsyncIterator[Stream]:
    """A connection to the test's own NATS."""
    connection = Stream(own_nats.url, "test")
    yield connection
    await connection.close()


@asynccontextmanager
async def running(*loops: Relay | Listener) -> AsyncIterator[None]:
    """Relays and listeners at work."""
    tasks = [asyncio.create_task(loop.run()) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            await end(task)


async def change(database: Database, account_id: UUID | None = None, version: int = 1, name: str = "Ida") -> UUID:
    """Record that an account changed, in a transaction of its own; the account's id."""
    account_id = account_id or uuid4()
    async with database.transaction() as session:
        await record(session, AccountChanged(id=account_id, version=version, name=name), caller=None)
    return account_id


async def say(stream: Stream, event: AccountChanged, sequence: int = 1) -> UUID:
    """Publish an event of the ledger without its journal; the event's id."""
    event_id = uuid4()
    said = {
        "id": str(event_id),
        "source": "/ledger",
        "type": event.type(),
        "subject": event.subject(),
        "time": "2026-01-01T00:00:00Z",
        "sequence": sequence,
        "changeversion": sequence,
        "data": event.model_dump(mode="json", by_alias=True),
    }
    await stream.publish(event.subject(), str(event_id), json.dumps(said).encode())
    return event_id


async def rows(database: Database, query: str, **values: Any) -> list[Any]:
    """The rows of a query, as tuples."""
    async with database.snapshot() as session:
        return [tuple(row) for row in await session.execute(text(query), values)]


async def eventually(holds: Callable[[], Awaitable[bool]], seconds: float = 15) -> None:
    """Wait until `holds`, or fail after `seconds`."""
    end = time.monotonic() + seconds
    while not await holds():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.02)


async def all_numbered(database: Database) -> bool:
    """True when every committed row has its number."""
    return await rows(database, "select 1 from journal where sequence is null") == []


async def all_published(database: Database) -> bool:
    """True when no row waits."""
    return await rows(database, "select 1 from journal where published_at is null") == []


@asynccontextmanager
async def probe(url: str, name: str = "probe") -> AsyncIterator[Subscription]:
    """Somebody who hears the ledger: first the newest event of each account, then all later ones."""
    stream = Stream(url, name)
    await eventually(lambda: stream.has_stream("ledger"))
    yield await stream.subscribe("ledger", name, ["concordat.ledger.account.>"])
    await stream.close()


async def heard(subscription: Subscription, count: int) -> list[Envelope]:
    """The next `count` events of a subscription, also over an outage."""
    found: list[Envelope] = []
    async with asyncio.timeout(15):
        while len(found) < count:
            try:
                for message in await subscription.fetch(100):
                    found.append(Envelope.model_validate_json(message.data))
                    await message.ack()
            except StreamError:
                await asyncio.sleep(0.05)
    return found
