"""Frames to and from tables by COPY: whole columns travel, no row is touched in Python."""

import asyncio
import io
from collections.abc import Sequence

import polars as pl
from kit.copying import copying
from psycopg import sql
from sqlalchemy.ext.asyncio import AsyncSession

SLICE_ROWS = 100_000


async def copy_in(session: AsyncSession, table: str, frame: pl.DataFrame) -> None:
    """Append `frame`, whose columns are named as the table's, in the session's transaction."""
    statement = sql.SQL("copy {} ({}) from stdin with (format csv)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, frame.columns))
    )
    async with copying(session, statement) as copy:
        for part in frame.iter_slices(SLICE_ROWS):
            await copy.write(await asyncio.to_thread(part.write_csv, include_header=False))


async def copy_out(session: AsyncSession, query: str, values: Sequence[object], schema: pl.Schema) -> pl.DataFrame:
    """The result of `query` (with {} for each of `values`) as a frame of `schema`, read in the session's snapshot."""
    statement = sql.SQL("copy ({}) to stdout with (format csv)").format(
        sql.SQL(query).format(*[sql.Literal(value) for value in values])
    )
    received = io.BytesIO()
    async with copying(session, statement) as copy:
        async for block in copy:
            received.write(block)
    if not received.tell():
        return schema.to_frame()
    received.seek(0)
    return await asyncio.to_thread(pl.read_csv, received, has_header=False, schema=schema)
