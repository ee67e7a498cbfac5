"""Budgets as they were laid down: a new one supersedes, nothing is overwritten."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from shared_services.rows import Row


class Budget(Row):
    """What a school, or the schools of a zone together, are to spend: on an offering, or on all of them.

    The database refuses two in force for the same (`ex_budget_in_force`).
    """

    __tablename__ = "budget"
    __table_args__ = (Index("ix_budget_district_id_fiscal_year", "district_id", "fiscal_year"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    version: Mapped[int] = mapped_column(BigInteger)
    district_id: Mapped[UUID]
    school_id: Mapped[UUID | None]
    zone_id: Mapped[UUID | None]
    fiscal_year: Mapped[int] = mapped_column(SmallInteger)
    offering: Mapped[str | None] = mapped_column(Text)
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    superseded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
