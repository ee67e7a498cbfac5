"""The rules by which a district's years of two operators are attributed. A newer one goes before an older."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, DateTime, Index, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from accountability.attribution.rules import Method
from accountability.rows import Row


class AttributionRule(Row):
    """How years of data are attributed in a district whose operator changes in them."""

    __tablename__ = "attribution_rule"
    __table_args__ = (Index("ix_attribution_rule_organization_id", "organization_id", "data_year"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    organization_id: Mapped[UUID]
    data_year: Mapped[int] = mapped_column(SmallInteger)
    method: Mapped[Method] = mapped_column(Text)
    day: Mapped[date | None] = mapped_column(Date)
    citation: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
