"""Who changes an organization: a district itself, and whoever works for its schools and is no authority itself."""

from uuid import UUID

from kit.auth import Caller
from kit.errors import Forbidden
from kit.preconditions import require_version
from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from registry.agreements.tables import AgreementParty
from registry.dated import believed
from registry.organizations.actions import (
    lock_organization,
    require_steward,
    revise_organization,
    sees_all_schools,
)
from registry.organizations.schemas import OrganizationPatch, OrganizationView
from registry.organizations.tables import Organization
from registry.schools.tables import SchoolAssignment

AUTHORITIES = frozenset({"district", "state-agency"})


async def change_organization(
    session: AsyncSession, caller: Caller, organization_id: UUID, patch: OrganizationPatch, version: int
) -> OrganizationView:
    """Change an organization. Raises Forbidden, NotFound, PreconditionFailed."""
    await require_steward(session, caller)
    row = await lock_organization(session, organization_id)
    await _require_authority(session, caller, row)
    require_version(version, row.version)
    return await revise_organization(session, caller, row, patch.model_dump(exclude_unset=True))


async def _require_authority(session: AsyncSession, caller: Caller, organization: Organization) -> None:
    """Raise Forbidden unless the organization is the caller's to change."""
    if organization.id == caller.organization_id or await sees_all_schools(session, caller):
        return
    if AUTHORITIES.isdisjoint(organization.types) and await session.scalar(
        select(_works_for(caller, organization.id) | _is_new(organization.id))
    ):
        return
    raise Forbidden("A district changes itself and those who work for its schools; ask the platform for any other.")


def _works_for(caller: Caller, organization_id: UUID) -> ColumnElement[bool]:
    """It has a role at a school that the caller answers for, or an agreement with the caller."""
    answering, working = aliased(SchoolAssignment), aliased(SchoolAssignment)
    at_a_school = exists().where(
        answering.organization_id == caller.organization_id,
        answering.role == "accountable-lea",
        answering.school_id == working.school_id,
        working.organization_id == organization_id,
        believed(answering),
        believed(working),
    )
    ours, theirs = aliased(AgreementParty), aliased(AgreementParty)
    by_agreement = exists().where(
        ours.agreement_id == theirs.agreement_id,
        ours.organization_id == caller.organization_id,
        theirs.organization_id == organization_id,
    )
    return at_a_school | by_agreement


def _is_new(organization_id: UUID) -> ColumnElement[bool]:
    """It has nothing to do with anybody yet: whoever registered it may still mend it."""
    works = exists().where(SchoolAssignment.organization_id == organization_id)
    bound = exists().where(AgreementParty.organization_id == organization_id)
    return ~works & ~bound
