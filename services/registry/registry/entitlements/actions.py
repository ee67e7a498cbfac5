"""Lay down what schools may have of their district's services, one by one or by a policy."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from contracts.registry import SchoolChanged, ServiceTerm
from kit.auth import Caller
from kit.errors import FieldError, Invalid, NotFound
from kit.preconditions import require_version
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.tables import Agreement, AgreementSchool
from registry.agreements.visibility import readable
from registry.dated import believed
from registry.entitlements.access import require_district, require_givers, require_school
from registry.entitlements.givers import givers_of
from registry.entitlements.keeping import hold_agreements, keep, lock_entitlements, terms_of
from registry.entitlements.rules import laid
from registry.entitlements.schemas import NewServicePolicy, NewServiceTerm, NewServiceTerms
from registry.organizations.actions import today_of
from registry.pieces import within
from registry.schools.tables import SchoolAssignment
from registry.schools.timelines import timelines


async def lay_down_terms(
    session: AsyncSession,
    caller: Caller,
    school_id: UUID,
    body: NewServiceTerms,
    version: int,
    now: datetime,
    override: str | None,
) -> None:
    """Lay down terms of a school, in their order.

    Raises NotFound, Forbidden, PreconditionFailed, Invalid with every error, PeriodLocked.
    """
    days = [await today_of(session, caller, now), *(new.valid_from for new in body.terms)]
    await require_school(session, caller, school_id, days)
    givers, wrong = await givers_of(session, caller, school_id, body.terms)
    await require_givers(session, caller, school_id, givers)
    errors = [error for number, new in enumerate(body.terms) for error in _term_errors(f"terms.{number}", new)]
    errors += wrong + await _agreement_errors(session, caller, school_id, body.terms)
    if errors:
        raise Invalid("The terms break rules; see `errors`.", errors=errors)
    await hold_agreements(session, [new.agreement_id for new in body.terms])
    held = await lock_entitlements(session, school_id)
    require_version(version, held.version)
    terms = list((await terms_of(session, school_id)).values())
    for new, giver in zip(body.terms, givers, strict=True):
        terms = laid(terms, ServiceTerm.model_validate(new.model_dump() | {"district_id": giver}))
    await keep(session, caller, held, terms, min(new.valid_from for new in body.terms), override)


async def end_term(
    session: AsyncSession,
    caller: Caller,
    school_id: UUID,
    term_id: UUID,
    day: date,
    version: int,
    now: datetime,
    override: str | None,
) -> None:
    """Let a term hold until `day` only. Raises NotFound, Forbidden, PreconditionFailed, Invalid, PeriodLocked."""
    await require_school(session, caller, school_id, [await today_of(session, caller, now), day])
    held = await lock_entitlements(session, school_id)
    terms = await terms_of(session, school_id)
    ending = terms.pop(term_id, None)
    await require_givers(session, caller, school_id, [ending.district_id if ending else None])
    require_version(version, held.version)
    if ending is None:
        raise NotFound(f"There is no term {term_id} of this school that holds.")
    if ending.valid_to is not None and ending.valid_to <= day:
        error = FieldError("validTo", "after-end", f"the term ends on {ending.valid_to} already", value=str(day))
        raise Invalid("A term is only ever shortened here.", errors=[error])
    after = [*terms.values(), *within([ending], None, day)]
    await keep(session, caller, held, after, max(day, ending.valid_from), override)


async def lay_down_policy(
    session: AsyncSession, caller: Caller, body: NewServicePolicy, override: str | None
) -> list[UUID]:
    """Lay down a district's policy for each of its schools of one arrangement; the schools.

    Raises Forbidden, Invalid, PeriodLocked.
    """
    await require_district(session, caller, body.district_id)
    if errors := _period_errors("validTo", body.valid_from, body.valid_to):
        raise Invalid("The policy has no time.", errors=errors)
    answered = select(SchoolAssignment.school_id).where(
        SchoolAssignment.organization_id == body.district_id,
        SchoolAssignment.role == "accountable-lea",
        believed(SchoolAssignment),
    )
    schools = await timelines(session, sorted(set(await session.scalars(answered))))
    concerned = {school.id: new for school in schools if (new := policy_terms(school, body))}
    for school_id, new in sorted(concerned.items()):
        held = await lock_entitlements(session, school_id)
        terms = list((await terms_of(session, school_id)).values())
        for each in new:
            terms = laid(terms, each)
        await keep(session, caller, held, terms, min(each.valid_from for each in new), override)
    return sorted(concerned)


def policy_terms(school: SchoolChanged, policy: NewServicePolicy) -> list[ServiceTerm]:
    """What a policy lays down for a school: for the days on which it is run that way and answers to the district."""
    terms = [
        ServiceTerm(
            layer="district-policy",
            valid_from=policy.valid_from,
            valid_to=policy.valid_to,
            **each.model_dump(),
        )
        for each in policy.terms
    ]
    answers = [
        held
        for held in school.assignments
        if held.role == "accountable-lea" and held.organization_id == policy.district_id
    ]
    run = [facts for facts in school.facts if facts.arrangement == policy.arrangement]
    spans = [span for facts in run for span in within(answers, facts.valid_from, facts.valid_to)]
    return [piece for span in spans for piece in within(terms, span.valid_from, span.valid_to)]


def _term_errors(where: str, new: NewServiceTerm) -> list[FieldError]:
    errors = _period_errors(f"{where}.validTo", new.valid_from, new.valid_to)
    if (new.layer == "agreement") != (new.agreement_id is not None):
        message = "a term of an agreement names it, any other names none"
        errors.append(FieldError(f"{where}.agreementId", "layer", message))
    if new.credit_cents is not None and new.service_class != "opted-out-with-credit":
        errors.append(FieldError(f"{where}.creditCents", "class", "only opting out with credit gives one"))
    return errors


def _period_errors(field: str, valid_from: date, valid_to: date | None) -> list[FieldError]:
    if valid_to is None or valid_from < valid_to:
        return []
    return [FieldError(field, "after-start", f"must lie after validFrom, {valid_from}", value=str(valid_to))]


async def _agreement_errors(
    session: AsyncSession, caller: Caller, school_id: UUID, terms: Sequence[NewServiceTerm]
) -> list[FieldError]:
    covering = select(Agreement.id).join(AgreementSchool, AgreementSchool.agreement_id == Agreement.id)
    mine = await readable(session, caller)
    known = set(await session.scalars(covering.where(AgreementSchool.school_id == school_id, mine)))
    return [
        FieldError(f"terms.{number}.agreementId", "unknown", "no agreement of yours that covers the school")
        for number, new in enumerate(terms)
        if new.agreement_id is not None and new.agreement_id not in known
    ]
