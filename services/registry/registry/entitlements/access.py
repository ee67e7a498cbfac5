"""Who may lay down a school's terms: the platform, and the district that answers for the school."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from kit.auth import Caller
from kit.errors import Forbidden, NotFound
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.visibility import types_of
from registry.dated import believed
from registry.schools.tables import School, SchoolAssignment
from registry.schools.visibility import visible


async def require_own_school(session: AsyncSession, caller: Caller, school_id: UUID, days: Sequence[date]) -> None:
    """Raise NotFound unless the school is the caller's on one of `days`, Forbidden unless as its district."""
    mine = or_(*[await visible(session, caller, day) for day in days])
    if await session.scalar(select(School.id).where(School.id == school_id, mine)) is None:
        raise NotFound(f"There is no school {school_id} of yours.")
    if caller.organization_id is None:
        return
    answers = select(SchoolAssignment.id).where(
        SchoolAssignment.school_id == school_id,
        SchoolAssignment.organization_id == caller.organization_id,
        SchoolAssignment.role == "accountable-lea",
        believed(SchoolAssignment),
    )
    if await session.scalar(answers.limit(1)) is None:
        raise Forbidden("What a school may have is laid down by the district that answers for it, or by the platform.")


async def require_district(session: AsyncSession, caller: Caller, district_id: UUID) -> None:
    """Raise Forbidden unless the caller is this district, or the platform."""
    own = caller.organization_id == district_id and "district" in await types_of(session, caller)
    if caller.organization_id is not None and not own:
        raise Forbidden("This is decided by the district itself, or by the platform.")
