"""Events applied once by their effect, acknowledged after the commit, and parked when nothing helps."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import nats
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.db import Database
from kit.reactions import ATTEMPTS, Listener
from kit.stream import Stream, stream_name
from launcher.embedded import EmbeddedNats, EmbeddedPostgres
from nats.js.api import ConsumerInfo
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from kit import reactions
from tests.kit.conftest import eventually, rows, running, say
from tests.kit.ledger.app import AccountChanged, keep


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reactions, "RETRY_SECONDS", 0.02)


@pytest.fixture
async def listener(database: Database, stream: Stream) -> Listener:
    """A listener of the ledger's events whose stream is there."""
    await stream.ensure_stream("ledger")
    return Listener(database, stream, "ledger", "ledger", {AccountChanged: keep})


async def consumer(server: EmbeddedNats) -> ConsumerInfo:
    """What NATS knows of the listener."""
    connection = await nats.connect(server.url)
    try:
        return await connection.jetstream().consumer_info(stream_name("ledger"), "ledger")
    finally:
        await connection.close()


async def copied(database: Database) -> dict[str, int]:
    """The versions of the copies, by name."""
    return dict(await rows(database, "select name, version from account_copy"))


async def all_acknowledged(server: EmbeddedNats) -> bool:
    """True when NATS waits for no answer and has nothing more to say."""
    found = await consumer(server)
    return found.num_pending == found.num_ack_pending == 0


@asynccontextmanager
async def locked(database: Database) -> AsyncIterator[None]:
    """A time in which nobody can change the copies."""
    async with database.transaction() as session:
        await session.execute(text("lock table account_copy in share mode"))
        yield


async def test_an_event_is_acknowledged_only_when_its_effect_is_committed(
    database: Database, stream: Stream, listener: Listener, own_nats: EmbeddedNats
) -> None:
    async with running(listener):
        async with locked(database):
            await say(stream, AccountChanged(id=uuid4(), version=1, name="Ida"))
            await eventually(lambda: _waits_for_its_lock(database))
            assert (await consumer(own_nats)).num_ack_pending == 1
        await eventually(lambda: all_acknowledged(own_nats))
    assert await copied(database) == {"Ida": 1}


async def _waits_for_its_lock(database: Database) -> bool:
    return bool(await rows(database, "select 1 from pg_locks where not granted"))


@given(st.lists(st.integers(1, 9), min_size=1, max_size=12))
async def test_whatever_the_order_and_however_often_the_highest_version_stays(
    database: Database, versions: list[int]
) -> None:
    async with database.transaction() as session:
        account = uuid4()
        for version in versions:
            await keep(session, AccountChanged(id=account, version=version, name=f"v{version}"), None)  # type: ignore[arg-type]
        kept = await session.execute(text("select version, name from account_copy where id = :id"), {"id": account})
        assert tuple(kept.one()) == (max(versions), f"v{max(versions)}")


async def test_events_that_come_late_and_twice_change_nothing(
    database: Database, stream: Stream, listener: Listener, own_nats: EmbeddedNats
) -> None:
    account = uuid4()
    async with running(listener):
        for version in (3, 1, 2, 3, 2):
            await say(stream, AccountChanged(id=account, version=version, name=f"v{version}"))
        await eventually(lambda: all_acknowledged(own_nats))
    assert await rows(database, "select version, name, applied from account_copy") == [(3, "v3", 1)]


async def test_a_new_listener_learns_the_newest_state_of_everything_said_before(
    database: Database, stream: Stream, listener: Listener
) -> None:
    account = uuid4()
    for version in (1, 2, 3):
        await say(stream, AccountChanged(id=account, version=version, name="Ida"))
    async with running(listener):
        await eventually(lambda: _holds(database, {"Ida": 3}))
    assert await rows(database, "select applied from account_copy") == [(1,)]


async def _holds(database: Database, expected: dict[str, int]) -> bool:
    return await copied(database) == expected


async def test_a_listener_whose_consumer_was_deleted_begins_again(
    database: Database, stream: Stream, listener: Listener
) -> None:
    async with running(listener):
        await say(stream, AccountChanged(id=uuid4(), version=1, name="Ida"))
        await eventually(lambda: _holds(database, {"Ida": 1}))
        async with database.transaction() as session:
            await session.execute(text("delete from account_copy"))
        await stream.forget("ledger", "ledger")
        await eventually(lambda: _holds(database, {"Ida": 1}))


async def test_a_listener_waits_for_a_service_that_has_never_run(database: Database, stream: Stream) -> None:
    early = Listener(database, stream, "ledger", "ledger", {AccountChanged: keep})
    async with running(early):
        await asyncio.sleep(0.1)
        assert not await stream.has_stream("ledger"), "only a service itself makes its stream"
        await stream.ensure_stream("ledger")
        await say(stream, AccountChanged(id=uuid4(), version=1, name="Ida"))
        await eventually(lambda: _holds(database, {"Ida": 1}))


