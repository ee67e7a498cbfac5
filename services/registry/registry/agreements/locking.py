"""Taking hold of an agreement for a change, always downwards: umbrellas, itself, what stands under it."""

from uuid import UUID

from kit.auth import Caller
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.dossier import Dossier, dossiers
from registry.agreements.tables import Agreement, AgreementTransition
from registry.agreements.visibility import require_reader


async def locked(session: AsyncSession, caller: Caller, agreement_id: UUID) -> Dossier:
    """The agreement, held for a change, its umbrellas held as they are. Raises NotFound."""
    await require_reader(session, caller, agreement_id)
    for umbrella in await _umbrellas(session, agreement_id):
        await session.execute(select(Agreement.id).where(Agreement.id == umbrella).with_for_update(read=True))
    await session.execute(select(Agreement.id).where(Agreement.id == agreement_id).with_for_update())
    return (await dossiers(session, [agreement_id]))[0]


async def under(session: AsyncSession, agreement_id: UUID) -> list[UUID]:
    """The executed agreements that stand directly under this one, held for a change."""
    executed = exists().where(AgreementTransition.agreement_id == Agreement.id, AgreementTransition.name == "execute")
    query = select(Agreement.id).where(Agreement.parent_id == agreement_id, executed).order_by(Agreement.id)
    return list(await session.scalars(query.with_for_update()))


async def _umbrellas(session: AsyncSession, agreement_id: UUID) -> list[UUID]:
    """All above an agreement, the highest first; an umbrella never changes."""
    above: list[UUID] = []
    parent_of = select(Agreement.parent_id)
    while (parent := await session.scalar(parent_of.where(Agreement.id == agreement_id))) is not None:
        above.insert(0, parent)
        agreement_id = parent
    return above
