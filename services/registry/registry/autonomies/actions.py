"""Register rules, grant waivers and autonomies, and change what is said of them."""

from typing import Any, TypeVar
from uuid import UUID

from contracts.registry import AutonomyChanged, RuleChanged, WaiverChanged
from kit.auth import Caller
from kit.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from kit.journal import record
from kit.periods import Overlap, period
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.dossier import Dossier
from registry.agreements.lifecycle import Who
from registry.agreements.visibility import require_writer, types_of
from registry.autonomies.checks import (
    LAW,
    autonomy_errors,
    own_agreement,
    refuse,
    rule_errors,
    unknown_agreement,
    waiver_errors,
)
from registry.autonomies.reading import autonomy_view, known_rule, rule_view, waiver_view
from registry.autonomies.schemas import (
    AutonomyPatch,
    AutonomyView,
    NewAutonomy,
    NewRule,
    NewWaiver,
    RulePatch,
    RuleView,
    WaiverPatch,
    WaiverView,
)
from registry.autonomies.settled import keep_autonomy_settled, keep_rule_settled, keep_waiver_settled
from registry.autonomies.tables import Autonomy, AutonomyRevision, Rule, RuleRevision, Waiver, WaiverRevision
from registry.autonomies.waiving import never_waived
from registry.organizations.actions import require_steward
from registry.revisions import first_revision, locked, next_revision

DISTRICT: frozenset[Who] = frozenset({"district"})
NOT_YET = UUID(int=0)
V = TypeVar("V", bound=BaseModel)
EMPTIED = frozenset(
    {"condition", "applies_to", "valid_to", "never_waived_by", "successor_id", "decision_right", "agreement_id"}
)
"""Members that a patch may empty."""


class NeverWaived(Conflict):
    """This rule can never be waived"""

    type = "never-waived"


async def register_rule(session: AsyncSession, caller: Caller, body: NewRule, override: str | None) -> RuleView:
    """Register a rule. Raises Forbidden, Invalid, PeriodLocked unless `override` says why."""
    await _require_rule_writer(session, caller, body)
    refuse(await rule_errors(session, caller, body, None))
    if override is None:
        await keep_rule_settled(session, None, body)
    row = await first_revision(session, Rule(version=1), RuleRevision, _columns(body))
    return await _say_rule(session, caller, row, None, override)


async def change_rule(
    session: AsyncSession, caller: Caller, rule_id: UUID, patch: RulePatch, version: int, override: str | None
) -> RuleView:
    """Change what is said of a rule, or say that it was repealed. Raises Forbidden, NotFound, Invalid, PeriodLocked."""
    thing, newest = await locked(session, Rule, RuleRevision, rule_id, version)
    before = rule_view(newest)
    await _require_rule_writer(session, caller, before)
    after = _patched(before, patch)
    refuse(await rule_errors(session, caller, after, rule_id))
    if override is None:
        await keep_rule_settled(session, before, after)
    row = await next_revision(session, thing, newest, _columns(after))
    return await _say_rule(session, caller, row, before, override)


async def grant_waiver(session: AsyncSession, caller: Caller, body: NewWaiver, override: str | None) -> WaiverView:
    """Record a waiver under an agreement. Raises Forbidden, Invalid, NeverWaived, PeriodLocked."""
    dossier = await _source(session, caller, body.agreement_id)
    draft = WaiverView(**body.model_dump(), id=NOT_YET, version=1)
    await _check_waiver(session, draft, dossier)
    if override is None:
        await keep_waiver_settled(session, None, body, dossier)
    thing = Waiver(version=1, agreement_id=body.agreement_id)
    row = await first_revision(session, thing, WaiverRevision, _columns(body, "agreement_id"))
    return await _say_waiver(session, caller, row, body.agreement_id, None, override)


async def change_waiver(
    session: AsyncSession, caller: Caller, waiver_id: UUID, patch: WaiverPatch, version: int, override: str | None
) -> WaiverView:
    """Change a waiver, or end it. Raises Forbidden, NotFound, PreconditionFailed, Invalid, PeriodLocked."""
    agreement_id = await session.scalar(select(Waiver.agreement_id).where(Waiver.id == waiver_id))
    dossier = await own_agreement(session, caller, agreement_id) if agreement_id else None
    if agreement_id is None or dossier is None:
        raise NotFound(f"There is no waiver {waiver_id} of yours.")
    await require_writer(session, caller, dossier, DISTRICT)
    thing, newest = await locked(session, Waiver, WaiverRevision, waiver_id, version)
    before = waiver_view(newest, agreement_id)
    after = _patched(before, patch)
    await _check_waiver(session, after, dossier)
    if override is None:
        await keep_waiver_settled(session, before, after, dossier)
    row = await next_revision(session, thing, newest, _columns(after, "agreement_id", "id", "version"))
    return await _say_waiver(session, caller, row, agreement_id, before, override)


