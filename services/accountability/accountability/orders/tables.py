"""Orders, kept with who issued them and where that is written."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Boolean, DateTime, Index, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from accountability.rows import Row


class RatingOrder(Row):
    """That a school, or every school of a framework, is not rated in some years. It is lifted, never changed."""

    __tablename__ = "rating_order"
    __table_args__ = (Index("ix_rating_order_framework_id", "framework_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    reason_code: Mapped[str] = mapped_column(Text)
    school_id: Mapped[UUID | None]
    framework_id: Mapped[str] = mapped_column(Text)
    school_years: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    number: Mapped[str] = mapped_column(Text)
    issuer: Mapped[str] = mapped_column(Text)
    issued_on: Mapped[date]
    citation: Mapped[str] = mapped_column(Text)
    scores_public: Mapped[bool] = mapped_column(Boolean)
    organization_id: Mapped[UUID | None]
    client_id: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    lifted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    lifted_reason: Mapped[str | None] = mapped_column(Text)
