"""Snapshots of published ratings: which revisions they hold, and their files, byte by byte."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, ForeignKeyConstraint, Integer, LargeBinary, SmallInteger, Text
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from accountability.rows import Row


class RatingSnapshot(Row):
    """The ratings that were public at an instant, under a name. Never changed."""

    __tablename__ = "rating_snapshot"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=sql("uuidv7()"))
    name: Mapped[str] = mapped_column(Text, unique=True)
    label: Mapped[str | None] = mapped_column(Text)
    framework_id: Mapped[str | None] = mapped_column(Text)
    school_year: Mapped[int | None] = mapped_column(SmallInteger)
    change_version: Mapped[int] = mapped_column(BigInteger)
    manifest: Mapped[str] = mapped_column(Text, comment="A JWS: what was signed when it was taken.")
    organization_id: Mapped[UUID | None]
    client_id: Mapped[str] = mapped_column(Text)
    taken_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SnapshotLine(Row):
    """That a snapshot holds a revision."""

    __tablename__ = "rating_snapshot_line"
    __table_args__ = (
        ForeignKeyConstraint(["rating_id", "revision"], ["rating_revision.rating_id", "rating_revision.revision"]),
    )

    snapshot_id: Mapped[UUID] = mapped_column(ForeignKey(RatingSnapshot.id), primary_key=True)
    rating_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(Integer)


class SnapshotBlock(Row):
    """A part of a snapshot's file."""

    __tablename__ = "rating_snapshot_block"

    snapshot_id: Mapped[UUID] = mapped_column(ForeignKey(RatingSnapshot.id), primary_key=True)
    media_type: Mapped[str] = mapped_column(Text, primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
