"""Service requests, every step they took, series of them, and the numbers given."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from contracts.shared_services import RequestPriority, RequestStatus
from sqlalchemy import BigInteger, Boolean, Date, DateTime, ForeignKey, Index, Integer, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared_services.rows import Row

Start = RequestStatus | Literal["draft"]
"""Where a step may begin. A draft is no request yet: it has no number, and nobody but its author sees it."""


class Series(Row):
    """Requests that repeat: the same for each, and on which days."""

    __tablename__ = "service_request_series"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    school_id: Mapped[UUID] = mapped_column(index=True)
    requesting_organization_id: Mapped[UUID] = mapped_column(index=True)
    providing_organization_id: Mapped[UUID] = mapped_column(index=True)
    offering: Mapped[str] = mapped_column(Text)
    repeats: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ServiceRequest(Row):
    """A request for a service at a school on a date, with the entitlement as it was decided then."""

    __tablename__ = "service_request"
    __table_args__ = (
        Index("ix_service_request_school_id_service_date", "school_id", "service_date"),
        Index(
            "ix_service_request_providing_organization_id_due_at",
            "providing_organization_id",
            "due_at",
            postgresql_where=text("due_at is not null"),
        ),
        Index(
            "ix_service_request_offering_id_completed_at",
            "offering_id",
            "completed_at",
            postgresql_where=text("completed_at is not null"),
        ),
        Index("ix_service_request_closes_at", "closes_at", postgresql_where=text("status = 'completed'")),
        Index(
            "uq_service_request_requesting_organization_id_external_id",
            "requesting_organization_id",
            "external_id",
            unique=True,
            postgresql_where=text("external_id is not null"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    version: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[str] = mapped_column(Text, unique=True)
    school_id: Mapped[UUID]
    requesting_organization_id: Mapped[UUID] = mapped_column(index=True)
    filed_by_organization_id: Mapped[UUID | None]
    providing_organization_id: Mapped[UUID] = mapped_column(index=True)
    offering_id: Mapped[UUID] = mapped_column(ForeignKey("offering.id"))
    service_date: Mapped[date] = mapped_column(Date)
    starts_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    description: Mapped[str] = mapped_column(Text)
    building: Mapped[str | None] = mapped_column(Text)
    room: Mapped[str | None] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    riders: Mapped[list[str]] = mapped_column(JSONB)
    external_id: Mapped[str | None] = mapped_column(Text)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("service_request.id"), index=True)
    series_id: Mapped[UUID | None] = mapped_column(ForeignKey("service_request_series.id"), index=True)
    hazard: Mapped[bool] = mapped_column(Boolean)
    asked: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    priority: Mapped[RequestPriority | None] = mapped_column(Text)
    status: Mapped[RequestStatus] = mapped_column(Text)
    particulars: Mapped[dict[str, Any]] = mapped_column(JSONB)
    crew: Mapped[str | None] = mapped_column(Text)
    scheduled_for: Mapped[date | None] = mapped_column(Date)
    provisional: Mapped[bool] = mapped_column(Boolean)
    entitlement: Mapped[dict[str, Any]] = mapped_column(JSONB)
    refusal: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    fee_cents: Mapped[int] = mapped_column(BigInteger)
    service_level: Mapped[str | None] = mapped_column(Text)
    promise_version: Mapped[int | None] = mapped_column(Integer)
    contract_promise_id: Mapped[UUID | None] = mapped_column(ForeignKey("contract_promise.id"))
    due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    submitted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    completed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    closes_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reopen_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Transition(Row):
    """A step of a request; `version` is the one that the step made, `from_status` is null for the first.

    From a status to the same: something else of the request was changed, as `particulars` say.
    """

    __tablename__ = "service_request_transition"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    from_status: Mapped[Start | None] = mapped_column(Text)
    to_status: Mapped[RequestStatus] = mapped_column(Text)
    side: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str] = mapped_column(Text)
    organization_id: Mapped[UUID | None]
    reason: Mapped[str | None] = mapped_column(Text)
    particulars: Mapped[dict[str, Any]] = mapped_column(JSONB)


class TransferredRequest(Row):
    """A request that went over to another operator, as the former one last had it: more of it is not its to see."""

    __tablename__ = "transferred_request"

    former_id: Mapped[UUID] = mapped_column(primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"), primary_key=True, index=True)
    transferred_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    as_it_was: Mapped[dict[str, Any]] = mapped_column(JSONB)


class RequestCounter(Row):
    """The last number given in a category and year."""

    __tablename__ = "service_request_counter"

    category: Mapped[str] = mapped_column(Text, primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    last: Mapped[int] = mapped_column(Integer)
