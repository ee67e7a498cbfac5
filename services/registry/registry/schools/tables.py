"""A school's identity, and its dated facts, aliases and assignments. Corrections supersede, never overwrite."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, DateTime, Float, ForeignKey, Text, func, text
from sqlalchemy.dialects.postgresql import DATERANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from registry.rows import Row


class School(Row):
    """A school: nothing but its permanent identity and the version of what is known of it."""

    __tablename__ = "school"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    version: Mapped[int] = mapped_column(BigInteger)


class _Dated:
    """What holds during a period, since when it is known, and until when it was believed."""

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    during: Mapped[Range[date]] = mapped_column(DATERANGE)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    superseded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class SchoolFacts(_Dated, Row):
    """What is true of a school during a period."""

    __tablename__ = "school_facts"

    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    short_name: Mapped[str | None] = mapped_column(Text)
    school_type: Mapped[str] = mapped_column(Text)
    operational_status: Mapped[str] = mapped_column(Text)
    arrangement: Mapped[str] = mapped_column(Text)
    chartered: Mapped[bool] = mapped_column(Boolean)
    grade_low: Mapped[str | None] = mapped_column(Text)
    grade_high: Mapped[str | None] = mapped_column(Text)
    street: Mapped[str | None] = mapped_column(Text)
    city: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str | None] = mapped_column(Text)
    postal_code: Mapped[str | None] = mapped_column(Text)
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    source: Mapped[str] = mapped_column(Text)


class SchoolAlias(_Dated, Row):
    """An identifier of a school, given by someone else; no other school has it at the same time."""

    __tablename__ = "school_alias"

    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"), index=True)
    system: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)


class SchoolAssignment(_Dated, Row):
    """An organization's role at a school during a period, with its legal source."""

    __tablename__ = "school_assignment"

    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"), index=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), index=True)
    role: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
