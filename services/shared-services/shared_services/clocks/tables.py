"""Versions of calendars and promises: appended, never changed, so that what was known when can be told."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Integer, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared_services.rows import Row


class Versioned:
    """A document of a district; the highest version holds."""

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    district_id: Mapped[UUID]
    version: Mapped[int] = mapped_column(Integer)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str] = mapped_column(Text)
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Calendar(Versioned, Row):
    """A district's working time."""

    __tablename__ = "calendar"
    __table_args__ = (UniqueConstraint("district_id", "version"),)


class ServicePromise(Versioned, Row):
    """A district's classes of service and its priority matrix."""

    __tablename__ = "service_promise"
    __table_args__ = (UniqueConstraint("district_id", "version"),)
