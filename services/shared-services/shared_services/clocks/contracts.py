"""What a school's contract promises instead of what the district promises to all: the clause goes before the policy."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from contracts.registry import AgreementChanged
from pydantic import TypeAdapter
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.clocks.promises import Target
from shared_services.clocks.tables import ContractPromise
from shared_services.directory import Agreement

_TARGETS: TypeAdapter[list[Target]] = TypeAdapter(list[Target])


def targets_of(promise: ContractPromise) -> list[Target]:
    """What a contract promises."""
    return _TARGETS.validate_python(promise.targets)


async def binding_promise(
    session: AsyncSession, district_id: UUID, level: str, offering: str, school_id: UUID, day: date
) -> ContractPromise | None:
    """What a contract in force for the school on `day` promises of a class of service; None if none says anything.

    Of several, the one that names the offering, then the one that began last.
    """
    about = or_(ContractPromise.offering.is_(None), ContractPromise.offering == offering)
    query = (
        select(ContractPromise, Agreement.said)
        .join(Agreement, Agreement.id == ContractPromise.agreement_id)
        .where(ContractPromise.district_id == district_id, ContractPromise.service_level == level, about)
        .where(ContractPromise.during.contains(day))
        .where(Agreement.said["schools"].contains([{"schoolId": str(school_id)}]))
    )
    binding = [
        promise
        for promise, said in await session.execute(query)
        if AgreementChanged.model_validate(said).in_force_on(day, school_id)
    ]
    return max(binding, key=_rank, default=None)


async def targets_by_contract(session: AsyncSession, ids: Iterable[UUID | None]) -> dict[UUID | None, Sequence[Target]]:
    """What contracts promise, by the id of the promise."""
    named = {one for one in ids if one is not None}
    if not named:
        return {}
    rows = await session.scalars(select(ContractPromise).where(ContractPromise.id.in_(named)))
    return {promise.id: targets_of(promise) for promise in rows}


def _rank(promise: ContractPromise) -> tuple[bool, date, UUID]:
    return promise.offering is not None, promise.during.lower or date.min, promise.id
