"""A snapshot: a name for the directory as of a date, as known at an instant. It copies nothing."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.rows import Row


class TakenSnapshot(Row):
    """A name for a standpoint, of an organization or (none) of the platform; never changed."""

    __tablename__ = "snapshot"
    __table_args__ = (UniqueConstraint("organization_id", "name", postgresql_nulls_not_distinct=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"))
    name: Mapped[str] = mapped_column(Text)
    as_of: Mapped[date]
    known_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    taken_by: Mapped[str] = mapped_column(Text)
