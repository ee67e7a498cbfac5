"""Dated rows: what holds during a period, believed since an instant. One clock, and a fence that closes the past."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, any_, func, literal, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, Range
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

FENCE = 7_262_611_422
"""The advisory lock that writers share while they write, and that whoever closes the past has for itself."""


class Dated:
    """What holds during a period, since when it is known, and until when it was believed."""

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    during: Mapped[Range[date]] = mapped_column(DATERANGE)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    superseded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


def believed(table: Any, known_at: datetime | None = None) -> ColumnElement[bool]:
    """Rows of a dated table that were believed at `known_at`; None: that are believed now."""
    if known_at is None:
        now: ColumnElement[bool] = table.superseded_at.is_(None)
        return now
    then: ColumnElement[bool] = (table.recorded_at <= known_at) & (
        table.superseded_at.is_(None) | (table.superseded_at > known_at)
    )
    return then


def among(column: Any, values: Iterable[Any]) -> ColumnElement[bool]:
    """`column` is one of `values`, however many: one array, where PostgreSQL takes 65,535 parameters at most."""
    found: ColumnElement[bool] = column == any_(literal(list(values), ARRAY(column.type)))
    return found


def among_rows(columns: Sequence[Any], rows: Collection[Sequence[Any]]) -> ColumnElement[bool]:
    """`columns` together are one of `rows`, however many: a table, so that each is looked up in an index."""
    arrays = [
        literal(list(values), ARRAY(column.type))
        for column, values in zip(columns, zip(*rows, strict=True), strict=True)
    ]
    wanted = func.unnest(*arrays).table_valued(*(f"c{place}" for place in range(len(columns)))).render_derived()
    return tuple_(*columns).in_(select(*wanted.c))


async def recording_instant(session: AsyncSession) -> datetime:
    """The instant from which this transaction's rows are known: one for all of them, by the database's clock.

    Call it after the aggregates are locked; then later versions have later instants, whichever process writes them.
    """
    if "recorded_at" not in session.info:
        await session.execute(select(func.pg_advisory_xact_lock_shared(FENCE)))
        session.info["recorded_at"] = await session.scalar(select(func.clock_timestamp()))
    instant: datetime = session.info["recorded_at"]
    return instant


async def close_the_past(session: AsyncSession) -> datetime:
    """An instant at which nothing will be recorded any more: waits for writers at work; those after it are later."""
    await session.execute(select(func.pg_advisory_xact_lock(FENCE)))
    instant: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    return instant


async def supersede(session: AsyncSession, table: Any, ids: Sequence[UUID], at: datetime) -> None:
    """Mark dated rows as no longer believed since `at`; they stay readable."""
    if ids:
        await session.execute(update(table).where(among(table.id, ids)).values(superseded_at=at))
