"""Trials, and what each would change. No publication reads these tables: a trial is no run."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accountability.rows import Row


class Trial(Row):
    """A version tried: it pins both documents and the measures, like a run."""

    __tablename__ = "framework_trial"
    __table_args__ = (
        ForeignKeyConstraint(["framework_id", "version"], ["framework.id", "framework.version"]),
        ForeignKeyConstraint(["framework_id", "against_version"], ["framework.id", "framework.version"]),
        Index("ix_framework_trial_framework_id", "framework_id", "number"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    number: Mapped[int] = mapped_column(Integer, Identity(), unique=True)
    framework_id: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    against_version: Mapped[str] = mapped_column(Text)
    school_year: Mapped[int] = mapped_column(SmallInteger)
    input_version: Mapped[int] = mapped_column(Integer)
    counts: Mapped[dict[str, int]] = mapped_column(JSONB)
    unmeasured: Mapped[list[str]] = mapped_column(ARRAY(Text))
    organization_id: Mapped[UUID | None]
    client_id: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class TrialRating(Row):
    """How a school, a group or level of it, or an organization is rated by both versions."""

    __tablename__ = "trial_rating"

    trial: Mapped[int] = mapped_column(ForeignKey("framework_trial.number"), primary_key=True)
    school_id: Mapped[UUID] = mapped_column(primary_key=True)
    student_group: Mapped[str] = mapped_column(Text, primary_key=True)
    change: Mapped[str] = mapped_column(Text)
    rating_before: Mapped[str | None] = mapped_column(Text)
    score_before: Mapped[float | None] = mapped_column(Float)
    status_before: Mapped[str | None] = mapped_column(Text)
    reason_before: Mapped[str | None] = mapped_column(Text)
    rating_after: Mapped[str | None] = mapped_column(Text)
    score_after: Mapped[float | None] = mapped_column(Float)
    status_after: Mapped[str | None] = mapped_column(Text)
    reason_after: Mapped[str | None] = mapped_column(Text)
