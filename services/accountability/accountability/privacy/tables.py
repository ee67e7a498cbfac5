"""Policies of suppression: what a law or an agency laid down, from a year on. A newer one stands beside an older."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Float, Integer, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from accountability.rows import Row


class SuppressionPolicy(Row):
    """Below how many students figures are hidden, and which rates are only said to be high or low."""

    __tablename__ = "suppression_policy"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    framework_id: Mapped[str | None] = mapped_column(Text, comment="None: all that have no policy of their own.")
    use: Mapped[str] = mapped_column(Text)
    from_year: Mapped[int] = mapped_column(SmallInteger)
    minimum_n: Mapped[int] = mapped_column(Integer)
    top_above: Mapped[float | None] = mapped_column(Float)
    bottom_below: Mapped[float | None] = mapped_column(Float)
    adding_up: Mapped[list[list[str]]] = mapped_column(JSONB)
    source: Mapped[str] = mapped_column(Text)
    organization_id: Mapped[UUID | None]
    client_id: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
