"""What bodies decided about an agreement: votes with their counts, acts with their reasons. Corrections supersede."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Boolean, DateTime, ForeignKey, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.rows import Row


class _Approval:
    """Which step of which decision it answers, about which text and school, and who recorded it when."""

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreement.id"), index=True)
    decision: Mapped[str] = mapped_column(Text)
    step: Mapped[str] = mapped_column(Text)
    text_number: Mapped[int | None] = mapped_column(Integer)
    school_id: Mapped[UUID | None] = mapped_column(ForeignKey("school.id"))
    evidence: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    superseded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Vote(_Approval, Row):
    """A vote that a body held."""

    __tablename__ = "vote"

    eligible: Mapped[int] = mapped_column(Integer)
    cast: Mapped[int] = mapped_column(Integer)
    yes: Mapped[int] = mapped_column(Integer)
    no: Mapped[int] = mapped_column(Integer)
    abstain: Mapped[int] = mapped_column(Integer)
    secret: Mapped[bool] = mapped_column(Boolean)
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    held_on: Mapped[date]

    @property
    def decided_on(self) -> date:
        """When the body spoke."""
        return self.held_on


class Act(_Approval, Row):
    """A decision that a board or an officer took; a board's count goes with it."""

    __tablename__ = "act"

    outcome: Mapped[str] = mapped_column(Text)
    decided_on: Mapped[date]
    yes: Mapped[int | None] = mapped_column(Integer)
    no: Mapped[int | None] = mapped_column(Integer)
    abstain: Mapped[int | None] = mapped_column(Integer)
    reasons: Mapped[str | None] = mapped_column(Text)
