"""Our copy of published ratings, kept from accountability's events: every version that was heard, none overwritten."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from contracts.accountability import RatingPublished, RatingWithdrawn
from contracts.event import Envelope
from kit.copies import keep_newest
from sqlalchemy import BigInteger, DateTime, Float, Integer, SmallInteger, Text, delete, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from registry.dated import among
from registry.rows import Row


class PublishedRating(Row):
    """A version of a school's rating as accountability published it; a new state alone is no new revision."""

    __tablename__ = "published_rating"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    revision: Mapped[int] = mapped_column(Integer)
    school_id: Mapped[UUID] = mapped_column(index=True)
    student_group: Mapped[str] = mapped_column(Text)
    framework: Mapped[str] = mapped_column(Text)
    framework_version: Mapped[str] = mapped_column(Text)
    rating_title: Mapped[str] = mapped_column(Text)
    school_year: Mapped[int] = mapped_column(SmallInteger)
    data_year: Mapped[int] = mapped_column(SmallInteger)
    status: Mapped[str] = mapped_column(Text)
    rating: Mapped[str] = mapped_column(Text)
    score: Mapped[float | None] = mapped_column(Float)
    reason: Mapped[str | None] = mapped_column(Text)
    rating_date: Mapped[date]
    published_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    revision_reason: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)


class WithdrawnRating(Row):
    """That a rating was taken back: up to this version it is public no more."""

    __tablename__ = "withdrawn_rating"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    withdrawn_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str] = mapped_column(Text)


PROJECTION = (PublishedRating, WithdrawnRating)
"""The tables that `concordat rebuild` empties; the stream then gives the newest version of each rating again."""


async def keep_rating(session: AsyncSession, event: RatingPublished, envelope: Envelope) -> None:
    """Keep a version, unless it was taken back since; heard again, it is the same."""
    withdrawn = await session.get(WithdrawnRating, event.id)
    if withdrawn is not None and event.version <= withdrawn.version:
        return
    said = event.model_dump(include=set(PublishedRating.__table__.columns.keys()))
    await session.execute(upsert(PublishedRating).values(**said).on_conflict_do_nothing())


async def forget_rating(session: AsyncSession, event: RatingWithdrawn, envelope: Envelope) -> None:
    """Keep that a rating was taken back, and nothing of what it said before."""
    said = event.model_dump(include=set(WithdrawnRating.__table__.columns.keys()))
    await keep_newest(session, WithdrawnRating, **said)
    gone = (PublishedRating.id == event.id) & (PublishedRating.version <= event.version)
    await session.execute(delete(PublishedRating).where(gone))


async def withdrawals(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, WithdrawnRating]:
    """Those of these ratings that were ever taken back."""
    rows = await session.scalars(select(WithdrawnRating).where(among(WithdrawnRating.id, ids)))
    return {row.id: row for row in rows}


async def newest_ratings(session: AsyncSession, school_ids: Iterable[UUID]) -> list[PublishedRating]:
    """The newest version of each rating of these schools, by school year."""
    query = select(PublishedRating).where(among(PublishedRating.school_id, school_ids))
    newest = query.ext(distinct_on(PublishedRating.id)).order_by(PublishedRating.id, PublishedRating.version.desc())
    rows = await session.scalars(newest)
    return sorted(rows, key=lambda row: (row.school_id, row.school_year, row.framework, row.student_group, row.id))
