"""Released equity reports: never changed, and no two of a district share a month."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Integer, text
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, Range
from sqlalchemy.orm import Mapped, mapped_column

from shared_services.rows import Row


class EquityReport(Row):
    """A report as it was released; its cells are suppressed before they are kept."""

    __tablename__ = "equity_report"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    district_id: Mapped[UUID]
    during: Mapped[Range[date]] = mapped_column(DATERANGE)
    minimum: Mapped[int] = mapped_column(Integer)
    cells: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    released_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
