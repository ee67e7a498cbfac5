"""Which schools a caller may see on a date: its own by assignment; a state agency and the platform see all."""

from datetime import date, datetime
from uuid import UUID

from kit.auth import Caller
from sqlalchemy import ColumnElement, exists, true
from sqlalchemy.ext.asyncio import AsyncSession

from registry.dated import believed
from registry.organizations.actions import sees_all_schools
from registry.organizations.tables import Organization
from registry.schools.tables import School, SchoolAssignment


async def visible(
    session: AsyncSession, caller: Caller, day: date, known_at: datetime | None = None
) -> ColumnElement[bool]:
    """The condition on `School` rows that `caller` may see as of `day`, by the assignments known at an instant."""
    if await sees_all_schools(session, caller):
        return true()
    return _assigned(caller.organization_id, day, known_at)


def visible_by_itself(organization_id: UUID | None, day: date, known_at: datetime | None = None) -> ColumnElement[bool]:
    """The same for a caller's organization, without asking first what it is: for one school; for many it is slow."""
    if organization_id is None:
        return true()
    agency = exists().where(Organization.id == organization_id, Organization.types.contains(["state-agency"]))
    return agency | _assigned(organization_id, day, known_at)


def _assigned(organization_id: UUID | None, day: date, known_at: datetime | None) -> ColumnElement[bool]:
    return exists().where(
        SchoolAssignment.school_id == School.id,
        SchoolAssignment.organization_id == organization_id,
        believed(SchoolAssignment, known_at),
        SchoolAssignment.during.contains(day),
    )
