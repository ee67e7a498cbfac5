"""Service requests, every step they took, and the numbers given."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from contracts.shared_services import RequestStatus
from sqlalchemy import BigInteger, Date, DateTime, ForeignKey, Index, Integer, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared_services.rows import Row


class ServiceRequest(Row):
    """A request for a service at a school on a date, with the entitlement as it was decided then."""

    __tablename__ = "service_request"
    __table_args__ = (Index("ix_service_request_school_id_service_date", "school_id", "service_date"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    version: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[str] = mapped_column(Text, unique=True)
    school_id: Mapped[UUID]
    requesting_organization_id: Mapped[UUID] = mapped_column(index=True)
    providing_organization_id: Mapped[UUID] = mapped_column(index=True)
    offering_id: Mapped[UUID] = mapped_column(ForeignKey("offering.id"))
    service_date: Mapped[date] = mapped_column(Date)
    description: Mapped[str] = mapped_column(Text)
    external_id: Mapped[str | None] = mapped_column(Text)
    status: Mapped[RequestStatus] = mapped_column(Text)
    scheduled_for: Mapped[date | None] = mapped_column(Date)
    entitlement: Mapped[dict[str, Any]] = mapped_column(JSONB)
    refusal: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    submitted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Transition(Row):
    """A step of a request; `version` is the one that the step made, `from_status` is null for the first."""

    __tablename__ = "service_request_transition"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    from_status: Mapped[str | None] = mapped_column(Text)
    to_status: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str] = mapped_column(Text)
    organization_id: Mapped[UUID | None]
    reason: Mapped[str | None] = mapped_column(Text)


class RequestCounter(Row):
    """The last number given in a category and year."""

    __tablename__ = "service_request_counter"

    category: Mapped[str] = mapped_column(Text, primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    last: Mapped[int] = mapped_column(Integer)
