"""Who rolls up a district's schools and sees every figure of it: itself, state agencies, and the platform."""

from uuid import UUID

from kit.auth import Caller
from kit.errors import FieldError, Forbidden, Invalid
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.directory import Organization


async def sees_in_full(session: AsyncSession, caller: Caller, district: UUID) -> bool:
    """True for the district itself, state agencies and the platform."""
    if caller.organization_id is None:
        return True
    types = await session.scalar(select(Organization.types).where(Organization.id == caller.organization_id))
    own = caller.organization_id == district and "district" in (types or [])
    return own or "state-agency" in (types or [])


async def require_home(session: AsyncSession, caller: Caller, district: UUID) -> None:
    """Raise Forbidden unless the caller rolls up the district's schools, and Invalid if it is no district."""
    if not await sees_in_full(session, caller, district):
        raise Forbidden("Only the district itself, a state agency or the platform's administrator does this.")
    types = await session.scalar(select(Organization.types).where(Organization.id == district))
    if "district" not in (types or []):
        error = FieldError(
            "organizationId", "not-a-district", "name a district that is known here", value=str(district)
        )
        raise Invalid("Schools are rolled up for a district.", errors=[error])
