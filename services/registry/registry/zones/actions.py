"""End a zone, or let schools leave it: every consequence is listed, and what is confirmed is what was seen."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from contracts.registry import SchoolChanged, ZoneExitRecorded
from kit.auth import Caller
from kit.errors import Conflict, FieldError, Forbidden, Invalid
from kit.journal import record
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.autonomies.tables import Autonomy, AutonomyRevision
from registry.dated import among, believed, recording_instant
from registry.entitlements.standing import left_standing
from registry.intent import Intended
from registry.organizations.actions import dissolve_organization, lock_organization, require_steward
from registry.organizations.tables import Organization
from registry.schools.consequences import Consequence, Edit, consequence, foreseen, require_confirmed
from registry.schools.keeping import keep, lock_schools
from registry.schools.tables import School, SchoolAssignment
from registry.schools.visibility import visible
from registry.zones.rules import leaves, outcomes, refuse_twice, released
from registry.zones.schemas import Dissolution, Exit, SchoolOutcome, ZoneExitKind, ZoneExitReport, ZoneExitView
from registry.zones.tables import ZoneExit


class NotAZone(Invalid):
    """This organization is no zone"""

    type = "not-a-zone"


class AlreadyDissolved(Conflict):
    """This zone has ended"""

    type = "already-dissolved"


async def dissolve_zone(
    session: AsyncSession, caller: Caller, zone_id: UUID, body: Dissolution, intent: Intended
) -> ZoneExitReport:
    """End a zone for all its members, and whatever it holds at other schools.

    Raises Forbidden, NotFound, NotAZone, AlreadyDissolved, Invalid, PeriodLocked, NotConfirmed.
    """
    zone = await _lock_zone(session, caller, zone_id)
    first_day_without = body.last_day + timedelta(days=1)
    members, others = await _concerned(session, zone_id, body.last_day)
    await _require_own(session, caller, [*members, *others], body.last_day)
    leaving = outcomes(members, body.members, body.exceptions)
    await _require_zones(session, zone_id, leaving)
    known = await lock_schools(session, caller, [*members, *others], body.last_day)
    edits = _leaving(known, zone_id, body, leaving)
    edits += [(known[school], released(known[school], zone_id, first_day_without)) for school in others]
    report = await _leave(session, caller, zone, "dissolution", body, leaving, edits, intent)
    if not intent.dry_run:
        await dissolve_organization(session, caller, zone, first_day_without)
    return report


async def leave_zone(
    session: AsyncSession, caller: Caller, zone_id: UUID, kind: ZoneExitKind, body: Exit, intent: Intended
) -> ZoneExitReport:
    """Let schools leave (`departure`) or put them out (`removal`).

    Raises Forbidden, NotFound, NotAZone, NotAMember, Invalid, PeriodLocked, NotConfirmed.
    """
    zone = await _lock_zone(session, caller, zone_id)
    refuse_twice(body.schools)
    await _require_zones(session, zone_id, body.schools)
    known = await lock_schools(session, caller, [each.school_id for each in body.schools], body.last_day)
    edits = _leaving(known, zone_id, body, body.schools)
    return await _leave(session, caller, zone, kind, body, body.schools, edits, intent)


def _leaving(
    known: Mapping[UUID, SchoolChanged], zone_id: UUID, body: Dissolution | Exit, leaving: Sequence[SchoolOutcome]
) -> list[Edit]:
    schools = [(known[each.school_id], each) for each in leaving]
    return [(school, leaves(school, zone_id, body.last_day, each, body.source)) for school, each in schools]


async def _leave(
    session: AsyncSession,
    caller: Caller,
    zone: Organization,
    kind: ZoneExitKind,
    body: Dissolution | Exit,
    leaving: Sequence[SchoolOutcome],
    edits: Sequence[Edit],
    intent: Intended,
) -> ZoneExitReport:
    day = body.last_day + timedelta(days=1)
    members = {each.school_id for each in leaving}
    schools = [before for before, _ in edits if before.id in members]
    besides = await left_standing(session, caller, schools, day) + await _rights_lost(session, zone.id, schools, day)
    foresight = foreseen(edits, day, besides)
    if intent.dry_run:
        return ZoneExitReport(dry_run=True, exit=None, **foresight.model_dump())
    require_confirmed(foresight, intent.confirm)
    await keep(session, caller, edits, override=intent.override)
    view = await _record(session, caller, zone.id, kind, body, leaving, intent.override)
    return ZoneExitReport(dry_run=False, exit=view, **foresight.model_dump())


async def _rights_lost(
    session: AsyncSession, zone_id: UUID, schools: Sequence[SchoolChanged], day: date
) -> list[Consequence]:
    """The rights to decide that schools have by the zone: they end with it, whatever their own period is."""
    held = select(AutonomyRevision).join(Autonomy, Autonomy.id == AutonomyRevision.id)
    rights = held.where(Autonomy.zone_id == zone_id, believed(AutonomyRevision), AutonomyRevision.during.contains(day))
    rows = (await session.scalars(rights.order_by(AutonomyRevision.decision_right, AutonomyRevision.id))).all()
    return [
        consequence(school, f"autonomy {row.decision_right}", day, {"level": row.level, "clause": row.clause}, None)
        for school in schools
        for row in rows
    ]


async def _record(
    session: AsyncSession,
    caller: Caller,
    zone_id: UUID,
    kind: ZoneExitKind,
    body: Dissolution | Exit,
    leaving: Sequence[SchoolOutcome],
    override: str | None,
) -> ZoneExitView:
    row = ZoneExit(
        zone_id=zone_id,
        kind=kind,
        members=[each.model_dump(mode="json", by_alias=True) for each in leaving],
        recorded_at=await recording_instant(session),
        **body.model_dump(include={"grounds", "decided_on", "last_day", "source"}),
    )
    session.add(row)
    await session.flush()
    view = ZoneExitView.model_validate(row, from_attributes=True)
    schools = [each.school_id for each in leaving]
    event = ZoneExitRecorded(**view.model_dump(), version=1, schools=schools)
    await record(session, event, caller=caller, reason=override)
    return view


async def _lock_zone(session: AsyncSession, caller: Caller, zone_id: UUID) -> Organization:
    await require_steward(session, caller)
    zone = await lock_organization(session, zone_id)
    if "zone" not in zone.types:
        error = FieldError("organizationId", "not-a-zone", "name an organization of the type `zone`")
        raise NotAZone(f"{zone.name} is no zone.", errors=[error])
    if zone.dissolved_on is not None:
        raise AlreadyDissolved(f"{zone.name} ended: {zone.dissolved_on} was its first day without.")
    return zone


async def _require_zones(session: AsyncSession, zone_id: UUID, leaving: Sequence[SchoolOutcome]) -> None:
    """Raise Invalid for a school that would join what is no zone, or the one that it leaves."""
    joined = {each.zone_id for each in leaving if each.zone_id is not None}
    zones = select(Organization.id).where(among(Organization.id, joined), Organization.types.contains(["zone"]))
    wrong = joined - set(await session.scalars(zones)) | joined & {zone_id}
    if wrong:
        message = "name another organization of the type `zone`"
        errors = [FieldError("zoneId", "no-other-zone", message, value=str(each)) for each in sorted(wrong)]
        raise Invalid("Schools cannot join that.", errors=errors)


async def _require_own(session: AsyncSession, caller: Caller, schools: Sequence[UUID], day: date) -> None:
    """Raise Forbidden, without naming them, if a school at which the zone holds something is not the caller's."""
    mine = await visible(session, caller, day)
    own = await session.scalar(select(func.count()).select_from(School).where(among(School.id, schools), mine))
    if own != len(schools):
        raise Forbidden("The zone governs schools that are not yours: ask the platform, or let your schools leave.")


async def _concerned(session: AsyncSession, zone_id: UUID, last_day: date) -> tuple[list[UUID], list[UUID]]:
    """The schools that the zone governs on its last day, and others at which something of it would outlive it."""
    held = SchoolAssignment.during
    beyond = held.op("&&")(func.daterange(last_day, None, "[)"))
    rows = await session.execute(
        select(SchoolAssignment.school_id, SchoolAssignment.role, held.contains(last_day).label("then"))
        .where(SchoolAssignment.organization_id == zone_id, believed(SchoolAssignment), beyond)
        .order_by(SchoolAssignment.school_id)
    )
    found = rows.all()
    members = list(dict.fromkeys(row.school_id for row in found if row.role == "zone" and row.then))
    return members, list(dict.fromkeys(row.school_id for row in found if row.school_id not in members))
