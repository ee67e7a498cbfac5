"""What a transaction writes down: with its effect or not at all, and only what may be said."""

from uuid import uuid4

import pytest
from kit.auth import Caller
from kit.db import Database
from kit.errors import TooLarge
from kit.journal import MAX_EVENT_BYTES, record
from kit.publisher import envelope
from kit.tables import journal
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from tests.conftest import Service
from tests.kit.conftest import change, rows
from tests.kit.ledger.app import AccountChanged


async def test_a_row_names_who_did_it_and_in_which_request(ledger: Service) -> None:
    client = ledger.client("ledger:write", client_id="district")
    answer = await client.post("/v1/accounts", json={"name": "Ida"})
    [(actor, trace)] = await rows(ledger.app.state.database, "select actor, trace from journal")
    assert (actor, trace) == ("district", answer.headers["traceparent"])


async def test_a_refused_request_leaves_no_row(ledger: Service) -> None:
    await ledger.client("ledger:write").post("/v1/accounts", json={"name": "refused"})
    assert await rows(ledger.app.state.database, "select * from journal") == []


async def test_what_was_before_is_never_said(database: Database) -> None:
    event = AccountChanged(id=uuid4(), version=2, name="after")
    async with database.transaction() as session:
        await record(session, event, caller=Caller("test", None, frozenset()), before={"name": "secret"})
        await session.execute(text("update journal set sequence = 1, change_version = 1"))
        row = (await session.execute(select(journal))).one()
    assert row.before == {"name": "secret"}
    assert b"secret" not in envelope("ledger", row)


async def test_an_event_that_the_stream_would_never_take_is_refused_at_once(database: Database) -> None:
    with pytest.raises(TooLarge):
        await change(database, name="é" * (MAX_EVENT_BYTES // 2))
    assert await rows(database, "select * from journal") == []


async def test_a_snapshot_cannot_write(database: Database) -> None:
    async with database.snapshot() as session:
        with pytest.raises(DBAPIError, match="read-only"):
            await session.execute(text("delete from account"))
