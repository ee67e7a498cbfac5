"""What a change of a rule would take away, school by school, before it happens."""

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from fastapi import Response
from kit.auth import Caller
from kit.paging import Page, PageRequest, page
from sqlalchemy import and_, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.autonomies.answers import SchoolImpact
from registry.autonomies.deciding import holdings, holds
from registry.autonomies.reading import autonomies_of, autonomy_view, law, named_schools
from registry.autonomies.schemas import AutonomyView, RuleView, WaiverView
from registry.autonomies.tables import AutonomyRevision
from registry.dated import believed
from registry.schools.tables import School, SchoolAssignment
from registry.schools.visibility import visible
from registry.standpoint import Standpoint

DECIDES = frozenset({"full", "shared"})


async def rule_impact(
    session: AsyncSession,
    caller: Caller,
    rule: RuleView,
    at: Standpoint,
    how: Literal["amended", "replaced"],
    asked: PageRequest,
    response: Response,
) -> Page[SchoolImpact]:
    """School by school of those that the rule binds, what its change takes away or leaves untouched."""
    query = named_schools(at, await visible(session, caller, at.day, at.known_at))
    if rule.organization_id is not None:
        query = query.where(_answers_to(rule.organization_id, at))
    found: Page[Any] = await page(session, query, [School.id], asked, response, lambda row: row)
    ids = [row.school_id for row in found.items]
    known, deciding = await law(session, caller, at, ids, [rule]), await _deciding(session, caller, rule, at)
    granting = await holdings(session, [view for view, _ in deciding], at)
    impacts, waiving = [], known.waiving(rule)
    for row in found.items:
        waiver = next((waiver for waiver in waiving if known.in_scope(waiver, row.school_id)), None)
        autonomy = next(
            (v for v, where in deciding if row.school_id in where and holds(v, row.school_id, at.day, granting)), None
        )
        impacts.append(_effect(row.school_id, row.name, waiver, rule, how, autonomy))
    return Page(items=impacts, next_cursor=found.next_cursor)


def _effect(
    school_id: UUID, name: str, waiver: WaiverView | None, rule: RuleView, how: str, autonomy: AutonomyView | None
) -> SchoolImpact:
    told: dict[str, Any] = {"school_id": school_id, "name": name, "waiver_id": waiver and waiver.id}
    if waiver is not None and how == "replaced" and waiver.kind == "enumerated":
        because = f"The waiver of {rule.citation} ({waiver.clause}) ends with it and is granted anew, or not."
        return SchoolImpact(effect="takes-away", because=because, **told)
    if waiver is not None:
        return SchoolImpact(effect="untouched", because=f"{rule.citation} is waived by {waiver.clause}.", **told)
    if autonomy is not None:
        because = f"The school decides this by {autonomy.clause} ({autonomy.level}), and no waiver keeps the rule away."
        return SchoolImpact(effect="takes-away", because=because, autonomy_id=autonomy.id, **told)
    return SchoolImpact(effect="applies", because=f"Nothing sets {rule.citation} aside for the school.", **told)


async def _deciding(
    session: AsyncSession, caller: Caller, rule: RuleView, at: Standpoint
) -> list[tuple[AutonomyView, set[UUID]]]:
    """The autonomies over what the rule decides, each with the schools that have it."""
    if rule.decision_right is None:
        return []
    query = (await autonomies_of(session, caller, at)).where(
        AutonomyRevision.decision_right == rule.decision_right, AutonomyRevision.level.in_(DECIDES)
    )
    views = [autonomy_view(row, subject) for row, subject in await session.execute(query)]
    zones = await _members(session, [view.zone_id for view in views if view.zone_id], at)
    return [(view, {view.school_id} if view.school_id else zones.get(view.zone_id, set())) for view in views]


async def _members(session: AsyncSession, zones: Sequence[UUID], at: Standpoint) -> dict[UUID | None, set[UUID]]:
    query = select(SchoolAssignment.organization_id, SchoolAssignment.school_id).where(
        SchoolAssignment.organization_id.in_(zones),
        SchoolAssignment.role == "zone",
        believed(SchoolAssignment, at.known_at),
        SchoolAssignment.during.contains(at.day),
    )
    members: dict[UUID | None, set[UUID]] = {}
    for zone, school in await session.execute(query):
        members.setdefault(zone, set()).add(school)
    return members


def _answers_to(organization_id: UUID, at: Standpoint) -> Any:
    return exists().where(
        and_(SchoolAssignment.school_id == School.id, SchoolAssignment.role == "accountable-lea"),
        SchoolAssignment.organization_id == organization_id,
        believed(SchoolAssignment, at.known_at),
        SchoolAssignment.during.contains(at.day),
    )