async def grant_autonomy(
    session: AsyncSession, caller: Caller, body: NewAutonomy, override: str | None
) -> AutonomyView:
    """Record a right to decide. Raises Forbidden, Invalid, Overlap, PeriodLocked."""
    await require_steward(session, caller)
    dossier = await _source(session, caller, body.agreement_id) if body.agreement_id else None
    refuse(await autonomy_errors(session, caller, body, dossier))
    if override is None:
        await keep_autonomy_settled(session, None, body)
    thing = Autonomy(version=1, school_id=body.school_id, zone_id=body.zone_id)
    said = _columns(body, "school_id", "zone_id") | {"subject_id": body.school_id or body.zone_id}
    try:
        row = await first_revision(session, thing, AutonomyRevision, said)
    except IntegrityError as error:
        raise Overlap("This holder has a level of this right in that time already; end that one first.") from error
    return await _say_autonomy(session, caller, autonomy_view(row, thing), None, override)


async def change_autonomy(
    session: AsyncSession,
    caller: Caller,
    view: AutonomyView,
    patch: AutonomyPatch,
    version: int,
    override: str | None,
) -> AutonomyView:
    """Change an autonomy that the caller may see, or end it.

    Raises Forbidden, PreconditionFailed, Invalid, Overlap, PeriodLocked.
    """
    await require_steward(session, caller)
    if view.agreement_id is not None:
        await _source(session, caller, view.agreement_id)
    thing, newest = await locked(session, Autonomy, AutonomyRevision, view.id, version)
    after = _patched(autonomy_view(newest, thing), patch)
    refuse(await autonomy_errors(session, caller, after, None))
    if override is None:
        await keep_autonomy_settled(session, view, after)
    try:
        row = await next_revision(session, thing, newest, _columns(after, "school_id", "zone_id"))
    except IntegrityError as error:
        raise Overlap("This holder has another level of this right in that time.") from error
    return await _say_autonomy(session, caller, autonomy_view(row, thing), view, override)


async def _source(session: AsyncSession, caller: Caller, agreement_id: UUID) -> Dossier:
    dossier = await own_agreement(session, caller, agreement_id)
    if dossier is None:
        raise Invalid("Name an agreement of yours.", errors=[unknown_agreement(agreement_id)])
    await require_writer(session, caller, dossier, DISTRICT)
    return dossier


async def _require_rule_writer(session: AsyncSession, caller: Caller, rule: NewRule) -> None:
    if caller.organization_id is None:
        return
    if rule.layer in LAW:
        if "state-agency" not in await types_of(session, caller):
            raise Forbidden("Statutes and regulations are registered by a state agency or the platform.")
    elif rule.organization_id != caller.organization_id or "district" not in await types_of(session, caller):
        raise Forbidden("A policy, practice or contract is registered by the district whose it is, or the platform.")


async def _check_waiver(session: AsyncSession, waiver: WaiverView, dossier: Dossier) -> None:
    refuse(await waiver_errors(session, waiver, dossier))
    if waiver.rule_id is None:
        return
    rule = await known_rule(session, waiver.rule_id, None)
    citation = never_waived(rule, dossier.instrument)
    if citation is not None:
        error = FieldError("ruleId", "never-waived", f"not waivable by {citation}", value=rule.citation)
        raise NeverWaived(f"{rule.citation} can never be waived under {dossier.instrument}: {citation}", errors=[error])


def _patched(before: V, patch: BaseModel) -> V:
    given = patch.model_dump(exclude_unset=True)
    changed = {name: value for name, value in given.items() if value is not None or name in EMPTIED}
    return type(before).model_validate(before.model_dump() | changed)


def _columns(body: BaseModel, *besides: str) -> dict[str, Any]:
    said = body.model_dump(exclude={"valid_from", "valid_to", "id", "version", *besides})
    if "exceptions" in said:
        said["exceptions"] = body.model_dump(mode="json", include={"exceptions"})["exceptions"]
    given = body.model_dump(include={"valid_from", "valid_to"})
    return said | {"during": period(given["valid_from"], given["valid_to"])}


async def _say_rule(
    session: AsyncSession, caller: Caller, row: RuleRevision, before: RuleView | None, reason: str | None
) -> RuleView:
    view = rule_view(row)
    await record(session, RuleChanged(**view.model_dump()), caller=caller, before=_private(before), reason=reason)
    return view


async def _say_waiver(
    session: AsyncSession,
    caller: Caller,
    row: WaiverRevision,
    agreement_id: UUID,
    before: WaiverView | None,
    reason: str | None,
) -> WaiverView:
    view = waiver_view(row, agreement_id)
    await record(session, WaiverChanged(**view.model_dump()), caller=caller, before=_private(before), reason=reason)
    return view


async def _say_autonomy(
    session: AsyncSession, caller: Caller, view: AutonomyView, before: AutonomyView | None, reason: str | None
) -> AutonomyView:
    await record(session, AutonomyChanged(**view.model_dump()), caller=caller, before=_private(before), reason=reason)
    return view


def _private(before: BaseModel | None) -> dict[str, Any] | None:
    return before.model_dump(mode="json", by_alias=True) if before else None
