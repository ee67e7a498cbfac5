"""Decisions, what they relied on, and which of it was revised since. Nothing of a decision is ever changed."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, ForeignKeyConstraint, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from accountability.rows import Row


class Decision(Row):
    """What was decided about a school, by whom, and where it is written. The version counts what became outdated."""

    __tablename__ = "decision"
    __table_args__ = (Index("ix_decision_school_id", "school_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    version: Mapped[int] = mapped_column(Integer)
    school_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    decided_on: Mapped[date]
    decided_by: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    citation: Mapped[str | None] = mapped_column(Text)
    agreement_id: Mapped[UUID | None]
    organization_id: Mapped[UUID | None]
    client_id: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Evidence(Row):
    """A revision that a decision relied on."""

    __tablename__ = "decision_evidence"
    __table_args__ = (
        ForeignKeyConstraint(["rating_id", "revision"], ["rating_revision.rating_id", "rating_revision.revision"]),
        Index("ix_decision_evidence_rating_id", "rating_id"),
    )

    decision_id: Mapped[UUID] = mapped_column(ForeignKey("decision.id"), primary_key=True)
    rating_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(Integer)


class Notice(Row):
    """That a revision says something else than the one which a decision relied on."""

    __tablename__ = "decision_notice"
    __table_args__ = (
        ForeignKeyConstraint(["rating_id", "revision"], ["rating_revision.rating_id", "rating_revision.revision"]),
    )

    decision_id: Mapped[UUID] = mapped_column(ForeignKey("decision.id"), primary_key=True)
    rating_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True)
    noticed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
