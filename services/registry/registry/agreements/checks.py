"""What can be wrong with a draft: every error at once, each with the rule and how to mend it."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from kit.auth import Caller
from kit.errors import FieldError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.dossier import dossiers
from registry.agreements.schemas import NewCoverage, NewParty
from registry.agreements.standing import standing
from registry.agreements.tables import Agreement
from registry.agreements.visibility import readable
from registry.instruments.document import Instrument
from registry.organizations.tables import Organization
from registry.schools.tables import School, SchoolAssignment

OVER = frozenset({"locally-denied", "state-denied", "withdrawn"})


async def content_errors(
    session: AsyncSession,
    caller: Caller,
    instrument: Instrument,
    parties: Sequence[NewParty] | None,
    schools: Sequence[NewCoverage] | None,
) -> list[FieldError]:
    """What is wrong with the parties and the schools, if given."""
    errors: list[FieldError] = []
    if parties is not None:
        errors += await _party_errors(session, instrument, parties)
    if schools is not None:
        errors += await _school_errors(session, caller, [school.school_id for school in schools])
    return errors


async def _party_errors(session: AsyncSession, instrument: Instrument, parties: Sequence[NewParty]) -> list[FieldError]:
    asked = {party.organization_id for party in parties}
    rows = await session.execute(select(Organization.id, Organization.types).where(Organization.id.in_(asked)))
    types = {row.id: set(row.types) for row in rows}
    roles = {party.role: party for party in instrument.parties}
    errors = []
    for number, party in enumerate(parties):
        where, role = f"parties.{number}", roles.get(party.role)
        if party.organization_id not in types:
            message = "register the organization first"
            errors.append(FieldError(f"{where}.organizationId", "unknown", message, value=str(party.organization_id)))
        elif role is None:
            errors.append(FieldError(f"{where}.role", "unknown-role", f"the roles are {', '.join(roles)}"))
        elif types[party.organization_id].isdisjoint(role.types):
            message = f"a {party.role} is one of: {', '.join(role.types)} ({instrument})"
            errors.append(FieldError(f"{where}.organizationId", "wrong-type", message))
    present = {party.role for party in parties}
    missing = [role.role for role in instrument.parties if role.required and role.role not in present]
    errors += [FieldError("parties", "missing-party", f"{instrument} needs a {role}") for role in missing]
    if len({(party.organization_id, party.role) for party in parties}) < len(parties):
        errors.append(FieldError("parties", "repeated", "name each organization once in a role"))
    return errors


async def unknown_schools(session: AsyncSession, caller: Caller, schools: Sequence[UUID]) -> set[UUID]:
    """Those of the schools that do not exist, or at which the caller never had a role."""
    own = select(SchoolAssignment.school_id).where(
        SchoolAssignment.organization_id == caller.organization_id, SchoolAssignment.superseded_at.is_(None)
    )
    query = select(School.id).where(School.id.in_(schools))
    known = set(await session.scalars(query if caller.organization_id is None else query.where(School.id.in_(own))))
    return set(schools) - known


async def _school_errors(session: AsyncSession, caller: Caller, schools: Sequence[UUID]) -> list[FieldError]:
    unknown = await unknown_schools(session, caller, schools)
    errors = [
        FieldError(f"schools.{number}.schoolId", "unknown", "no such school of yours", value=str(school))
        for number, school in enumerate(schools)
        if school in unknown
    ]
    if len(set(schools)) < len(schools):
        errors.append(FieldError("schools", "repeated", "name each school once"))
    return errors


def date_errors(effective_from: date | None, term_to: date | None, notice_by: date | None) -> list[FieldError]:
    """What is wrong with the planned dates."""
    errors = []
    if effective_from is not None and term_to is not None and term_to <= effective_from:
        errors.append(FieldError("termTo", "after-start", f"must lie after effectiveFrom, {effective_from}"))
    if notice_by is not None and term_to is not None and notice_by >= term_to:
        errors.append(FieldError("noticeBy", "before-end", f"must lie before termTo, {term_to}"))
    return errors


async def parent_errors(
    session: AsyncSession, caller: Caller, instrument: Instrument, parent_id: UUID | None
) -> list[FieldError]:
    """What is wrong with the umbrella."""
    rule = instrument.parent
    if parent_id is None:
        needed = rule is not None and rule.required
        message = f"{instrument} stands under an agreement of kind {', '.join(rule.kinds)}" if rule else ""
        return [FieldError("parentId", "missing", message)] if needed else []
    mine = await readable(session, caller)
    kind = await session.scalar(select(Agreement.instrument_id).where(Agreement.id == parent_id, mine))
    if kind is None:
        return [FieldError("parentId", "unknown", "no such agreement of yours", value=str(parent_id))]
    if rule is None or kind not in rule.kinds:
        allowed = ", ".join(rule.kinds) if rule else "none"
        return [FieldError("parentId", "wrong-kind", f"the umbrella of {instrument} is: {allowed}; this is a {kind}")]
    return []


async def predecessor_errors(session: AsyncSession, caller: Caller, predecessor_id: UUID | None) -> list[FieldError]:
    """What is wrong with the agreement that is taken up again."""
    if predecessor_id is None:
        return []
    mine = await readable(session, caller)
    found = await session.scalar(select(Agreement.id).where(Agreement.id == predecessor_id, mine))
    if found is None:
        return [FieldError("resubmitsId", "unknown", "no such agreement of yours", value=str(predecessor_id))]
    status = standing((await dossiers(session, [found]))[0], date.max).status
    if status not in OVER:
        return [FieldError("resubmitsId", "not-over", f"it is {status}; only a denied or withdrawn one is taken up")]
    return []
