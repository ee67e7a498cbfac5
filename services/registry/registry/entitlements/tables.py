"""What is laid down of a school's services, the windows in which schools choose, and what they chose."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Integer, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from registry.dated import Dated
from registry.revisions import Identity, Revision
from registry.rows import Row


class Entitlements(Row):
    """The version of what is laid down of a school's services. The id is the school's."""

    __tablename__ = "entitlements"

    id: Mapped[UUID] = mapped_column(ForeignKey("school.id"), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)


class ServiceTermRow(Dated, Row):
    """What a service is to a school during a period, by one layer."""

    __tablename__ = "service_term"

    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"), index=True)
    service: Mapped[str] = mapped_column(Text)
    service_class: Mapped[str] = mapped_column("class", Text)
    layer: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    agreement_id: Mapped[UUID | None] = mapped_column(ForeignKey("agreement.id"), index=True)
    district_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("organization.id"), comment="Whose service it is, where it is not the school's own district's."
    )
    quota: Mapped[int | None] = mapped_column(Integer, comment="Uses in a school year.")
    credit_cents: Mapped[int | None] = mapped_column(BigInteger)


class ElectionWindow(Identity, Row):
    """A time in which the schools of a district choose."""

    __tablename__ = "election_window"

    district_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), index=True)


class ElectionWindowRevision(Revision, Row):
    """What is said of a window; it is open `during` its period."""

    __tablename__ = "election_window_revision"

    id: Mapped[UUID] = mapped_column(ForeignKey("election_window.id"), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    school_year: Mapped[int] = mapped_column(SmallInteger)
    takes_effect_on: Mapped[date]
    notice_days: Mapped[int] = mapped_column(Integer)
    layer: Mapped[str] = mapped_column(Text)
    agreement_id: Mapped[UUID | None] = mapped_column(ForeignKey("agreement.id"))
    source: Mapped[str] = mapped_column(Text)
    choices: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class Election(Row):
    """What a school chose, when, from which day on; and who approved it if it was late."""

    __tablename__ = "election"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"), index=True)
    window_id: Mapped[UUID] = mapped_column(ForeignKey("election_window.id"))
    chosen: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    elected_on: Mapped[date]
    effective_on: Mapped[date]
    approved_by: Mapped[str | None] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
