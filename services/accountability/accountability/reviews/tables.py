"""Requests to correct what a school was rated by, and how they were decided."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Float, ForeignKey, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from accountability.rows import Row


class CorrectionRequest(Row):
    """A figure that a school holds to be wrong, with what it should be and why."""

    __tablename__ = "correction_request"
    __table_args__ = (Index("ix_correction_request_window_id", "window_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    version: Mapped[int] = mapped_column(Integer)
    window_id: Mapped[UUID] = mapped_column(ForeignKey("run_window.id"))
    school_id: Mapped[UUID]
    student_group: Mapped[str] = mapped_column(Text)
    indicator: Mapped[str] = mapped_column(Text)
    value: Mapped[float | None] = mapped_column(Float)
    category: Mapped[str | None] = mapped_column(Text)
    n: Mapped[int | None] = mapped_column(BigInteger)
    participation: Mapped[float | None] = mapped_column(Float)
    ground: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text)
    organization_id: Mapped[UUID]
    client_id: Mapped[str] = mapped_column(Text)
    filed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    decision: Mapped[str | None] = mapped_column(Text)
    decision_reason: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    import_number: Mapped[int | None] = mapped_column(Integer, comment="The file of measures that corrects it.")
