"""The packet on which a decision was taken, as it was."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from registry.rows import Row


class KeptPacket(Row):
    """The page that was before the deciding body, and the revisions of the ratings that it relied on."""

    __tablename__ = "kept_packet"
    __table_args__ = (
        ForeignKeyConstraint(
            ["agreement_id", "number"], ["agreement_transition.agreement_id", "agreement_transition.number"]
        ),
    )

    agreement_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    decision: Mapped[str] = mapped_column(Text)
    decided_on: Mapped[date]
    kept_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    kept_by: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    page: Mapped[str] = mapped_column(Text)
    ratings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
