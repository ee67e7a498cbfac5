"""Files out: the rows of a query as NDJSON or CSV, straight from COPY, so that memory stays flat for any number."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

from fastapi import Request
from fastapi.responses import StreamingResponse
from pydantic.alias_generators import to_camel
from sqlalchemy import Boolean, ColumnElement, Select, String, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import Receive, Scope, Send

from kit.copying import copying
from kit.db import Database
from kit.spreadsheets import CSV, FORMULA

JSON, NDJSON = "application/json", "application/x-ndjson"
VARY = {"Vary": "Accept"}
FORMS: dict[int | str, dict[str, Any]] = {
    200: {"content": {media_type: {"schema": {"type": "string"}} for media_type in (NDJSON, CSV)}}
}
"""For the OpenAPI document: what a list answers besides JSON."""

BLOCK_BYTES = 65_536
BEGINS_AS_FORMULA = "^([" + "".join(FORMULA).replace("-", "\\-") + "])"

# CSV without quotes or delimiters is the text itself; COPY's text format would double backslashes.
OPTIONS = {CSV: "format csv, header", NDJSON: r"format csv, quote e'\x01', delimiter e'\x02'"}


def accepted_form(request: Request, *others: str) -> str:
    """The first media type of the Accept header that we have. Preferences by `q` do not count; JSON is the default.

    `others`: what is there besides JSON, NDJSON and CSV.
    """
    asked = (part.split(";")[0].strip().lower() for part in request.headers.get("accept", "").split(","))
    return next((media_type for media_type in asked if media_type in (JSON, NDJSON, CSV, *others)), JSON)


class Streamed(StreamingResponse):
    """The rows of `query` as a file of `form`. What fails before the first of them is a problem as usual.

    Columns are named in the query as in Python, in the file as on the wire.
    """

    def __init__(self, database: Database, query: Select[Any], form: str) -> None:
        self._blocks = _blocks(database, query, form)
        super().__init__(self._blocks, media_type=form, headers=VARY)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for the first block, then begin to answer."""
        async with aclosing(self._blocks):
            self.body_iterator = _followed_by(await anext(self._blocks, b""), self._blocks)
            await super().__call__(scope, receive, send)


async def _followed_by(first: bytes, others: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for block in others:
        yield block


async def _blocks(database: Database, query: Select[Any], form: str) -> AsyncGenerator[bytes, None]:
    async with database.long_snapshot() as session, aclosing(copied(session, query, form)) as blocks:
        async for block in blocks:
            yield block


async def copied(session: AsyncSession, query: Select[Any], form: str) -> AsyncGenerator[bytes, None]:
    """What COPY says, row after row, put together to blocks of whole rows. Meanwhile the session is busy."""
    dialect = (await session.connection()).dialect
    compiled = _source(query, form).compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    statement = f"copy ({compiled}) to stdout with ({OPTIONS[form]})".encode()
    async with copying(session, statement, compiled.params) as copy:
        block = bytearray()
        async for row in copy:
            block += row
            if len(block) >= BLOCK_BYTES:
                yield bytes(block)
                block.clear()
        yield bytes(block)


def _source(query: Select[Any], form: str) -> Select[Any]:
    """The query with its columns named as on the wire: as they are for CSV, as one object for NDJSON."""
    columns = query.subquery("query").columns
    if form == CSV:
        return select(*(_cell(column).label(to_camel(column.name)) for column in columns))
    line = select(*(column.label(to_camel(column.name)) for column in columns)).subquery("line")
    return select(func.row_to_json(line.table_valued()))


def _cell(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column as a spreadsheet takes it: no text as a formula, truth as yes or no."""
    if isinstance(column.type, Boolean):
        return case((column, "yes"), (~column, "no"))
    if isinstance(column.type, String):
        return func.regexp_replace(column, BEGINS_AS_FORMULA, r"'\1")
    return column
