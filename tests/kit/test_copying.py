"""Many rows are kept exactly as few are, only sooner."""

from uuid import UUID

import pytest
from kit.copying import FEW, add_rows
from kit.db import Database
from kit.journal import record_changes
from kit.tables import journal
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests.kit.conftest import rows
from tests.kit.ledger.app import AccountChanged, account

NAMES = ['Ida "the" \\ Wells\t\n', "", "\\N", "\\.", "Zoë, and \u2028 more"]


async def test_a_copied_row_is_the_inserted_row(database: Database) -> None:
    some = [{"name": name, "version": 2**40} for name in NAMES]
    async with database.transaction() as session:
        await add_rows(session, account, some)
        await add_rows(session, account, some * FEW)
    kept = await rows(database, "select name, version, count(*) from account group by 1, 2")
    assert sorted(kept) == sorted((name, 2**40, FEW + 1) for name in NAMES)


async def test_many_events_are_recorded_as_one_is(database: Database) -> None:
    def event(number: int) -> AccountChanged:
        return AccountChanged(id=UUID(int=number), version=1, name=NAMES[0])

    async with database.transaction() as session:
        await record_changes(session, [(event(0), None)], caller=None, reason="why")
        await record_changes(session, [(event(n), None) for n in range(1, FEW + 2)], caller=None, reason="why")
        columns = [column for column in journal.c if column.name not in {"id", "subject", "data"}]
        found = (await session.execute(select(*columns, journal.c.data["name"]).distinct())).all()
    assert len(found) == 1


async def test_a_copied_row_that_breaks_a_constraint_is_refused(database: Database) -> None:
    twice = [{"id": UUID(int=1), "name": "Ida", "version": 1}] * (FEW + 1)
    with pytest.raises(IntegrityError):
        async with database.transaction() as session:
            await add_rows(session, account, twice)
