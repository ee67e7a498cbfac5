"""Runs, the outcome of every node for every school, and the staged ratings."""

from datetime import datetime
from typing import Any
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
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accountability.rows import Row


class Run(Row):
    """A run pins framework, input and engine: done again, it gives the same bytes (`digest`)."""

    __tablename__ = "run"
    __table_args__ = (
        ForeignKeyConstraint(["framework_id", "framework_version"], ["framework.id", "framework.version"]),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    number: Mapped[int] = mapped_column(Integer, Identity(), unique=True)
    framework_id: Mapped[str] = mapped_column(Text)
    framework_version: Mapped[str] = mapped_column(Text)
    framework_sha256: Mapped[str] = mapped_column(Text)
    engine_version: Mapped[str] = mapped_column(Text)
    input_version: Mapped[int] = mapped_column(Integer)
    school_year: Mapped[int] = mapped_column(SmallInteger)
    data_year: Mapped[int] = mapped_column(SmallInteger)
    schools: Mapped[int] = mapped_column(Integer)
    rated: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Outcome(Row):
    """What a node gave for a school: the explanation is the result."""

    __tablename__ = "outcome"
    __table_args__ = (Index("ix_outcome_run_school_id", "run", "school_id"),)

    # No foreign key and no primary key in the table: a state's run writes a million of these.
    run: Mapped[int] = mapped_column(Integer, primary_key=True)
    school_id: Mapped[UUID] = mapped_column(primary_key=True)
    student_group: Mapped[str] = mapped_column(Text, primary_key=True, server_default="ALL")
    node: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[float | None] = mapped_column(Float)
    label: Mapped[str | None] = mapped_column(Text)
    points: Mapped[float | None] = mapped_column(Float)
    weight_declared: Mapped[float | None] = mapped_column(Float)
    weight_effective: Mapped[float | None] = mapped_column(Float)
    reason: Mapped[str | None] = mapped_column(Text)
    rule: Mapped[str | None] = mapped_column(Text)


class StagedRating(Row):
    """The rating by a run of a school, of a group or level of it, or of an organization."""

    __tablename__ = "staged_rating"

    run: Mapped[int] = mapped_column(ForeignKey("run.number"), primary_key=True)
    school_id: Mapped[UUID] = mapped_column(primary_key=True)
    student_group: Mapped[str] = mapped_column(Text, primary_key=True, server_default="ALL")
    score: Mapped[float | None] = mapped_column(Float)
    rating: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    labels: Mapped[dict[str, Any]] = mapped_column(JSONB)
