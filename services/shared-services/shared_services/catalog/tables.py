"""What districts offer."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Date, Integer, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from shared_services.rows import Row


class Offering(Row):
    """A service that a district offers, and the terms on which its schools may have it."""

    __tablename__ = "offering"
    __table_args__ = (UniqueConstraint("district_id", "code"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    version: Mapped[int] = mapped_column(BigInteger)
    district_id: Mapped[UUID]
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(Text)
    department: Mapped[str] = mapped_column(Text)
    entitled_arrangements: Mapped[list[str]] = mapped_column(ARRAY(Text))
    entitlement_source: Mapped[str] = mapped_column(Text)
    lead_time_hours: Mapped[int] = mapped_column(Integer)
    hazard: Mapped[bool] = mapped_column(Boolean)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
