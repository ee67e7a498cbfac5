"""Versions of calendars and promises: appended, never changed, so that what was known when can be told."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, Range
from sqlalchemy.orm import Mapped, mapped_column

from shared_services.rows import Row


class Versioned:
    """A document of a district; the highest version holds."""

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    district_id: Mapped[UUID]
    version: Mapped[int] = mapped_column(Integer)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str] = mapped_column(Text)
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Calendar(Versioned, Row):
    """A district's working time."""

    __tablename__ = "calendar"
    __table_args__ = (UniqueConstraint("district_id", "version"),)


class ServicePromise(Versioned, Row):
    """A district's classes of service and its priority matrix."""

    __tablename__ = "service_promise"
    __table_args__ = (UniqueConstraint("district_id", "version"),)


class ContractPromise(Row):
    """What an agreement promises its schools of a class of service instead. Never changed, only ended.

    The database refuses two of an agreement for the same at the same time (`ex_contract_promise_during`).
    """

    __tablename__ = "contract_promise"
    __table_args__ = (Index("ix_contract_promise_district_id_service_level", "district_id", "service_level"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    version: Mapped[int] = mapped_column(BigInteger)
    district_id: Mapped[UUID]
    agreement_id: Mapped[UUID]
    service_level: Mapped[str] = mapped_column(Text)
    offering: Mapped[str | None] = mapped_column(Text)
    targets: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    source: Mapped[str] = mapped_column(Text)
    during: Mapped[Range[date]] = mapped_column(DATERANGE)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
