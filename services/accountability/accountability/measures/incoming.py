"""A file's rows in a temporary table beside the measures: what is new, what corrects, and the keeping of both."""

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Float,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    and_,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.measures.rules import KEPT
from accountability.measures.tables import Measure

NAME = "incoming"
STATEMENT_MINUTES = 15
"""For the one statement that writes the five million rows of a file of 200 MB, with their index entries."""

_incoming = Table(
    NAME,
    MetaData(),
    Column("school_id", Uuid),
    Column("indicator", SmallInteger),
    Column("student_group", Text),
    Column("value", Float),
    Column("category", Text),
    Column("n", BigInteger),
    Column("participation", Float),
    Column("numerator", Float),
    Column("denominator", Float),
    prefixes=["temporary"],
    postgresql_on_commit="DROP",
)


async def create(session: AsyncSession) -> None:
    """Make the empty table; it goes with the transaction, in which a statement may now take as long as a large file."""
    await session.execute(text(f"set local statement_timeout = '{STATEMENT_MINUTES}min'"))
    await (await session.connection()).run_sync(_incoming.create, checkfirst=False)


async def news(session: AsyncSession, school_year: int) -> tuple[int, int]:
    """How many rows are new, and how many correct a known one."""
    known = Measure.school_id.is_not(None)
    counts = select(func.count().filter(~known), func.count().filter(known & _differs())).select_from(
        _incoming.outerjoin(Measure, _same(school_year))
    )
    added, corrected = (await session.execute(counts)).one()
    return added, corrected


async def keep(session: AsyncSession, number: int, school_year: int, data_year: int) -> None:
    """Supersede what the rows correct, and append those that are not known, as of the import `number`."""
    await session.execute(
        update(Measure)
        .where(_same(school_year), _differs())
        .values(superseded_in=number)
        .execution_options(synchronize_session=False)
    )
    constants = {"import_number": number, "school_year": school_year, "data_year": data_year}
    new = select(*map(literal, constants.values()), *(_incoming.c[name] for name in KEPT)).where(
        ~exists().where(_same(school_year))
    )
    await session.execute(insert(Measure).from_select([*constants, *KEPT], new))


def _same(school_year: int) -> ColumnElement[bool]:
    """A measure that is current under the key of an incoming row."""
    return and_(
        Measure.superseded_in.is_(None),
        Measure.school_year == school_year,
        Measure.indicator == _incoming.c.indicator,
        Measure.school_id == _incoming.c.school_id,
        Measure.student_group == _incoming.c.student_group,
    )


def _differs() -> ColumnElement[bool]:
    figures = ("value", "category", "n", "participation", "numerator", "denominator")
    return or_(*(getattr(Measure, name).is_distinct_from(_incoming.c[name]) for name in figures))
