"""Lay down a school's enrollment policy, and correct or end it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from contracts.registry import EnrollmentPolicyChanged
from kit.auth import Caller
from kit.errors import FieldError, Invalid
from kit.journal import record
from kit.periods import Overlap, period
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.dossier import dossiers
from registry.agreements.tables import Agreement, AgreementSchool
from registry.agreements.visibility import readable
from registry.enrollment.reading import policies_known, policy_of, policy_view
from registry.enrollment.rules import changes_since, policy_errors
from registry.enrollment.schemas import EnrollmentPolicyPatch, EnrollmentPolicyView, NewEnrollmentPolicy
from registry.enrollment.tables import EnrollmentPolicy, EnrollmentPolicyRevision
from registry.entitlements.access import require_own_school
from registry.organizations.actions import today_of
from registry.organizations.tables import Organization
from registry.reporting_periods.schools import respect_locks
from registry.revisions import first_revision, locked, next_revision

EMPTIED = frozenset({"area_id", "refusal", "mid_year_says", "agreement_id", "valid_to"})
"""Members that a patch may empty."""


async def lay_down_policy(
    session: AsyncSession,
    caller: Caller,
    school_id: UUID,
    body: NewEnrollmentPolicy,
    now: datetime,
    override: str | None,
) -> EnrollmentPolicyView:
    """Lay down a school's policy. Raises NotFound, Forbidden, Invalid with every error, Overlap, PeriodLocked."""
    await require_own_school(session, caller, school_id, [await today_of(session, caller, now), body.valid_from])
    await _refuse(session, caller, school_id, body)
    await _refuse_overlap(session, school_id, body)
    if override is None:
        await respect_locks(session, school_id, body.valid_from)
    thing = EnrollmentPolicy(version=1, school_id=school_id)
    try:
        row = await first_revision(session, thing, EnrollmentPolicyRevision, _columns(body, school_id))
    except IntegrityError as error:
        raise _raced() from error
    return await _say(session, caller, row, None, override)


async def change_policy(
    session: AsyncSession,
    caller: Caller,
    school_id: UUID,
    policy_id: UUID,
    patch: EnrollmentPolicyPatch,
    version: int,
    now: datetime,
    override: str | None,
) -> EnrollmentPolicyView:
    """Correct a policy, or end it. Raises as `lay_down_policy`, and PreconditionFailed."""
    days = [await today_of(session, caller, now), *await _first_day(session, policy_id)]
    await require_own_school(session, caller, school_id, days)
    await policy_of(session, school_id, policy_id, None)
    thing, newest = await locked(session, EnrollmentPolicy, EnrollmentPolicyRevision, policy_id, version)
    before = policy_view(newest)
    given = patch.model_dump(exclude_unset=True)
    changed = {name: value for name, value in given.items() if value is not None or name in EMPTIED}
    after = EnrollmentPolicyView.model_validate(before.model_dump() | changed)
    await _refuse(session, caller, school_id, after)
    await _refuse_overlap(session, school_id, after, policy_id)
    if override is None and after != before:
        await respect_locks(session, school_id, changes_since(before, after))
    try:
        row = await next_revision(session, thing, newest, _columns(after, school_id))
    except IntegrityError as error:
        raise _raced() from error
    return await _say(session, caller, row, before, override)


async def _first_day(session: AsyncSession, policy_id: UUID) -> Sequence[date]:
    """When a policy began: whoever had the school then may correct it. Empty if there is no such policy."""
    during = await session.scalars(policies_known(None).where(EnrollmentPolicyRevision.id == policy_id))
    return [row.during.lower for row in during if row.during.lower is not None]


async def _refuse(session: AsyncSession, caller: Caller, school_id: UUID, policy: NewEnrollmentPolicy) -> None:
    errors = [*policy_errors(policy), *await _provider_errors(session, policy)]
    if policy.agreement_id is not None and not await _executed(session, caller, school_id, policy.agreement_id):
        message = "no executed agreement of yours that covers the school"
        errors.append(FieldError("agreementId", "unknown", message, value=str(policy.agreement_id)))
    if errors:
        raise Invalid("The policy breaks rules; see `errors`.", errors=errors)


async def _executed(session: AsyncSession, caller: Caller, school_id: UUID, agreement_id: UUID) -> bool:
    covering = select(Agreement.id).join(AgreementSchool, AgreementSchool.agreement_id == Agreement.id)
    this = Agreement.id == agreement_id, AgreementSchool.school_id == school_id
    if await session.scalar(covering.where(*this, await readable(session, caller)).limit(1)) is None:
        return False
    return (await dossiers(session, [agreement_id]))[0].latest("execute") is not None


async def _provider_errors(session: AsyncSession, policy: NewEnrollmentPolicy) -> Sequence[FieldError]:
    named = {promise.provider_id for promise in policy.transport}
    known = set(await session.scalars(select(Organization.id).where(Organization.id.in_(named - {None}))))
    return [
        FieldError(f"transport.{number}.providerId", "unknown", "register the organization first", value=str(provider))
        for number, provider in enumerate(promise.provider_id for promise in policy.transport)
        if provider is not None and provider not in known
    ]


async def _refuse_overlap(
    session: AsyncSession, school_id: UUID, policy: NewEnrollmentPolicy, itself: UUID | None = None
) -> None:
    said = EnrollmentPolicyRevision
    span = func.daterange(policy.valid_from, policy.valid_to, "[)")
    others = policies_known(None).where(said.subject_id == school_id, said.during.op("&&")(span))
    if itself is not None:
        others = others.where(said.id != itself)
    other = await session.scalar(others.order_by(said.during).limit(1))
    if other is not None:
        reach = f"{other.during.lower} to {other.during.upper or 'open'}"
        error = FieldError("validFrom", "one-at-a-time", f"overlaps {reach}", value=str(policy.valid_from))
        raise Overlap(f"The school has the policy {other.id} from {reach}; end that one first.", errors=[error])


def _raced() -> Overlap:
    return Overlap("The school has another policy in that time; read again, then end that one first.")


def _columns(policy: NewEnrollmentPolicy, school_id: UUID) -> dict[str, Any]:
    lists = {"tiers", "seats", "grandfathering", "transport"}
    said = policy.model_dump(exclude={"id", "version", "school_id", "valid_from", "valid_to", *lists})
    kept = policy.model_dump(mode="json", include=lists)
    return said | kept | {"subject_id": school_id, "during": period(policy.valid_from, policy.valid_to)}


async def _say(
    session: AsyncSession,
    caller: Caller,
    row: EnrollmentPolicyRevision,
    before: EnrollmentPolicyView | None,
    reason: str | None,
) -> EnrollmentPolicyView:
    view = policy_view(row)
    private = before.model_dump(mode="json", by_alias=True) if before else None
    event = EnrollmentPolicyChanged.model_validate(view.model_dump())
    await record(session, event, caller=caller, before=private, reason=reason)
    return view
