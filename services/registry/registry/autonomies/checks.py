"""What can be wrong with a rule, a waiver or an autonomy: every error at once, each with how to mend it."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from kit.auth import Caller
from kit.errors import FieldError, Invalid
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.checks import unknown_schools
from registry.agreements.dossier import Dossier, dossiers
from registry.agreements.tables import Agreement
from registry.agreements.visibility import readable
from registry.autonomies.reading import rules_known
from registry.autonomies.schemas import NewAutonomy, NewRule, RuleView, WaiverView
from registry.autonomies.vocabulary import AREA
from registry.organizations.tables import Organization
from registry.schools.tables import SchoolAssignment

LAW = frozenset({"statute", "regulation"})


def refuse(errors: Sequence[FieldError]) -> None:
    """Raise Invalid if there are errors."""
    if errors:
        raise Invalid("Some fields break a rule; see `errors`.", errors=errors)


def period_errors(valid_from: date, valid_to: date | None) -> list[FieldError]:
    """What is wrong with a period."""
    if valid_to is None or valid_from < valid_to:
        return []
    return [FieldError("validTo", "after-start", f"must lie after validFrom, {valid_from}", value=str(valid_to))]


async def own_agreement(session: AsyncSession, caller: Caller, agreement_id: UUID) -> Dossier | None:
    """An agreement that the caller may read."""
    mine = await readable(session, caller)
    if await session.scalar(select(Agreement.id).where(Agreement.id == agreement_id, mine)) is None:
        return None
    return (await dossiers(session, [agreement_id]))[0]


def unknown_agreement(agreement_id: UUID) -> FieldError:
    """What is wrong with naming an agreement that is not the caller's."""
    return FieldError("agreementId", "unknown", "no such agreement of yours", value=str(agreement_id))


async def rule_errors(session: AsyncSession, caller: Caller, rule: NewRule, itself: UUID | None) -> list[FieldError]:
    """What is wrong with a rule."""
    errors = period_errors(rule.valid_from, rule.valid_to)
    if rule.layer in LAW and rule.organization_id is not None:
        errors.append(FieldError("organizationId", "law", f"a {rule.layer} belongs to no organization; leave it out"))
    if rule.layer not in LAW:
        errors += await _organization_errors(session, "organizationId", rule.organization_id, required=True)
    if rule.agreement_id is not None:
        if await own_agreement(session, caller, rule.agreement_id) is None:
            errors.append(unknown_agreement(rule.agreement_id))
        if rule.layer != "labor-contract":
            errors.append(FieldError("agreementId", "no-contract", "only a rule of a labor contract is part of one"))
    if rule.successor_id is not None:
        errors += await _successor_errors(session, rule.successor_id, rule.valid_to, itself)
    return errors


async def _successor_errors(
    session: AsyncSession, successor: UUID, valid_to: date | None, itself: UUID | None
) -> list[FieldError]:
    errors = []
    if successor == itself or not await rules_known(session, [successor], None):
        errors.append(FieldError("successorId", "unknown", "name another registered rule", value=str(successor)))
    if valid_to is None:
        errors.append(FieldError("validTo", "missing", "say when it was renumbered"))
    return errors


async def _organization_errors(
    session: AsyncSession, field: str, organization: UUID | None, required: bool = False
) -> list[FieldError]:
    if organization is None:
        return [FieldError(field, "missing", "say whose it is")] if required else []
    if await session.get(Organization, organization) is None:
        return [FieldError(field, "unknown", "register the organization first", value=str(organization))]
    return []


