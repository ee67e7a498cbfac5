"""Goals, what they are measured by, every evaluation, and what people decided instead. Nothing is overwritten."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accountability.ratings.figures import Kind
from accountability.rows import Row


class Goal(Row):
    """What a clause of an agreement promises of a school. The version counts what changed of it."""

    __tablename__ = "agreement_goal"
    __table_args__ = (
        Index("ix_agreement_goal_agreement_id", "agreement_id"),
        Index("ix_agreement_goal_school_id", "school_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    version: Mapped[int] = mapped_column(Integer)
    agreement_id: Mapped[UUID]
    school_id: Mapped[UUID]
    title: Mapped[str] = mapped_column(Text)
    clause: Mapped[str] = mapped_column(Text)
    laid_down_in: Mapped[str] = mapped_column(Text)
    consequence: Mapped[str] = mapped_column(Text)
    organization_id: Mapped[UUID | None]
    client_id: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class GoalYardstick(Row):
    """What a goal is measured by from a year on: the first as it was agreed, each other one in place of the last."""

    __tablename__ = "goal_yardstick"
    __table_args__ = (Index("ix_goal_yardstick_framework_id", "framework_id"),)

    goal_id: Mapped[UUID] = mapped_column(ForeignKey("agreement_goal.id"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    from_year: Mapped[int] = mapped_column(SmallInteger)
    framework_id: Mapped[str] = mapped_column(Text)
    of: Mapped[Kind] = mapped_column(Text)
    indicator: Mapped[str | None] = mapped_column(Text)
    student_group: Mapped[str] = mapped_column(Text)
    comparison: Mapped[str] = mapped_column(Text)
    direction: Mapped[str] = mapped_column(Text)
    minimum_n: Mapped[int | None] = mapped_column(Integer)
    approaching_from: Mapped[float | None] = mapped_column(
        Float, comment="A share of the way from the baseline to the target."
    )
    baseline: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    targets: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    approval: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB(none_as_null=True), comment="Who approved it in place of the one before; none of the first."
    )
    client_id: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class GoalEvaluation(Row):
    """Whether the target of a year was met, by a revision of a rating. The one with the highest number counts."""

    __tablename__ = "goal_evaluation"
    __table_args__ = (
        ForeignKeyConstraint(["goal_id", "yardstick"], ["goal_yardstick.goal_id", "goal_yardstick.number"]),
        ForeignKeyConstraint(["rating_id", "revision"], ["rating_revision.rating_id", "rating_revision.revision"]),
    )

    goal_id: Mapped[UUID] = mapped_column(ForeignKey("agreement_goal.id"), primary_key=True)
    yardstick: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    status: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    rating_id: Mapped[UUID | None] = mapped_column(
        comment="The rating whose revision was used; none: no figure was asked for."
    )
    revision: Mapped[int | None] = mapped_column(Integer)
    input_version: Mapped[int | None] = mapped_column(Integer)
    found: Mapped[dict[str, Any]] = mapped_column(JSONB)
    is_public: Mapped[bool] = mapped_column(
        Boolean, comment="False where the public does not see the figure that was used."
    )
    evaluated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class GoalOverride(Row):
    """What people decided of a year, whatever is computed; the newest counts."""

    __tablename__ = "goal_override"
    __table_args__ = (Index("ix_goal_override_goal_id", "goal_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    goal_id: Mapped[UUID] = mapped_column(ForeignKey("agreement_goal.id"))
    year: Mapped[int] = mapped_column(SmallInteger)
    status: Mapped[str | None] = mapped_column(Text, comment="None: what is computed counts again.")
    reason: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
