"""Sessions: a Transaction commits before the answer leaves, a Snapshot is read-only. Nobody else calls commit."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_sessionmaker, create_async_engine

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Constraint names that a migration and a model agree on."""


class Database:
    """One service's PostgreSQL: a pool, and the two ways to use it."""

    def __init__(self, url: str, pool_size: int = 10, statement_timeout_ms: int = 60_000) -> None:
        self.engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=5,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={
                "options": f"-c statement_timeout={statement_timeout_ms} -c lock_timeout=5000 "
                "-c idle_in_transaction_session_timeout=60000 -c timezone=UTC"
            },
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False, autoflush=True)
        self.committed = asyncio.Event()
        """Set after a commit that recorded an event: the relay waits for it."""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A read-write unit of work: returning commits, raising rolls back."""
        async with self._sessions() as session:
            async with session.begin():
                yield session
            if session.info.get("recorded"):
                self.committed.set()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """One consistent, read-only view of the database."""
        async with self._sessions() as session:
            await session.connection(
                execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            )
            yield session

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """A direct connection outside of any transaction, for locks that outlive transactions."""
        async with self.engine.connect() as connection:
            yield await connection.execution_options(isolation_level="AUTOCOMMIT")

    async def dispose(self) -> None:
        """Close every pooled connection."""
        await self.engine.dispose()


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