async def waiver_errors(session: AsyncSession, waiver: WaiverView, dossier: Dossier) -> list[FieldError]:
    """What is wrong with a waiver under an agreement."""
    errors = period_errors(waiver.valid_from, waiver.valid_to)
    granted = dossier.instrument.grants.waivers
    if granted == "none" or (waiver.kind == "blanket" and granted != "blanket"):
        errors.append(FieldError("kind", "not-granted", f"{dossier.instrument} grants waivers: {granted}"))
    errors += _target_errors(waiver)
    known = {rule.id: rule for rule in await rules_known(session, _named(waiver), None)}
    if waiver.rule_id is not None:
        errors += _rule_errors(waiver, known.get(waiver.rule_id))
    errors += [
        FieldError(f"exceptions.{number}.ruleId", "unknown", "register the rule first", value=str(each.rule_id))
        for number, each in enumerate(waiver.exceptions)
        if each.rule_id not in known
    ]
    covered = {row.school_id for row in dossier.schools}
    errors += [
        FieldError(f"schoolIds.{number}", "not-covered", "the agreement does not cover it", value=str(school))
        for number, school in enumerate(waiver.school_ids)
        if school not in covered
    ]
    return errors


def _named(waiver: WaiverView) -> Iterable[UUID | None]:
    return waiver.rule_id, *(each.rule_id for each in waiver.exceptions)


def _target_errors(waiver: WaiverView) -> list[FieldError]:
    blanket = waiver.kind == "blanket"
    errors = []
    if blanket == (waiver.rule_id is not None):
        message = "a blanket waiver names layers" if blanket else "name the rule that it waives"
        errors.append(FieldError("ruleId", "target", message))
    if blanket != bool(waiver.layers):
        message = "say which layers it sets aside" if blanket else "an enumerated waiver names its rule"
        errors.append(FieldError("layers", "target", message))
    if not blanket and waiver.exceptions:
        errors.append(FieldError("exceptions", "target", "only a blanket waiver has exceptions"))
    return errors


def _rule_errors(waiver: WaiverView, rule: RuleView | None) -> list[FieldError]:
    if rule is None:
        return [FieldError("ruleId", "unknown", "register the rule first", value=str(waiver.rule_id))]
    if rule.valid_to is not None and rule.valid_to <= waiver.valid_from:
        message = f"{rule.citation} is no longer in force on {waiver.valid_from}: it ended on {rule.valid_to}"
        return [FieldError("ruleId", "not-in-force", message)]
    return []


async def autonomy_errors(
    session: AsyncSession, caller: Caller, body: NewAutonomy, dossier: Dossier | None
) -> list[FieldError]:
    """What is wrong with an autonomy."""
    errors = period_errors(body.valid_from, body.valid_to)
    if (body.school_id is None) == (body.zone_id is None):
        errors.append(FieldError("schoolId", "subject", "name either a school or a zone"))
    if body.holder_id is None and body.holder_body is None:
        errors.append(FieldError("holderId", "missing", "name the organization or the body that decides"))
    errors += await _organization_errors(session, "holderId", body.holder_id)
    if body.school_id is not None and await unknown_schools(session, caller, [body.school_id]):
        errors.append(FieldError("schoolId", "unknown", "no such school of yours", value=str(body.school_id)))
    if body.zone_id is not None and not await _is_own_zone(session, caller, body.zone_id):
        errors.append(FieldError("zoneId", "unknown", "no such zone of yours", value=str(body.zone_id)))
    if dossier is not None:
        errors += _grant_errors(body, dossier)
    return errors


def _grant_errors(body: NewAutonomy, dossier: Dossier) -> list[FieldError]:
    area, granted = AREA[body.decision_right], dossier.instrument.grants
    errors = []
    if granted.autonomies and area not in granted.autonomies:
        message = f"{dossier.instrument} grants: {', '.join(granted.autonomies)}; this is {area} ({granted.citation})"
        errors.append(FieldError("decisionRight", "not-granted", message))
    if body.school_id is not None and body.school_id not in {row.school_id for row in dossier.schools}:
        errors.append(FieldError("schoolId", "not-covered", "the agreement does not cover it"))
    return errors


async def _is_own_zone(session: AsyncSession, caller: Caller, zone_id: UUID) -> bool:
    zone = await session.get(Organization, zone_id)
    if zone is None or "zone" not in zone.types:
        return False
    members = select(SchoolAssignment.school_id).where(SchoolAssignment.organization_id == zone_id)
    own = exists().where(
        SchoolAssignment.school_id.in_(members), SchoolAssignment.organization_id == caller.organization_id
    )
    return caller.organization_id is None or bool(await session.scalar(select(own)))
