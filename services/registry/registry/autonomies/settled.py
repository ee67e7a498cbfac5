"""What of rules, waivers and autonomies a locked reporting period settles."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.dossier import Dossier
from registry.autonomies.schemas import AutonomyView, NewAutonomy, NewRule, NewWaiver, RuleView, WaiverView
from registry.dated import believed
from registry.reporting_periods.schools import respect_locks_of
from registry.schools.tables import SchoolAssignment

Said = NewRule | NewWaiver | NewAutonomy
Known = RuleView | WaiverView | AutonomyView


def reaches_back_to(before: Known | None, after: Said) -> date | None:
    """The first day of which something else is said; None if nothing is."""
    if before is None:
        return after.valid_from
    was, becomes = before.model_dump(exclude={"valid_to"}), after.model_dump(exclude={"valid_to"})
    if was != becomes:
        return before.valid_from
    if before.valid_to == after.valid_to:
        return None
    return min(day for day in (before.valid_to, after.valid_to) if day is not None)


async def keep_rule_settled(session: AsyncSession, before: RuleView | None, after: NewRule) -> None:
    """Raise PeriodLocked for a rule of an organization that has locked the time; law is locked for everybody only."""
    organizations = [after.organization_id] if after.organization_id else []
    await _respect(session, before, after, organizations=organizations)


async def keep_waiver_settled(
    session: AsyncSession, before: WaiverView | None, after: NewWaiver, dossier: Dossier
) -> None:
    """Raise PeriodLocked if the time is locked for a school of the waiver or a party of its agreement."""
    schools = after.school_ids or [row.school_id for row in dossier.schools]
    parties = [party.organization_id for party in dossier.parties]
    await _respect(session, before, after, school_ids=schools, organizations=parties)


async def keep_autonomy_settled(session: AsyncSession, before: AutonomyView | None, after: NewAutonomy) -> None:
    """Raise PeriodLocked if the time is locked for the school, or for a school that the zone governs."""
    schools = [after.school_id] if after.school_id else []
    if after.zone_id is not None:
        governed = select(SchoolAssignment.school_id).where(
            SchoolAssignment.organization_id == after.zone_id,
            SchoolAssignment.role == "zone",
            believed(SchoolAssignment),
        )
        schools = list(await session.scalars(governed))
    await _respect(session, before, after, school_ids=schools)


async def _respect(
    session: AsyncSession,
    before: Known | None,
    after: Said,
    *,
    school_ids: Collection[UUID] = (),
    organizations: Collection[UUID] = (),
) -> None:
    since = reaches_back_to(before, after)
    if since is not None:
        await respect_locks_of(session, since, school_ids=school_ids, organizations=organizations)
