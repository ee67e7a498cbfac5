"""What was decided when a school's operator changed."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, DateTime, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared_services.rows import Row


class Handover(Row):
    """A handover as it was decided, each item as it was at that moment."""

    __tablename__ = "handover"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    school_id: Mapped[UUID] = mapped_column(index=True)
    district_id: Mapped[UUID]
    effective_on: Mapped[date] = mapped_column(Date)
    from_organization_id: Mapped[UUID]
    to_organization_id: Mapped[UUID | None]
    reason: Mapped[str] = mapped_column(Text)
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    client_id: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
