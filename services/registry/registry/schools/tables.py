"""A school's identity, and its dated facts, aliases, assignments, buildings. Corrections supersede, never overwrite."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, DateTime, Float, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.dated import Dated
from registry.rows import Row


class School(Row):
    """A school: nothing but its permanent identity and the version of what is known of it."""

    __tablename__ = "school"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    version: Mapped[int] = mapped_column(BigInteger)


class SchoolVersion(Row):
    """Since when a version is what is known of a school."""

    __tablename__ = "school_version"

    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SchoolFacts(Dated, Row):
    """What is true of a school during a period."""

    __tablename__ = "school_facts"
    __table_args__ = (Index(None, "state", "school_id"),)

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


class SchoolAlias(Dated, Row):
    """An identifier of a school, given by someone else; no other school has it at the same time."""

    __tablename__ = "school_alias"
    __table_args__ = (Index(None, "system", "value"),)

    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"), index=True)
    system: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)


class SchoolAssignment(Dated, Row):
    """An organization's role at a school during a period, with its legal source."""

    __tablename__ = "school_assignment"

    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"), index=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), index=True)
    role: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)


class SchoolOccupancy(Dated, Row):
    """A school in a building during a period; several schools may be in one at once."""

    __tablename__ = "school_occupancy"

    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"), index=True)
    building_id: Mapped[UUID] = mapped_column(ForeignKey("building.id"), index=True)
    share: Mapped[float | None] = mapped_column(Float)
    source: Mapped[str] = mapped_column(Text)
