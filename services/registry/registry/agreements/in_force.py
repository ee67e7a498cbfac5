"""Which agreements hold on a date and for which schools: judged from their dossiers, not read from a flag."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.dossier import Dossier, dossiers
from registry.agreements.standing import Standing, standing
from registry.agreements.tables import Agreement, AgreementSchool
from registry.dated import among, believed
from registry.standpoint import Standpoint

BATCH = 500


async def standings(
    session: AsyncSession, which: ColumnElement[bool], at: Standpoint
) -> AsyncIterator[tuple[Dossier, Standing]]:
    """The executed agreements that meet a condition, each with what it is at a standpoint."""
    executed = select(Agreement.id).where(Agreement.holds.is_not(None), which).order_by(Agreement.id)
    ids = list(await session.scalars(executed))
    for start in range(0, len(ids), BATCH):
        for dossier in await dossiers(session, ids[start : start + BATCH], at.known_at):
            yield dossier, standing(dossier, at.day)


async def governing(
    session: AsyncSession, schools: Sequence[UUID], which: ColumnElement[bool], at: Standpoint
) -> dict[UUID, list[Dossier]]:
    """By school the agreements of a condition that are in force for it at a standpoint."""
    covering = select(AgreementSchool.agreement_id).where(
        among(AgreementSchool.school_id, schools),
        believed(AgreementSchool, at.known_at),
        AgreementSchool.during.contains(at.day),
    )
    found: dict[UUID, list[Dossier]] = {}
    async for dossier, now in standings(session, which & Agreement.id.in_(covering), at):
        for school in set(dossier.schools_on(at.day)) if now.in_force else ():
            found.setdefault(school, []).append(dossier)
    return found
