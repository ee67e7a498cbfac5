"""Ratings and their revisions. A revision is never changed."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from contracts.accountability import PublishedState
from sqlalchemy import Date, DateTime, Float, ForeignKey, Index, Integer, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accountability.orders.tables import RatingOrder
from accountability.rows import Row


def publications_of(school_year: int) -> int:
    """The advisory lock on a year's publications: runs are published one by one."""
    return 72_626_114_230_000 + school_year


class Rating(Row):
    """That a school, a group or level of it, or an organization is rated by a framework for a year.

    What it says is in the newest revision.
    """

    __tablename__ = "rating"
    __table_args__ = (
        UniqueConstraint("school_id", "student_group", "framework_id", "school_year"),
        Index("ix_rating_withdrawn_at", "withdrawn_at", postgresql_where=text("withdrawn_at is not null")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    school_id: Mapped[UUID]
    student_group: Mapped[str] = mapped_column(Text, server_default="ALL")
    framework_id: Mapped[str] = mapped_column(Text)
    school_year: Mapped[int] = mapped_column(SmallInteger)
    revision: Mapped[int] = mapped_column(Integer)
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    withdrawn_reason: Mapped[str | None] = mapped_column(Text)


class RatingRevision(Row):
    """What was published. Score, rating (the band's label) and status are three things."""

    __tablename__ = "rating_revision"
    __table_args__ = (Index("ix_rating_revision_order_id", "order_id", postgresql_where=text("order_id is not null")),)

    rating_id: Mapped[UUID] = mapped_column(ForeignKey("rating.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True)
    run: Mapped[int] = mapped_column(ForeignKey("run.number"))
    framework_version: Mapped[str] = mapped_column(Text)
    rating_title: Mapped[str] = mapped_column(Text)
    data_year: Mapped[int] = mapped_column(SmallInteger)
    status: Mapped[str] = mapped_column(Text)
    rating: Mapped[str] = mapped_column(Text)
    score: Mapped[float | None] = mapped_column(Float)
    reason: Mapped[str | None] = mapped_column(Text)
    labels: Mapped[dict[str, Any]] = mapped_column(JSONB)
    rating_date: Mapped[date] = mapped_column(Date)
    published_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    revision_reason: Mapped[str | None] = mapped_column(Text)
    state: Mapped[PublishedState] = mapped_column(Text, server_default="official")
    reason_code: Mapped[str | None] = mapped_column(Text)
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey(RatingOrder.id))
    legal_source: Mapped[str | None] = mapped_column(Text, comment="Where it is written, if people decided the rating.")
    suppression: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB(none_as_null=True), comment="What of it the public does not see, decided when it was published."
    )
