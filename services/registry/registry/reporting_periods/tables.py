"""A reporting period: until which date, since which instant, for whose schools what was reported is settled."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.rows import Row


class ReportingPeriod(Row):
    """A lock on the past: days before `until`, for an organization's schools or (none) for everybody's."""

    __tablename__ = "reporting_period"
    __table_args__ = (UniqueConstraint("organization_id", "name", postgresql_nulls_not_distinct=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"))
    name: Mapped[str] = mapped_column(Text)
    until: Mapped[date]
    locked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
