"""What was done by a deadline. The deadlines themselves follow from agreements and are kept nowhere."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.rows import Row


class Filing(Row):
    """Something owed that was filed, acknowledged or waived. What is corrected stays readable as of before."""

    __tablename__ = "filing"
    __table_args__ = (
        Index(
            "ix_filing_standing",
            "agreement_id",
            "deadline",
            "outcome",
            unique=True,
            postgresql_where=text("superseded_at is null"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreement.id"))
    deadline: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    done_on: Mapped[date]
    evidence: Mapped[str] = mapped_column(Text)
    reference: Mapped[str | None] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"))
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    superseded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
