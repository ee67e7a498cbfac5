"""Which schools a caller may see on a date: its own by assignment; a state agency and the platform see all."""

from datetime import date

from kit.auth import Caller
from sqlalchemy import ColumnElement, exists, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from registry.organizations.tables import Organization
from registry.schools.tables import School, SchoolAssignment


async def visible(session: AsyncSession, caller: Caller, day: date) -> ColumnElement[bool]:
    """The condition on `School` rows that `caller` may see as of `day`."""
    if caller.organization_id is None:
        return true()
    types = await session.scalar(select(Organization.types).where(Organization.id == caller.organization_id))
    if "state-agency" in (types or []):
        return true()
    return exists().where(
        SchoolAssignment.school_id == School.id,
        SchoolAssignment.organization_id == caller.organization_id,
        SchoolAssignment.superseded_at.is_(None),
        SchoolAssignment.during.contains(day),
    )
