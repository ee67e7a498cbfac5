"""A lineage event, and the schools before and after it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from registry.rows import Row


class LineageEvent(Row):
    """What happened to schools on a date; superseded if it was recorded in error."""

    __tablename__ = "lineage_event"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    kind: Mapped[str] = mapped_column(Text)
    effective_on: Mapped[date] = mapped_column(index=True)
    continuity: Mapped[dict[str, Any]] = mapped_column(JSONB)
    source: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    superseded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class LineageSchool(Row):
    """A school on one side of an event; a school that stays is on both."""

    __tablename__ = "lineage_school"

    event_id: Mapped[UUID] = mapped_column(ForeignKey("lineage_event.id"), primary_key=True)
    side: Mapped[str] = mapped_column(Text, primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"), primary_key=True, index=True)
