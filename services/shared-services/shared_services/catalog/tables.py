"""What districts offer."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, ColumnElement, Date, Index, Integer, Text, or_, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared_services.rows import Row


class Offering(Row):
    """A service that a district offers, and the terms on which its schools may have it.

    The database refuses two of one code at the same time (`ex_offering_code`).
    """

    __tablename__ = "offering"
    __table_args__ = (Index("ix_offering_district_id_code", "district_id", "code"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    version: Mapped[int] = mapped_column(BigInteger)
    district_id: Mapped[UUID]
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(Text)
    kind: Mapped[str | None] = mapped_column(Text)
    department: Mapped[str] = mapped_column(Text)
    unit: Mapped[str | None] = mapped_column(Text)
    included: Mapped[str] = mapped_column(Text)
    beyond_scope: Mapped[str] = mapped_column(Text)
    entitled_arrangements: Mapped[list[str]] = mapped_column(ARRAY(Text))
    entitlement_source: Mapped[str] = mapped_column(Text)
    mandated_by: Mapped[str | None] = mapped_column(Text)
    prerequisites: Mapped[dict[str, Any]] = mapped_column(JSONB)
    lead_time_hours: Mapped[int] = mapped_column(Integer)
    hazard: Mapped[bool] = mapped_column(Boolean)
    intake_form: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    service_level: Mapped[str | None] = mapped_column(Text)
    price: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    approval: Mapped[str | None] = mapped_column(Text)
    fees: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    vendor_allowed: Mapped[bool] = mapped_column(Boolean)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)


def ends_after(day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """The offerings that have no end, or one after `day`."""
    return or_(Offering.valid_to.is_(None), Offering.valid_to > day)
