"""Runs, their windows, the outcome of every node for every school, and the staged ratings."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Text,
    exists,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, Range
from sqlalchemy.orm import Mapped, mapped_column

from accountability.coverage import Scope
from accountability.rows import Row


class Run(Row):
    """A run pins framework, input, engine and whom it covers: done again, it gives the same bytes (`digest`)."""

    __tablename__ = "run"
    __table_args__ = (
        ForeignKeyConstraint(["framework_id", "framework_version"], ["framework.id", "framework.version"]),
        CheckConstraint("covers in ('all-measured', 'own')", name="covers"),
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
    # Why it went on in spite of errors in the measures, and how many of each rule.
    override: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    client_id: Mapped[str] = mapped_column(Text)
    organization_id: Mapped[UUID | None] = mapped_column(
        comment="Who ran it and may see what it gave; none: the platform."
    )
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    published_as: Mapped[str | None] = mapped_column(Text)
    covers: Mapped[Scope] = mapped_column(Text, server_default="all-measured")
    covers_as_of: Mapped[date | None] = mapped_column(
        Date, comment="The day on which was asked whose the schools are; none: it covers everybody."
    )
    covers_subjects: Mapped[int | None] = mapped_column(
        Integer, comment="How many schools and organizations; none: it ran before they were counted."
    )


class Window(Row):
    """Days on which schools review what a run gave, or appeal what was published of it. More days: another window."""

    __tablename__ = "run_window"
    __table_args__ = (Index("ix_run_window_run", "run"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    run: Mapped[int] = mapped_column(ForeignKey("run.number"))
    purpose: Mapped[str] = mapped_column(Text)
    during: Mapped[Range[date]] = mapped_column(DATERANGE)
    time_zone: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


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
    reason_code: Mapped[str | None] = mapped_column(Text)
    labels: Mapped[dict[str, Any]] = mapped_column(JSONB)


def covers(run: Any, subject: Any) -> ColumnElement[bool]:
    """The condition that the run with this number rates a school or organization, as a whole or in part."""
    return exists().where(StagedRating.run == run, StagedRating.school_id == subject)
