"""Sessions: a Transaction commits before the answer leaves, a Snapshot is read-only. Nobody else calls commit."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy import Compiled, Connection, Engine, Row, Select, event, text
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from kit.errors import Unavailable

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Constraint names that a migration and a model agree on."""

READ_WRITE, READ_ONLY = "begin", "begin isolation level repeatable read, read only"
POOL_SECONDS = 5
LONGEST_SECONDS = 600
"""How long a file may be under way: a nation's directory takes minutes on a slow line."""
RESTED_SECONDS = 1.0
"""A connection that was in use a moment ago is not asked whether it still lives: short reads would cost twice."""


class Database:
    """One service's PostgreSQL: a pool, and the two ways to use it.

    The driver's own transactions stay off: to turn them on and off for each use costs more than a short read.
    """

    def __init__(self, url: str, pool_size: int = 10, statement_timeout_ms: int = 60_000) -> None:
        self.engine = create_async_engine(
            url,
            isolation_level="AUTOCOMMIT",
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_SECONDS,
            pool_use_lifo=True,  # the connection used last has its statements prepared
            hide_parameters=True,
            connect_args={
                "options": f"-c statement_timeout={statement_timeout_ms} -c lock_timeout=5000 "
                "-c idle_in_transaction_session_timeout=60000 -c timezone=UTC"
            },
        )
        _begin_as_asked(self.engine.sync_engine)
        _ask_the_rested(self.engine.sync_engine)
        self._transactions, self._snapshots = (
            async_sessionmaker(self.engine.execution_options(begin=statement), expire_on_commit=False)
            for statement in (READ_WRITE, READ_ONLY)
        )
        self._readers = asyncio.Semaphore(max(pool_size // 2, 1))
        self.committed = asyncio.Event()
        """Set after a commit that recorded an event: the relay waits for it."""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A read-write unit of work: returning commits, raising rolls back."""
        async with self._transactions() as session:
            async with session.begin():
                yield session
            if session.info.get("recorded"):
                self.committed.set()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """One consistent, read-only view of the database, of the instant of its first statement."""
        async with self._snapshots() as session:
            yield session

    @asynccontextmanager
    async def long_snapshot(self) -> AsyncIterator[AsyncSession]:
        """A snapshot for as long as somebody takes to read a file, for half the pool at most. Raises Unavailable."""
        try:
            async with asyncio.timeout(POOL_SECONDS):
                await self._readers.acquire()
        except TimeoutError as error:
            raise Unavailable("As many files as possible are being sent; try again.") from error
        try:
            async with self.snapshot() as session:
                await session.execute(text(f"set local statement_timeout = '{LONGEST_SECONDS}s'"))
                yield session
        finally:
            self._readers.release()

    async def read_at_once(self, statement: Compiled, parameters: Mapping[str, Any]) -> Sequence[Row[Any]]:
        """The rows of one statement, which sees one state of the database without a transaction around it.

        For what is asked so often that to compile it and to open a session would cost more than the reading.
        """
        async with self.engine.connect() as connection:
            return (await connection.exec_driver_sql(str(statement), {**statement.params, **parameters})).all()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """A direct connection outside of any transaction, for locks that outlive transactions."""
        async with self.engine.connect() as connection:
            yield connection

    async def dispose(self) -> None:
        """Close every pooled connection."""
        await self.engine.dispose()


def compiled(statement: Select[Any]) -> Compiled:
    """`statement` as it is sent: put together once, it is read at once as often as is asked."""
    return statement.compile(dialect=PGDialect_psycopg())  # type: ignore[no-untyped-call]


def _begin_as_asked(engine: Engine) -> None:
    """Let a transaction begin with the statement of its engine's option `begin`; without one there is none."""

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        statement = connection.get_execution_options().get("begin")
        if statement is not None:
            connection.exec_driver_sql(statement)


def _ask_the_rested(engine: Engine) -> None:
    """Replace a pooled connection that has rested and does not answer, as PostgreSQL may have restarted meanwhile."""

    @event.listens_for(engine, "checkin")
    def note(_: Any, entry: ConnectionPoolEntry) -> None:
        entry.info["used_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ask(connection: Any, entry: ConnectionPoolEntry, _: Any) -> None:
        if time.monotonic() - entry.info.get("used_at", float("inf")) < RESTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error


async def _open_transaction(request: Request) -> AsyncIterator[AsyncSession]:
    database: Database = request.app.state.database
    async with database.transaction() as session:
        yield session


async def _open_snapshot(request: Request) -> AsyncIterator[AsyncSession]:
    database: Database = request.app.state.database
    async with database.snapshot() as session:
        yield session


# scope="function": the default scope commits after the answer has gone, so a failed commit would look like success.
Transaction = Annotated[AsyncSession, Depends(_open_transaction, scope="function")]
Snapshot = Annotated[AsyncSession, Depends(_open_snapshot, scope="function")]
