"""Appeals, and how they were decided."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from accountability.rows import Row


class Appeal(Row):
    """A school's objection to a published revision. One at a time is open against a rating."""

    __tablename__ = "appeal"
    __table_args__ = (
        ForeignKeyConstraint(["rating_id", "revision"], ["rating_revision.rating_id", "rating_revision.revision"]),
        Index("uq_appeal_open", "rating_id", unique=True, postgresql_where=text("decision is null")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    version: Mapped[int] = mapped_column(Integer)
    rating_id: Mapped[UUID]
    revision: Mapped[int] = mapped_column(Integer, comment="What is appealed.")
    ground: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text)
    organization_id: Mapped[UUID]
    client_id: Mapped[str] = mapped_column(Text)
    filed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    decision: Mapped[str | None] = mapped_column(Text)
    decision_reason: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_revision: Mapped[int | None] = mapped_column(Integer, comment="What was published of the decision.")
