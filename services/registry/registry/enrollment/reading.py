"""Enrollment policies as they are known, for whoever sees the school."""

from datetime import date, datetime
from uuid import UUID

from kit.auth import Caller
from kit.errors import NotFound
from sqlalchemy import ColumnElement, Select, and_, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.dated import believed
from registry.enrollment.schemas import EnrollmentPolicyView, TypeCount, TypeCounts
from registry.enrollment.tables import EnrollmentPolicyRevision
from registry.lineage.rules import NOT_IN_OPERATION
from registry.schools.reading import holding
from registry.schools.tables import School, SchoolAssignment, SchoolFacts
from registry.schools.visibility import visible
from registry.standpoint import Standpoint


def policy_view(row: EnrollmentPolicyRevision) -> EnrollmentPolicyView:
    """A policy as a revision says it."""
    said = {name: getattr(row, name) for name in EnrollmentPolicyView.model_fields if hasattr(row, name)}
    span = {"school_id": row.subject_id, "valid_from": row.during.lower, "valid_to": row.during.upper}
    return EnrollmentPolicyView.model_validate(said | span)


def policies_known(known_at: datetime | None) -> Select[EnrollmentPolicyRevision]:
    """All policies, past and to come, as known at an instant."""
    return select(EnrollmentPolicyRevision).where(believed(EnrollmentPolicyRevision, known_at))


async def policies_on(session: AsyncSession, caller: Caller, at: Standpoint) -> Select[EnrollmentPolicyRevision]:
    """The policies that hold on a date at the schools that the caller sees then."""
    mine = select(School.id).where(await visible(session, caller, at.day, at.known_at))
    return policies_known(at.known_at).where(_held(at.day), EnrollmentPolicyRevision.subject_id.in_(mine))


async def policy_in_force(session: AsyncSession, school_id: UUID, at: Standpoint) -> EnrollmentPolicyView:
    """A school's policy on a date. Raises NotFound."""
    of_school = EnrollmentPolicyRevision.subject_id == school_id
    row = await session.scalar(policies_known(at.known_at).where(of_school, _held(at.day)))
    if row is None:
        raise NotFound(f"No enrollment policy of the school {school_id} is recorded for {at.day}.")
    return policy_view(row)


async def policy_of(
    session: AsyncSession, school_id: UUID, policy_id: UUID, known_at: datetime | None
) -> EnrollmentPolicyView:
    """One policy of a school. Raises NotFound."""
    this = EnrollmentPolicyRevision.id == policy_id, EnrollmentPolicyRevision.subject_id == school_id
    row = await session.scalar(policies_known(known_at).where(*this))
    if row is None:
        raise NotFound(f"There is no enrollment policy {policy_id} of this school.")
    return policy_view(row)


async def type_counts(session: AsyncSession, caller: Caller, at: Standpoint, district_id: UUID | None) -> TypeCounts:
    """The caller's open schools by policy type on a date; those of one district, if one is named."""
    said = EnrollmentPolicyRevision
    known = and_(said.subject_id == School.id, believed(said, at.known_at), _held(at.day))
    query = select(said.policy_type, said.seats).select_from(School).join(SchoolFacts, holding(SchoolFacts, at))
    query = query.outerjoin(said, known).where(SchoolFacts.operational_status.not_in(NOT_IN_OPERATION))
    query = query.where(await visible(session, caller, at.day, at.known_at))
    if district_id is not None:
        query = query.where(_answers_to(district_id, at))
    counted: dict[str | None, list[int]] = {}
    for policy_type, seats in (await session.execute(query)).all():
        counted.setdefault(policy_type, []).append(sum(grade["seats"] for grade in seats or ()))
    without = len(counted.pop(None, []))
    counts = [
        TypeCount.model_validate({"policy_type": policy_type, "schools": len(seats), "seats": sum(seats)})
        for policy_type, seats in sorted(counted.items(), key=lambda item: str(item[0]))
    ]
    return TypeCounts(
        as_of=at.day, known_at=at.known_at, district_id=district_id, counts=counts, schools_without_policy=without
    )


def _held(day: date) -> ColumnElement[bool]:
    return EnrollmentPolicyRevision.during.contains(day)


def _answers_to(district_id: UUID, at: Standpoint) -> ColumnElement[bool]:
    answers = SchoolAssignment.organization_id == district_id, SchoolAssignment.role == "accountable-lea"
    return exists().where(holding(SchoolAssignment, at), *answers)
