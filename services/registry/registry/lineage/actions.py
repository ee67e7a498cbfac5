"""Record what happened to schools as institutions: consequences first, then the event and all it changes at once."""

from datetime import timedelta
from uuid import UUID

from contracts.registry import LineageRecorded
from contracts.vocabulary import LineageKind
from kit.auth import Caller
from kit.errors import NotFound
from kit.journal import record
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.dated import recording_instant
from registry.entitlements.standing import left_standing
from registry.intent import Intended
from registry.lineage.reading import concerning, views
from registry.lineage.rules import effects, predecessors, successors
from registry.lineage.schemas import LineageReport, LineageView, NewLineageEvent
from registry.lineage.tables import LineageEvent, LineageSchool
from registry.organizations.actions import require_steward
from registry.schools.consequences import foreseen, require_confirmed
from registry.schools.keeping import keep, lock_schools

SETTLED: frozenset[LineageKind] = frozenset({"opened", "renamed", "relocated", "grade-span-changed", "reopened"})
"""What can happen to a school without a question about its agreements."""


async def record_lineage(
    session: AsyncSession, caller: Caller, body: NewLineageEvent, intent: Intended
) -> LineageReport:
    """Record a lineage event with its consequences, or only list them.

    Raises Forbidden, NotFound, Invalid, DoesNotFit, PeriodLocked, and NotConfirmed if `confirm` is of another list.
    """
    await require_steward(session, caller)
    day = body.effective_on
    ids = sorted({*predecessors(body), *successors(body)})
    known = await lock_schools(session, caller, ids, day, earlier=day - timedelta(days=1))
    after = effects(body, known)
    edits = [(known[school], after[school]) for school in ids]
    unsettled = [] if body.kind in SETTLED else [known[school] for school in predecessors(body)]
    foresight = foreseen(edits, day, await left_standing(session, caller, unsettled, day))
    if intent.dry_run:
        return LineageReport(dry_run=True, event=None, **foresight.model_dump())
    if intent.confirm is not None:
        require_confirmed(foresight, intent.confirm)
    await keep(session, caller, edits, override=intent.override)
    event = await _add(session, caller, body, intent.override)
    return LineageReport(dry_run=False, event=event, **foresight.model_dump())


async def withdraw_lineage(session: AsyncSession, caller: Caller, event_id: UUID, reason: str) -> LineageView:
    """Say that an event never happened. What it changed about the schools is corrected in their histories.

    Raises Forbidden, NotFound.
    """
    await require_steward(session, caller)
    mine = await concerning(session, caller)
    row = await session.scalar(select(LineageEvent).where(LineageEvent.id == event_id, mine).with_for_update())
    if row is None or row.superseded_at is not None:
        raise NotFound(f"There is no lineage event {event_id} of yours.")
    view = (await views(session, [event_id]))[0]
    ids = [*view.predecessors, *view.successors]
    await lock_schools(session, caller, ids, row.effective_on, earlier=row.effective_on - timedelta(days=1))
    row.superseded_at = await recording_instant(session)
    before = _event(view, version=1)
    await session.flush()
    event = before.model_copy(update={"version": 2, "withdrawn": True})
    said_before = before.model_dump(mode="json", by_alias=True)
    await record(session, event, caller=caller, before=said_before, reason=reason)
    return view


async def _add(session: AsyncSession, caller: Caller, body: NewLineageEvent, override: str | None) -> LineageView:
    at = await recording_instant(session)
    continuity = {flow: each.model_dump(exclude_none=True) for flow, each in body.continuity.items()}
    row = LineageEvent(
        kind=body.kind, effective_on=body.effective_on, continuity=continuity, source=body.source, recorded_at=at
    )
    session.add(row)
    await session.flush()
    sides = (("predecessor", predecessors(body)), ("successor", successors(body)))
    schools = [{"event_id": row.id, "side": side, "school_id": school} for side, ids in sides for school in ids]
    await session.execute(insert(LineageSchool), schools)
    view = (await views(session, [row.id]))[0]
    await record(session, _event(view, version=1), caller=caller, reason=override)
    return view


def _event(view: LineageView, version: int) -> LineageRecorded:
    return LineageRecorded(**view.model_dump(), version=version)
