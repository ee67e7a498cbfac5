"""Which exits from zones concern a caller: those of its own zone, and those of schools at which it had a role then."""

from kit.auth import Caller
from sqlalchemy import ColumnElement, Text, cast, exists, func, true
from sqlalchemy.ext.asyncio import AsyncSession

from registry.dated import believed
from registry.organizations.actions import sees_all_schools
from registry.schools.tables import SchoolAssignment
from registry.zones.tables import ZoneExit


async def concerning(session: AsyncSession, caller: Caller) -> ColumnElement[bool]:
    """The condition on `ZoneExit` rows that the caller may read."""
    if await sees_all_schools(session, caller):
        return true()
    school = func.jsonb_build_object("schoolId", cast(SchoolAssignment.school_id, Text))
    own: ColumnElement[bool] = ZoneExit.zone_id == caller.organization_id
    return own | exists().where(
        ZoneExit.members.contains(func.jsonb_build_array(school)),
        SchoolAssignment.organization_id == caller.organization_id,
        SchoolAssignment.during.contains(ZoneExit.last_day),
        believed(SchoolAssignment),
    )
