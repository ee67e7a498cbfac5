"""Breaks that somebody recorded: another test, other cuts, another way of counting."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from accountability.rows import Row


class SeriesBreak(Row):
    """From a year on, figures are not comparable with those before: of an indicator, or all of a framework."""

    __tablename__ = "series_break"
    __table_args__ = (Index("ix_series_break_framework_id", "framework_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    framework_id: Mapped[str] = mapped_column(Text)
    indicator: Mapped[str | None] = mapped_column(Text, comment="None: all figures of the framework.")
    from_year: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str] = mapped_column(Text)
    citation: Mapped[str] = mapped_column(Text)
    organization_id: Mapped[UUID | None]
    client_id: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
