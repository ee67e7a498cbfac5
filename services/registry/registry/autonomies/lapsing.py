"""What would be lost with the end of an agreement, listed before it happens."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from kit.auth import Caller
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.dossier import dossiers
from registry.agreements.lifecycle import IN_FORCE
from registry.agreements.tables import Agreement
from registry.agreements.visibility import readable_dossier
from registry.autonomies.answers import AgreementImpact, LapsingAutonomy, LapsingWaiver
from registry.autonomies.deciding import holdings
from registry.autonomies.reading import autonomies_of, autonomy_view, resting_on, waivers_of
from registry.autonomies.tables import AutonomyRevision, RuleRevision, Waiver, WaiverRevision
from registry.autonomies.waiving import Law
from registry.dated import believed
from registry.entitlements.lapsing import lapsing_terms
from registry.standpoint import Standpoint


async def agreement_impact(
    session: AsyncSession, caller: Caller, agreement_id: UUID, on: date, known_at: datetime | None
) -> AgreementImpact:
    """What holds on the day before `on` and would not without the agreement. Raises NotFound."""
    root = await readable_dossier(session, caller, agreement_id, known_at)
    at = Standpoint(on - timedelta(days=1), known_at)
    fallen = await _falling(session, root.agreement.id, known_at)
    amended = select(RuleRevision.id).where(RuleRevision.agreement_id.in_(fallen), believed(RuleRevision, known_at))
    touched = or_(Waiver.agreement_id.in_(fallen), WaiverRevision.rule_id.in_(amended))
    found = await resting_on(session, (await waivers_of(session, caller, known_at)).where(touched), at)
    return AgreementImpact(
        agreement_id=agreement_id,
        on=on,
        waivers=list(_lapsing(found, fallen)),
        autonomies=await _ending(session, caller, fallen, at),
        service_terms=await lapsing_terms(session, caller, fallen, at, on),
    )


async def _falling(session: AsyncSession, root: UUID, known_at: datetime | None) -> set[UUID]:
    """The agreement, and what stands under it and lapses with it."""
    fallen, waiting = {root}, [root]
    while waiting:
        below = list(await session.scalars(select(Agreement.id).where(Agreement.parent_id.in_(waiting))))
        under = await dossiers(session, below, known_at)
        falls = [each for each in under if each.instrument.parent and each.instrument.parent.when_it_ends == "lapses"]
        waiting = [each.agreement.id for each in falls]
        fallen |= set(waiting)
    return fallen


def _lapsing(found: Law, fallen: set[UUID]) -> Iterator[LapsingWaiver]:
    for waiver in found.waivers:
        rule = found.rules[waiver.rule_id] if waiver.rule_id else None
        grounds = found.grounds(waiver, rule) if rule else [found.parent(waiver)]
        if not all(link.holds for link in grounds):
            continue
        with_parent = waiver.agreement_id in fallen
        because = "its agreement ends" if with_parent else "the labor contract that it amends ends"
        told = waiver.model_dump(include={"agreement_id", "clause", "rule_id", "layers"})
        for school in sorted(found.agreements[waiver.agreement_id].schools):
            if found.in_scope(waiver, school):
                yield LapsingWaiver(school_id=school, waiver_id=waiver.id, because=because, **told)


async def _ending(session: AsyncSession, caller: Caller, fallen: set[UUID], at: Standpoint) -> list[LapsingAutonomy]:
    query = (await autonomies_of(session, caller, at)).where(AutonomyRevision.agreement_id.in_(fallen))
    query = query.where(AutonomyRevision.during.contains(at.day)).order_by(AutonomyRevision.id)
    views = [autonomy_view(row, subject) for row, subject in await session.execute(query)]
    granting = await holdings(session, views, at)
    return [
        LapsingAutonomy(autonomy_id=view.id, **view.model_dump(include=set(LapsingAutonomy.model_fields)))
        for view in views
        if view.agreement_id is not None and granting[view.agreement_id].standing.status in IN_FORCE
    ]
