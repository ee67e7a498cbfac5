"""Files out: few pieces for many rows, a problem before the first of them, and never all of the pool."""

from collections.abc import MutableMapping
from typing import Any

import pytest
from kit.db import Database
from kit.errors import Unavailable
from kit.streaming import BLOCK_BYTES, CSV, NDJSON, Streamed
from sqlalchemy import Integer, Text, cast, column, func, literal, select, values
from sqlalchemy.exc import DataError

from kit import db

ROWS = select(cast(func.generate_series(1, 20_000), Integer).label("row_number"), literal("x" * 20).label("a_text"))


async def sent(database: Database, query: Any, form: str) -> list[bytes]:
    """The pieces of the body, after the start."""
    messages: list[MutableMapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    scope = {"type": "http", "asgi": {"spec_version": "2.4"}, "method": "GET", "headers": []}
    try:
        await Streamed(database, query, form)(scope, receive, send)
    finally:
        started = [message for message in messages if message["type"] == "http.response.start"]
        assert len(started) == (1 if messages else 0)
    return [message["body"] for message in messages[1:]]


async def test_many_rows_are_sent_in_few_pieces(database: Database) -> None:
    pieces = await sent(database, ROWS, NDJSON)
    lines = b"".join(pieces).splitlines()
    assert (lines[0], len(lines)) == (b'{"rowNumber":1,"aText":"xxxxxxxxxxxxxxxxxxxx"}', 20_000)
    assert len(pieces) < 20_000 / 500
    assert max(map(len, pieces)) < 2 * BLOCK_BYTES


async def test_a_table_guards_texts_and_words_truth(database: Database) -> None:
    said = values(column("a_text", Text), name="said").data([("=1+1",), ("plain",), ("\uff0dx",), ('a "b", c',)])
    query = select(said.c.a_text, (said.c.a_text == "plain").label("is_plain"), literal(-1).label("number"))
    lines = b"".join(await sent(database, query, CSV)).decode().splitlines()
    assert lines == ["aText,isPlain,number", "'=1+1,no,-1", "plain,yes,-1", "'\uff0dx,no,-1", '"a ""b"", c",no,-1']


async def test_values_of_a_request_are_data_and_nothing_else(database: Database) -> None:
    hostile = "') to stdout; drop table account; -- % %s %(x)s \\"
    [line] = b"".join(await sent(database, select(literal(hostile).label("said")), CSV)).decode().splitlines()[1:]
    assert line == hostile


async def test_nothing_is_sent_of_a_query_that_fails_at_once(database: Database) -> None:
    with pytest.raises(DataError):
        await sent(database, select((literal(1) / literal(0)).label("never")), CSV)


async def test_half_of_the_pool_is_left_to_everybody_else(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    small = Database(database.engine.url.render_as_string(hide_password=False), pool_size=2)
    monkeypatch.setattr(db, "POOL_SECONDS", 0.05)
    async with small.long_snapshot():
        with pytest.raises(Unavailable):
            await sent(small, ROWS, CSV)
    assert await sent(small, ROWS, CSV)
    await small.dispose()
