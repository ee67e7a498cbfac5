"""COPY in a session's transaction; by it many rows go in at once, where INSERT sends and answers each by itself."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection, AsyncCopy, Error, sql
from sqlalchemy import Table, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

FEW = 20
"""Up to so many rows, INSERT is as quick."""


@asynccontextmanager
async def copying(
    session: AsyncSession, statement: bytes | sql.Composed, params: Mapping[str, Any] | None = None
) -> AsyncIterator[AsyncCopy]:
    """A COPY on the driver's own connection, in the session's transaction. It fails as any statement: DBAPIError."""
    raw = await (await session.connection()).get_raw_connection()
    driver = raw.driver_connection
    assert isinstance(driver, AsyncConnection)
    try:
        async with driver.cursor() as cursor, cursor.copy(statement, params) as copy:
            yield copy
    except Error as error:
        raise DBAPIError.instance(None, None, error, Error) from error


async def add_rows(session: AsyncSession, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append `rows`, which all have the same columns, in this order; defaults fill what they leave out."""
    if len(rows) > FEW:
        await _copy(session, table, rows)
    elif rows:
        await session.execute(insert(table), list(rows))


async def _copy(session: AsyncSession, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    names = list(rows[0])
    converted = [_converter(session, table, name) for name in names]
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    async with copying(session, statement) as copy:
        for row in rows:
            values = (row[name] for name in names)
            await copy.write_row([convert(v) if convert else v for convert, v in zip(converted, values, strict=True)])


def _converter(session: AsyncSession, table: Table, name: str) -> Any:
    """What makes of a value of the column the value that the driver takes, as in an INSERT; None if nothing has to."""
    dialect = session.get_bind().dialect
    return table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
