"""Every event is said until it is heard, and the last of a subject is its newest state."""

import shutil
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import nats
from kit.db import Database
from kit.relay import Relay
from kit.stream import Stream, stream_name
from launcher.embedded import EmbeddedNats
from nats.js.api import DiscardPolicy, StreamConfig

from tests.conftest import Service
from tests.kit.conftest import PACKAGE, all_numbered, all_published, change, eventually, heard, probe, rows, running
from tests.kit.ledger.app import create_app


async def test_while_nats_is_away_writes_succeed_and_get_their_numbers(
    running_ledger: Service, own_nats: EmbeddedNats
) -> None:
    own_nats.stop()
    client, database = running_ledger.client("ledger:write"), running_ledger.app.state.database
    statuses = [(await client.post("/v1/accounts", json={"name": "Ida"})).status_code for _ in range(3)]
    assert statuses == [201, 201, 201]
    await eventually(lambda: all_numbered(database))
    assert not await all_published(database)
    assert (await client.get("/health/ready")).json() == {"status": "ready", "database": "up", "stream": "down"}


async def test_events_of_an_outage_arrive_in_order_when_nats_is_back(
    running_ledger: Service, own_nats: EmbeddedNats
) -> None:
    database = running_ledger.app.state.database
    accounts = [uuid4() for _ in range(3)]
    async with probe(own_nats.url) as subscription:
        own_nats.stop()
        for version in range(1, 6):
            for account in accounts:
                await change(database, account, version)
        own_nats.start()
        events = await heard(subscription, 15)
    versions = {
        account: [event.data["version"] for event in events if event.data["id"] == str(account)] for account in accounts
    }
    assert versions == {account: [1, 2, 3, 4, 5] for account in accounts}


async def test_a_service_starts_and_stops_without_nats(service_of: Callable[..., Any], own_nats: EmbeddedNats) -> None:
    own_nats.stop()
    async with service_of(PACKAGE, create_app, running=True, nats_url=own_nats.url) as service:
        made = await service.client("ledger:write").post("/v1/accounts", json={"name": "Ida"})
        assert made.status_code == 201
        own_nats.start()
        await eventually(lambda: all_published(service.app.state.database))


async def test_a_stream_that_lost_its_store_is_filled_again_though_nothing_new_happens(
    running_ledger: Service, own_nats: EmbeddedNats
) -> None:
    database = running_ledger.app.state.database
    accounts = {await change(database) for _ in range(5)}
    await eventually(lambda: all_published(database))
    own_nats.stop()
    shutil.rmtree(own_nats.folder / "store")
    own_nats.start()
    async with probe(own_nats.url) as subscription:
        assert {UUID(event.data["id"]) for event in await heard(subscription, 5)} == accounts


async def test_saying_everything_twice_changes_nothing_for_those_who_heard_it(
    running_ledger: Service, own_nats: EmbeddedNats
) -> None:
    database = running_ledger.app.state.database
    for _ in range(5):
        await change(database)
    await eventually(lambda: _copied(database, 5))
    connection = await nats.connect(own_nats.url)
    await connection.jetstream().delete_stream(stream_name("ledger"))
    async with probe(own_nats.url) as subscription:
        await heard(subscription, 5)
        await change(database)
        await eventually(lambda: _copied(database, 6))
    await connection.close()
    assert await rows(database, "select distinct applied from account_copy") == [(1,)]


async def _copied(database: Database, count: int) -> bool:
    return await rows(database, "select count(*) from account_copy") == [(count,)]


class Faltering(Stream):
    """A connection on which the first attempt to say version 2 goes wrong."""

    failed = False

    async def publish(self, subject: str, event_id: str, body: bytes) -> None:
        if b'"version":2' in body and not self.failed:
            self.failed = True
            raise TimeoutError
        await super().publish(subject, event_id, body)


async def test_a_publication_that_fails_never_puts_an_older_state_behind_a_newer_one(
    database: Database, own_nats: EmbeddedNats
) -> None:
    stream = Faltering(own_nats.url, "faltering")
    account = uuid4()
    for version in (1, 2, 3):
        await change(database, account, version)
    async with running(Relay(database, stream, "ledger")):
        await eventually(lambda: all_published(database))
        async with probe(own_nats.url) as newcomer:
            [newest] = await heard(newcomer, 1)
    await stream.close()
    assert stream.failed
    assert newest.data["version"] == 3


async def test_a_stream_that_would_drop_messages_is_set_right(
    database: Database, stream: Stream, own_nats: EmbeddedNats
) -> None:
    connection = await nats.connect(own_nats.url)
    jetstream = connection.jetstream()
    name = stream_name("ledger")
    await jetstream.add_stream(
        StreamConfig(name=name, subjects=["concordat.ledger.>"], discard=DiscardPolicy.OLD, max_age=3600)
    )
    await change(database)
    async with running(Relay(database, stream, "ledger")):
        await eventually(lambda: all_published(database))
    config = (await jetstream.stream_info(name)).config
    await connection.close()
    assert (config.discard, config.max_age) == (DiscardPolicy.NEW, 0)