async def test_a_poison_event_is_parked_with_its_reason_and_the_others_go_on(
    database: Database, stream: Stream, listener: Listener, own_nats: EmbeddedNats
) -> None:
    async with running(listener):
        await say(stream, AccountChanged(id=uuid4(), version=1, name="before"))
        poison = await say(stream, AccountChanged(id=uuid4(), version=1, name="poison"))
        await say(stream, AccountChanged(id=uuid4(), version=1, name="after"))
        await eventually(lambda: _parked(database, 1))
        await eventually(lambda: all_acknowledged(own_nats))
    assert await rows(database, "select event_id, stream, reason from parked_event") == [
        (poison, "ledger", "ValueError: this account cannot be kept")
    ]
    assert await copied(database) == {"before": 1, "after": 1}


async def _parked(database: Database, count: int) -> bool:
    return await rows(database, "select count(*) from parked_event") == [(count,)]


async def test_an_event_has_five_attempts_before_it_is_parked(database: Database, stream: Stream) -> None:
    await stream.ensure_stream("ledger")
    attempts = 0

    async def refuse(*_: Any) -> None:
        nonlocal attempts
        attempts += 1
        raise ValueError("no")

    async with running(Listener(database, stream, "ledger", "ledger", {AccountChanged: refuse})):
        await say(stream, AccountChanged(id=uuid4(), version=1, name="Ida"))
        await eventually(lambda: _parked(database, 1))
    assert attempts == ATTEMPTS == 5
    assert await rows(database, "select * from delivery_attempt") == []


@pytest.mark.parametrize(
    "body",
    [b"not json", b'{"specversion": "1.0"}', b"\xff\x00", b"[" * 5000],
    ids=["text", "incomplete", "bytes", "deep"],
)
async def test_a_message_that_is_no_event_is_parked_as_it_came(
    database: Database, stream: Stream, listener: Listener, body: bytes
) -> None:
    async with running(listener):
        await stream.publish("concordat.ledger.account.1", "not a uuid", body)
        await eventually(lambda: _parked(database, 1))
    [(kept, reason)] = await rows(database, "select body, reason from parked_event")
    assert kept == body
    assert reason.startswith("ValidationError")


async def test_an_event_with_a_reason_that_no_database_can_keep_is_parked_all_the_same(
    database: Database, stream: Stream
) -> None:
    async def refuse(session: AsyncSession, event: AccountChanged, _: object) -> None:
        raise ValueError(f"cannot keep {event.name}")

    await stream.ensure_stream("ledger")
    async with running(Listener(database, stream, "ledger", "ledger", {AccountChanged: refuse})):
        await say(stream, AccountChanged(id=uuid4(), version=1, name="a\x00b"))
        await eventually(lambda: _parked(database, 1))
    assert await rows(database, "select reason from parked_event") == [("ValueError: cannot keep a?b",)]


async def test_an_event_that_the_database_can_never_take_is_parked(database: Database, stream: Stream) -> None:
    async def index(session: AsyncSession, event: AccountChanged, _: object) -> None:
        await session.execute(text("insert into indexed values (:name)"), {"name": event.name * 3000})

    async with database.transaction() as session:
        await session.execute(text("create table indexed (name text primary key)"))
        await session.execute(text("alter table indexed alter name set storage plain"))
    await stream.ensure_stream("ledger")
    async with running(Listener(database, stream, "ledger", "ledger", {AccountChanged: index})):
        await say(stream, AccountChanged(id=uuid4(), version=1, name="Ida"))
        await eventually(lambda: _parked(database, 1))
    assert await rows(database, "select reason from parked_event") == [("OperationalError: 54000",)]


async def test_parked_events_are_mended_by_replaying_them_once_the_cause_is_gone(
    database: Database, stream: Stream, listener: Listener
) -> None:
    async def keep_all(session: AsyncSession, event: AccountChanged, envelope: Any) -> None:
        if event.version == 2:
            raise ValueError("still wrong")
        await keep(session, event.model_copy(update={"name": "mended"}), envelope)

    async with running(listener):
        for version in (1, 2, 3):
            await say(stream, AccountChanged(id=UUID(int=version), version=version, name="poison"))
        await eventually(lambda: _parked(database, 3))
    corrected = Listener(database, stream, "ledger", "ledger", {AccountChanged: keep_all})
    assert await corrected.replay_parked() == 2
    assert await rows(database, "select version from account_copy order by version") == [(1,), (3,)]
    assert await rows(database, "select reason from parked_event") == [("ValueError: still wrong",)]


async def test_nothing_is_lost_or_blamed_while_the_database_is_away(
    database: Database, stream: Stream, listener: Listener, postgres: EmbeddedPostgres, own_nats: EmbeddedNats
) -> None:
    name = database.engine.url.database
    async with running(listener):
        await say(stream, AccountChanged(id=uuid4(), version=1, name="before"))
        await eventually(lambda: _holds(database, {"before": 1}))
        with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as connection:
            connection.execute(f"alter database {name} allow_connections false".encode())
            connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])
            for number in range(20):
                await say(stream, AccountChanged(id=uuid4(), version=1, name=f"during {number}"))
            await asyncio.sleep(0.3)
            connection.execute(f"alter database {name} allow_connections true".encode())
        await eventually(lambda: all_acknowledged(own_nats))
    assert len(await copied(database)) == 21
    assert await rows(database, "select * from delivery_attempt") == []
    assert await rows(database, "select * from parked_event") == []
