"""Who changes a building: its owner, and the district whose school is in it."""

from collections.abc import Iterable
from uuid import UUID

from contracts.registry import BuildingFacts
from kit.auth import Caller
from kit.errors import Forbidden
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.dated import believed
from registry.organizations.actions import sees_all_schools
from registry.schools.tables import SchoolAssignment, SchoolOccupancy


async def require_owner(
    session: AsyncSession, caller: Caller, building_id: UUID, facts: Iterable[BuildingFacts]
) -> None:
    """Raise Forbidden unless the building is the caller's, or a school that the caller answers for is in it."""
    if await sees_all_schools(session, caller) or any(each.owner_id == caller.organization_id for each in facts):
        return
    own_school = exists().where(
        SchoolOccupancy.building_id == building_id,
        SchoolAssignment.school_id == SchoolOccupancy.school_id,
        SchoolAssignment.organization_id == caller.organization_id,
        SchoolAssignment.role == "accountable-lea",
        believed(SchoolOccupancy),
        believed(SchoolAssignment),
    )
    if not await session.scalar(select(own_school)):
        raise Forbidden("A building is changed by its owner, or by the district whose school is in it.")
