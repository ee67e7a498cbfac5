"""Lay down a policy of suppression."""

from datetime import datetime

from kit.auth import Caller
from kit.errors import FieldError, Forbidden, Invalid
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.directory import Organization
from accountability.frameworks.tables import RegisteredFramework
from accountability.privacy.schemas import NewSuppressionPolicy, SuppressionPolicyView
from accountability.privacy.tables import SuppressionPolicy
from accountability.visibility import require_steward


async def lay_down_suppression_policy(
    session: AsyncSession, caller: Caller, body: NewSuppressionPolicy, now: datetime
) -> SuppressionPolicyView:
    """Lay down a policy: a state for all, a district for its own framework. Raises Forbidden, Invalid."""
    await require_steward(session, caller, "lays down what is hidden")
    if body.framework is not None:
        await _require_known(session, body.framework)
    if not await _is_theirs(session, caller, body.framework):
        raise Forbidden("A district lays down policies for its own frameworks: name one of them in `framework`.")
    owner = {"organization_id": caller.organization_id, "client_id": caller.client_id, "recorded_at": now}
    row = SuppressionPolicy(framework_id=body.framework, **body.model_dump(exclude={"framework"}), **owner)
    session.add(row)
    await session.flush()
    return shape(row)


async def _require_known(session: AsyncSession, framework: str) -> None:
    if await session.scalar(select(RegisteredFramework.id).where(RegisteredFramework.id == framework).limit(1)) is None:
        error = FieldError("framework", "unknown", "no such framework is registered", value=framework)
        raise Invalid("The policy is of no framework that is known.", errors=[error])


async def _is_theirs(session: AsyncSession, caller: Caller, framework: str | None) -> bool:
    """True for the platform and state agencies, and for the owner of all versions of the framework."""
    if caller.organization_id is None:
        return True
    types = await session.scalar(select(Organization.types).where(Organization.id == caller.organization_id))
    if "state-agency" in (types or []):
        return True
    owners = await session.scalars(select(RegisteredFramework.owner_id).where(RegisteredFramework.id == framework))
    return set(owners) == {caller.organization_id}


def shape(row: SuppressionPolicy) -> SuppressionPolicyView:
    """A policy as shown."""
    names = SuppressionPolicyView.model_fields.keys() - {"framework"}
    return SuppressionPolicyView(framework=row.framework_id, **{name: getattr(row, name) for name in names})
