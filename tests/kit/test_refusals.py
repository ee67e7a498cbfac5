"""Which failures are the database's, which another transaction's, and which our own."""

import asyncio

import pytest
from kit.db import Database
from kit.refusals import another_was_first, database_is_away
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout


async def failure(database: Database, *statements: str) -> DBAPIError:
    """What the last of these statements fails with, in one transaction."""
    with pytest.raises(DBAPIError) as raised:  # noqa: PT012  # the failure is of the whole transaction
        async with database.transaction() as session:
            for statement in statements:
                await session.execute(text(statement))
    return raised.value


async def test_a_connection_that_is_cut_means_that_the_database_is_away(database: Database) -> None:
    assert database_is_away(await failure(database, "select pg_terminate_backend(pg_backend_pid())"))


async def test_a_server_that_nobody_answers_at_is_away() -> None:
    nowhere = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert database_is_away(await failure(nowhere, "select 1"))


def test_a_pool_with_no_free_connection_means_that_the_database_is_away() -> None:
    assert database_is_away(PoolTimeout())


async def test_a_statement_that_is_too_slow_is_to_blame_itself(database: Database) -> None:
    error = await failure(database, "set local statement_timeout = 20", "select pg_sleep(2)")
    assert not database_is_away(error)
    assert not another_was_first(error)


async def test_a_lock_that_is_not_to_be_had_means_that_another_was_first(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(text("lock table account"))
        error = await failure(database, "set local lock_timeout = 20", "select * from account")
    assert another_was_first(error)
    assert not database_is_away(error)


async def test_of_two_transactions_that_wait_for_each_other_one_learns_that_another_was_first(
    database: Database,
) -> None:
    async def lock(first: str, second: str) -> Exception | None:
        try:
            async with database.transaction() as session:
                await session.execute(text("set local deadlock_timeout = '50ms'"))
                await session.execute(text(f"lock table {first}"))
                await asyncio.sleep(0.1)
                await session.execute(text(f"lock table {second}"))
        except DBAPIError as error:
            return error
        return None

    outcomes = await asyncio.gather(lock("account", "account_copy"), lock("account_copy", "account"))
    [error] = [outcome for outcome in outcomes if outcome is not None]
    assert another_was_first(error)


@pytest.mark.parametrize("statement", ["select 1 / 0", "select nowhere", "insert into account_copy values (null)"])
async def test_a_wrong_statement_is_neither(database: Database, statement: str) -> None:
    error = await failure(database, statement)
    assert not database_is_away(error)
    assert not another_was_first(error)
