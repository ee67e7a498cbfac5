"""Our copy of executed agreements, kept from the registry's events: what binds a school, and since when."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from contracts.event import Envelope
from contracts.registry import AgreementChanged
from kit.copies import keep_newest
from sqlalchemy import BigInteger, Index, Text, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from accountability.rows import Row


class Agreement(Row):
    """An agreement as the registry last said it, and the schools that it ever covered."""

    __tablename__ = "directory_agreement"
    __table_args__ = (Index("ix_directory_agreement_school_ids", "school_ids", postgresql_using="gin"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    instrument: Mapped[str] = mapped_column(Text)
    school_ids: Mapped[list[str]] = mapped_column(ARRAY(Text))
    said: Mapped[dict[str, Any]] = mapped_column(JSONB)


async def keep_agreement(session: AsyncSession, event: AgreementChanged, envelope: Envelope) -> bool:
    """Keep the newest version of an agreement; True if it is news."""
    return await keep_newest(
        session,
        Agreement,
        id=event.id,
        version=event.version,
        instrument=event.instrument,
        school_ids=sorted({str(covered.school_id) for covered in event.schools}),
        said=event.model_dump(mode="json", by_alias=True),
    )


async def agreements_of(session: AsyncSession, schools: Iterable[UUID]) -> list[AgreementChanged]:
    """The executed agreements that ever covered one of these schools, ended ones too."""
    covered = Agreement.school_ids.overlap(literal([str(school) for school in schools], ARRAY(Text)))
    rows = await session.scalars(select(Agreement).where(covered).order_by(Agreement.id))
    return [AgreementChanged.read(row.said) for row in rows]


def in_force(
    agreements: Sequence[AgreementChanged], schools: Iterable[UUID], day: date
) -> Mapping[UUID, list[AgreementChanged]]:
    """The agreements that govern each school on a day, the one that took effect last first."""
    newest_first = sorted(agreements, key=lambda agreement: (agreement.effective_from, agreement.id), reverse=True)
    return {school: [each for each in newest_first if each.in_force_on(day, school)] for school in schools}
