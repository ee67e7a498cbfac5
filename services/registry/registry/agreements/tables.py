"""An agreement: what was drafted, and the facts from which its status on any date follows."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, ForeignKeyConstraint, Integer, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from registry.rows import Row


class Agreement(Row):
    """The draft of an agreement. Its dates are the planned ones; those that hold are on its transitions."""

    __tablename__ = "agreement"
    __table_args__ = (
        ForeignKeyConstraint(["instrument_id", "instrument_version"], ["instrument.id", "instrument.version"]),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    version: Mapped[int] = mapped_column(BigInteger)
    instrument_id: Mapped[str] = mapped_column(Text)
    instrument_version: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agreement.id"), index=True)
    resubmits_id: Mapped[UUID | None] = mapped_column(ForeignKey("agreement.id"))
    legal_basis: Mapped[list[str]] = mapped_column(ARRAY(Text))
    effective_from: Mapped[date | None]
    term_to: Mapped[date | None]
    notice_by: Mapped[date | None]
    renewal_options: Mapped[list[str]] = mapped_column(ARRAY(Text))
    wind_down_duties: Mapped[list[str]] = mapped_column(ARRAY(Text))
    holds: Mapped[Range[date] | None] = mapped_column(
        DATERANGE, comment="From the first to the last day in force; null until executed."
    )
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class AgreementParty(Row):
    """An organization in a role of the agreement."""

    __tablename__ = "agreement_party"

    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreement.id"), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(Text, primary_key=True)


class AgreementSchool(Row):
    """A school that the agreement covers; without a first day, from the agreement's own beginning."""

    __tablename__ = "agreement_school"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreement.id"), index=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("school.id"), index=True)
    during: Mapped[Range[date]] = mapped_column(DATERANGE)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    superseded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class AgreementText(Row):
    """A whole text of the agreement, by its hash; the text itself stays where it is published."""

    __tablename__ = "agreement_text"

    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreement.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    summary: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class AgreementTransition(Row):
    """A step in the agreement's life: what, from which day, by whose authority, on what evidence, known since when."""

    __tablename__ = "agreement_transition"

    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreement.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    effective_on: Mapped[date]
    authority: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    ground: Mapped[str | None] = mapped_column(Text)
    text_number: Mapped[int | None] = mapped_column(Integer)
    school_id: Mapped[UUID | None] = mapped_column(ForeignKey("school.id"))
    successor_id: Mapped[UUID | None] = mapped_column(ForeignKey("agreement.id"))
    effective_from: Mapped[date | None]
    term_to: Mapped[date | None]
    actor: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class AgreementNotice(Row):
    """A notice that was given."""

    __tablename__ = "agreement_notice"

    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreement.id"), primary_key=True)
    notice: Mapped[str] = mapped_column(Text, primary_key=True)
    given_on: Mapped[date] = mapped_column(primary_key=True)
    evidence: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
