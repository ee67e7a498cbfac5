"""A district's calendar of a school year: an identity that stays, and revisions of what is said of it."""

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, SmallInteger, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from registry.revisions import Identity, Revision
from registry.rows import Row


class Calendar(Identity, Row):
    """The calendar of a district for a school year (its ending year)."""

    __tablename__ = "district_calendar"
    __table_args__ = (UniqueConstraint("organization_id", "school_year"),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    school_year: Mapped[int] = mapped_column(SmallInteger)


class CalendarRevision(Revision, Row):
    """What is said of a calendar; a district has one calendar at a time."""

    __tablename__ = "district_calendar_revision"

    id: Mapped[UUID] = mapped_column(ForeignKey("district_calendar.id"), primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(comment="The district, for the constraint.")
    business_weekdays: Mapped[list[str]] = mapped_column(ARRAY(Text))
    closures: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    count_dates: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    source: Mapped[str] = mapped_column(Text)
