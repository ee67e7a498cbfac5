"""How schools left a zone, or how a zone ended."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from registry.rows import Row


class ZoneExit(Row):
    """A decision by which schools leave a zone, with what then becomes of each."""

    __tablename__ = "zone_exit"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    zone_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), index=True)
    kind: Mapped[str] = mapped_column(Text)
    grounds: Mapped[str] = mapped_column(Text)
    decided_on: Mapped[date]
    last_day: Mapped[date]
    members: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    source: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
