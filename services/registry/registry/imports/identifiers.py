"""By which identifiers the rows of a file name their schools: each school once, and held until the file is applied.

They lie in a temporary table and not in memory, which stays flat for any number of rows.
"""

from collections.abc import Sequence
from datetime import date

from kit.copying import add_rows
from kit.errors import FieldError
from sqlalchemy import Boolean, Column, Date, Integer, MetaData, Table, Text, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.schema import CreateTable

from registry.imports.reading import FileRow

identifier = Table(
    "import_identifier",
    MetaData(),
    Column("number", Integer, nullable=False),
    Column("system", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("names", Boolean, nullable=False, comment="It says which school is meant; else it is one more of it."),
    prefixes=["temporary"],
    postgresql_on_commit="drop",
)

REPEATED = text("""
    select number, first, value from (
        select number, value, min(number) over (partition by system, value) as first from import_identifier
    ) as numbered
    where number > first order by number
""")
NAMED_TWICE = text("""
    select number, first, value from (
        select i.number, i.value, min(i.number) over (partition by a.school_id) as first
        from import_identifier i join school_alias a using (system, value)
        where i.names and a.superseded_at is null and a.during @> i.first_day
    ) as numbered
    where number > first order by number
""")
LOCK = text("""
    select count(*) from (
        select from school where id in (
            select a.school_id from import_identifier i join school_alias a using (system, value)
            where i.names and a.superseded_at is null and a.during @> i.first_day
        )
        order by id for update
    ) as held
""")


async def open_list(session: AsyncSession) -> None:
    """Make room for the identifiers of one file, until the transaction ends."""
    await session.execute(CreateTable(identifier))


async def note(session: AsyncSession, rows: Sequence[FileRow], default_start: date) -> None:
    """Note by which identifiers these rows name their schools."""
    noted = [
        {
            "number": number,
            "system": system,
            "value": value,
            "first_day": row.valid_from or default_start,
            "names": names,
        }
        for number, row, _ in rows
        for names, (system, value) in zip((True, False), row.identifiers, strict=False)
    ]
    await add_rows(session, identifier, noted)


async def repetitions(session: AsyncSession) -> list[FieldError]:
    """Rows that name a school that an earlier row names, by the same identifier or by another one of it."""
    await session.execute(text("analyze import_identifier"))
    said = {
        REPEATED: ("duplicate-alias", "row {} has the same alias; name each school once"),
        NAMED_TWICE: ("duplicate-school", "row {} names the same school by another alias; name each school once"),
    }
    found: dict[int, FieldError] = {}
    for statement, (rule, message) in said.items():
        for number, first, value in await session.execute(statement):
            found.setdefault(number, FieldError("aliasValue", rule, message.format(first), number, value))
    return list(found.values())


async def lock_named_schools(session: AsyncSession) -> None:
    """Hold every school that the file names, in one order, so that none changes before the file is applied."""
    await session.execute(LOCK)
