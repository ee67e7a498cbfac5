"""Rules, waivers and autonomies as they are known, and what a caller may see of them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from kit.auth import Caller
from kit.errors import NotFound
from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from registry.agreements.dossier import dossiers
from registry.agreements.tables import Agreement, AgreementSchool
from registry.agreements.visibility import readable
from registry.autonomies.schemas import AutonomyView, RuleView, WaiverView
from registry.autonomies.tables import Autonomy, AutonomyRevision, Rule, RuleRevision, Waiver, WaiverRevision
from registry.autonomies.waiving import Holding, Law
from registry.dated import believed
from registry.organizations.actions import sees_all_schools
from registry.schools.tables import School, SchoolAssignment, SchoolFacts
from registry.schools.visibility import visible
from registry.standpoint import Standpoint


def rule_view(row: RuleRevision) -> RuleView:
    """A rule as a revision says it."""
    return RuleView(**_said(row, RuleView))


def waiver_view(row: WaiverRevision, agreement_id: UUID) -> WaiverView:
    """A waiver as a revision says it."""
    return WaiverView(**_said(row, WaiverView), agreement_id=agreement_id)


def autonomy_view(row: AutonomyRevision, subject: Autonomy) -> AutonomyView:
    """An autonomy as a revision says it."""
    return AutonomyView(**_said(row, AutonomyView), school_id=subject.school_id, zone_id=subject.zone_id)


def _said(row: Any, view: Any) -> dict[str, Any]:
    columns = {name: getattr(row, name) for name in view.model_fields if hasattr(row, name)}
    return columns | {"valid_from": row.during.lower, "valid_to": row.during.upper}


async def waivers_of(session: AsyncSession, caller: Caller, known_at: datetime | None) -> Select[WaiverRevision, UUID]:
    """The waivers under agreements that the caller may read, as known at an instant."""
    query = select(WaiverRevision, Waiver.agreement_id).join(Waiver, Waiver.id == WaiverRevision.id)
    query = query.join(Agreement, Agreement.id == Waiver.agreement_id)
    return query.where(await readable(session, caller), believed(WaiverRevision, known_at))


async def require_visible(session: AsyncSession, caller: Caller, school_id: UUID, at: Standpoint) -> None:
    """Raise NotFound unless the school is the caller's on that day."""
    mine = await visible(session, caller, at.day, at.known_at)
    if await session.scalar(select(School.id).where(School.id == school_id, mine)) is None:
        raise NotFound(f"There is no school {school_id} of yours on {at.day}.")


async def known_rule(session: AsyncSession, rule_id: UUID, known_at: datetime | None) -> RuleView:
    """A rule as it was known. Raises NotFound."""
    query = select(RuleRevision).where(RuleRevision.id == rule_id, believed(RuleRevision, known_at))
    row = await session.scalar(query)
    if row is None:
        raise NotFound(f"There is no rule {rule_id}" + (f" that was known at {known_at}." if known_at else "."))
    return rule_view(row)


async def rules_known(session: AsyncSession, ids: Iterable[UUID | None], known_at: datetime | None) -> list[RuleView]:
    """The rules with these ids that were known."""
    wanted = {rule_id for rule_id in ids if rule_id is not None}
    query = select(RuleRevision).where(RuleRevision.id.in_(wanted), believed(RuleRevision, known_at))
    return [rule_view(row) for row in await session.scalars(query)]


async def law(
    session: AsyncSession, caller: Caller, at: Standpoint, schools: Sequence[UUID], asked: Sequence[RuleView] = ()
) -> Law:
    """All that the caller may know about waivers for these schools on a date, and the rules `asked` about."""
    query = await waivers_of(session, caller, at.known_at)
    covering = select(AgreementSchool.agreement_id).where(AgreementSchool.school_id.in_(schools))
    return await resting_on(session, query.where(Waiver.agreement_id.in_(covering)), at, asked)


async def resting_on(
    session: AsyncSession, waivers_asked: Select[WaiverRevision, UUID], at: Standpoint, asked: Sequence[RuleView] = ()
) -> Law:
    """The waivers of a query, with everything on which they rest on a date."""
    rows = (await session.execute(waivers_asked)).all()
    waivers = [waiver_view(row, agreement_id) for row, agreement_id in rows]
    named = await rules_known(session, [waiver.rule_id for waiver in waivers], at.known_at)
    became = await rules_known(session, [rule.successor_id for rule in (*named, *asked)], at.known_at)
    rules = {rule.id: rule for rule in (*became, *named, *asked)}
    contracts = {rule.agreement_id for rule in rules.values() if rule.agreement_id}
    agreements = sorted({waiver.agreement_id for waiver in waivers} | contracts)
    # A waiver is no earlier known than its rule, unless the rule was corrected by another.
    known = [waiver for waiver in waivers if waiver.rule_id is None or waiver.rule_id in rules]
    held = {each.agreement.id: Holding.on(each, at.day) for each in await dossiers(session, agreements, at.known_at)}
    return Law(at.day, known, rules, held)


async def autonomies_of(session: AsyncSession, caller: Caller, at: Standpoint) -> Select[AutonomyRevision, Autonomy]:
    """The autonomies that the caller may see on a date, as known at an instant."""
    query = select(AutonomyRevision, Autonomy).join(Autonomy, Autonomy.id == AutonomyRevision.id)
    readable_source = AutonomyRevision.agreement_id.is_(None) | AutonomyRevision.agreement_id.in_(
        select(Agreement.id).where(await readable(session, caller))
    )
    mine = await _subject_visible(session, caller, at)
    return query.where(believed(AutonomyRevision, at.known_at), readable_source, mine)


async def _subject_visible(session: AsyncSession, caller: Caller, at: Standpoint) -> ColumnElement[bool]:
    if await sees_all_schools(session, caller):
        return true()
    here, zone = aliased(SchoolAssignment), aliased(SchoolAssignment)
    at_school = exists().where(here.school_id == Autonomy.school_id, *_held(here, caller.organization_id, at))
    in_zone = exists().where(
        zone.school_id == here.school_id,
        *_held(here, caller.organization_id, at),
        *_held(zone, Autonomy.zone_id, at),
        zone.role == "zone",
    )
    return or_(at_school, in_zone, Autonomy.zone_id == caller.organization_id)


def _held(table: Any, organization: Any, at: Standpoint) -> Sequence[ColumnElement[bool]]:
    return table.organization_id == organization, believed(table, at.known_at), table.during.contains(at.day)


def of_school(school_id: UUID, at: Standpoint) -> ColumnElement[bool]:
    """Autonomies of a school itself, and of the zone that governs it on the date."""
    governs = exists().where(
        and_(SchoolAssignment.school_id == school_id, SchoolAssignment.role == "zone"),
        *_held(SchoolAssignment, Autonomy.zone_id, at),
    )
    return or_(Autonomy.school_id == school_id, governs)


def named_schools(at: Standpoint, mine: ColumnElement[bool]) -> Select[UUID, str]:
    """The schools that there are on a date, with their names."""
    facts = and_(
        SchoolFacts.school_id == School.id, believed(SchoolFacts, at.known_at), SchoolFacts.during.contains(at.day)
    )
    return select(School.id.label("school_id"), SchoolFacts.name).join(SchoolFacts, facts).where(mine)


def rules_in_force(at: Standpoint) -> Select[RuleRevision]:
    """The rules that are in force on a date, as known at an instant."""
    query = select(RuleRevision).join(Rule, Rule.id == RuleRevision.id)
    return query.where(believed(RuleRevision, at.known_at), RuleRevision.during.contains(at.day))
