"""Numbers in the order of commits, whatever happens at the same time; and one relay that leads."""

import asyncio
import random
import time
from contextlib import suppress
from uuid import UUID, uuid4

from kit.db import Database
from kit.journal import newest_change_version, record
from kit.relay import Relay, number_committed_rows
from kit.stream import Stream
from launcher.embedded import EmbeddedNats
from sqlalchemy import text

from tests.kit.conftest import all_numbered, all_published, change, eventually, rows, running
from tests.kit.ledger.app import AccountChanged

WRITERS, CHANGES_EACH = 16, 15


async def number(database: Database) -> int:
    """One step of the relay."""
    async with database.transaction() as session:
        return await number_committed_rows(session)


async def test_numbers_follow_the_order_of_commits_and_not_of_inserts(database: Database) -> None:
    slow = uuid4()
    async with database.transaction() as session:
        await record(session, AccountChanged(id=slow, version=1, name="begun first"), caller=None)
        quick = await change(database)
        await number(database)
    await number(database)
    assert await rows(database, "select (data ->> 'id')::uuid from journal order by sequence") == [(quick,), (slow,)]


async def test_a_rolled_back_change_takes_no_number(database: Database) -> None:
    await change(database)
    with suppress(InterruptedError):
        async with database.transaction() as session:
            await record(session, AccountChanged(id=uuid4(), version=1, name="never"), caller=None)
            raise InterruptedError
    await change(database)
    assert await number(database) == 2
    assert await rows(database, "select sequence from journal order by sequence") == [(1,), (2,)]


async def test_change_versions_are_microseconds_that_fit_into_a_double(database: Database) -> None:
    await change(database)
    await number(database)
    [(version,)] = await rows(database, "select change_version from journal")
    assert abs(version - time.time() * 1_000_000) < 60_000_000
    assert version < 2**53


async def test_change_versions_rise_even_if_the_clock_is_set_back(database: Database) -> None:
    ahead = int(time.time() * 1_000_000) + 3_600_000_000
    async with database.transaction() as session:
        await session.execute(text("update journal_counter set change_version = :ahead"), {"ahead": ahead})
    for _ in range(2):
        await change(database)
    await number(database)
    assert await rows(database, "select change_version from journal order by sequence") == [(ahead + 1,), (ahead + 2,)]


async def test_everything_up_to_the_newest_change_version_is_there_to_read(database: Database) -> None:
    for _ in range(3):
        await change(database)
    await number(database)
    async with database.snapshot() as session:
        newest = await newest_change_version(session)
    assert await rows(database, "select max(change_version) from journal") == [(newest,)]


class Reader:
    """A puller that keeps the highest number that it has seen."""

    def __init__(self, database: Database, query: str) -> None:
        self._database, self._query, self._cursor = database, query, 0
        self.seen: set[UUID] = set()

    async def pull(self) -> None:
        """Read what lies beyond the cursor."""
        for cursor, account in await rows(self._database, self._query, after=self._cursor):
            self._cursor = max(self._cursor, cursor)
            self.seen.add(account)

    async def pull_until(self, done: asyncio.Event) -> None:
        """Pull every few milliseconds."""
        while not done.is_set():
            await self.pull()
            await asyncio.sleep(0.003)
        await self.pull()


async def write(database: Database, committed: set[UUID]) -> None:
    """Transactions of some milliseconds, each tenth rolled back; each also takes a plain number of a sequence."""
    for _ in range(CHANGES_EACH):
        account = uuid4()
        try:
            async with database.transaction() as session:
                await session.execute(text("insert into plain (account) values (:account)"), {"account": account})
                await record(session, AccountChanged(id=account, version=1, name="Ida"), caller=None)
                await asyncio.sleep(random.uniform(0, 0.02))
                if random.random() < 0.1:
                    raise InterruptedError
        except InterruptedError:
            continue
        committed.add(account)


async def test_readers_by_a_sequence_miss_rows_of_concurrent_writers_and_readers_by_change_version_none(
    database: Database, stream: Stream
) -> None:
    async with database.transaction() as session:
        await session.execute(text("create table plain (n bigint generated always as identity, account uuid)"))
    naive = Reader(database, "select n, account from plain where n > :after order by n")
    sound = Reader(
        database,
        "select change_version, (data ->> 'id')::uuid from journal where change_version > :after order by 1",
    )
    committed: set[UUID] = set()
    done = asyncio.Event()
    async with running(Relay(database, stream, "ledger")):
        readers = [asyncio.create_task(reader.pull_until(done)) for reader in (naive, sound)]
        await asyncio.gather(*(write(database, committed) for _ in range(WRITERS)))
        await eventually(lambda: all_numbered(database))
        done.set()
        await asyncio.gather(*readers)
    [(count, highest)] = await rows(database, "select count(*), max(sequence) from journal")
    assert committed - naive.seen, "the control is blind: it should have lost rows"
    assert sound.seen == committed
    assert count == highest == len(committed)


LEADERS = """
    select pid from pg_locks join pg_database on pg_database.oid = database
    where locktype = 'advisory' and datname = current_database()
"""


async def test_one_of_two_relays_leads_and_the_other_takes_over_when_it_stops(
    database: Database, own_nats: EmbeddedNats
) -> None:
    first, second = Stream(own_nats.url, "first"), Stream(own_nats.url, "second")
    async with running(Relay(database, second, "ledger")):
        async with running(Relay(database, first, "ledger")):
            await change(database)
            await eventually(lambda: all_published(database))
            assert len(await rows(database, LEADERS)) == 1
        await change(database)
        await eventually(lambda: all_published(database))
    assert await rows(database, "select sequence from journal order by sequence") == [(1,), (2,)]
    await first.close()
    await second.close()


async def test_a_relay_that_loses_its_connection_leads_again(database: Database, stream: Stream) -> None:
    async with running(Relay(database, stream, "ledger")):
        await change(database)
        await eventually(lambda: all_published(database))
        async with database.transaction() as session:
            await session.execute(text(f"select pg_terminate_backend(pid) from ({LEADERS}) as leader"))
        await change(database)
        await eventually(lambda: all_published(database))
    assert await rows(database, "select sequence from journal order by sequence") == [(1,), (2,)]
