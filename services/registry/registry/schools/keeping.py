"""How edited timelines are kept: checked as a whole, recorded at one instant, numbered, and said."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from contracts.registry import SchoolChanged
from kit.auth import Caller
from kit.errors import NotFound
from kit.journal import record_changes
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from registry.dated import among, recording_instant, supersede
from registry.reporting_periods.actions import lock_on, locked, locks_in_force
from registry.schools.checks import check_references
from registry.schools.consequences import Edit, first_difference
from registry.schools.rules import check
from registry.schools.tables import School, SchoolVersion
from registry.schools.timelines import PARTS, Part, rows_of, timelines
from registry.schools.visibility import visible


async def lock_schools(
    session: AsyncSession, caller: Caller, ids: Sequence[UUID], day: date, earlier: date | None = None
) -> dict[UUID, SchoolChanged]:
    """The timelines of schools, locked for a change on `day`. Raises NotFound for those that are not the caller's.

    A school that was the caller's on `earlier` will do as well.
    """
    mine = await visible(session, caller, day)
    if earlier is not None:
        mine |= await visible(session, caller, earlier)
    locked = select(School.id).where(among(School.id, ids), mine).order_by(School.id).with_for_update()
    found = set(await session.scalars(locked))
    for school_id in ids:
        if school_id not in found:
            raise NotFound(f"There is no school {school_id} of yours on {day}.")
    return {timeline.id: timeline for timeline in await timelines(session, sorted(found))}


async def keep(
    session: AsyncSession, caller: Caller, edits: Sequence[Edit], *, override: str | None, reason: str | None = None
) -> list[SchoolChanged]:
    """Keep what the edits of locked schools say; those that change nothing write nothing. The timelines as kept.

    Raises Invalid, Overlap, AliasTaken, UnknownReference, and PeriodLocked unless `override` says why.
    """
    changed = [(before, after) for before, after in edits if before != after]
    if changed:
        for _, after in changed:
            check(after)
        await check_references(session, changed)
        if override is None:
            await _respect_locks(session, changed)
        at = await recording_instant(session)
        for part in PARTS:
            await _bring(session, part, changed, at)
        await _number(session, [before for before, _ in changed], at)
    kept = {timeline.id: timeline for timeline in await timelines(session, [after.id for _, after in changed])}
    why = "; ".join(said for said in (reason, override) if said) or None
    said_before = [(kept[before.id], state_before(before)) for before, _ in changed]
    await record_changes(session, said_before, caller=caller, reason=why)
    return [kept.get(before.id, before) for before, _ in edits]


async def revise(
    session: AsyncSession,
    caller: Caller,
    before: SchoolChanged,
    override: str | None,
    reason: str | None = None,
    **edited: Any,
) -> SchoolChanged:
    """Keep one locked school with some of its parts `edited`."""
    edit = before, before.model_copy(update=edited)
    return (await keep(session, caller, [edit], override=override, reason=reason))[0]


def state_before(timeline: SchoolChanged) -> dict[str, Any] | None:
    """The audit trail's `before`; None for a school that was not there."""
    return timeline.model_dump(mode="json", by_alias=True) if timeline.version else None


async def _respect_locks(session: AsyncSession, edits: Sequence[Edit]) -> None:
    locks = await locks_in_force(session)
    for before, after in edits if locks else ():
        day = first_difference(before, after)
        lock = lock_on(locks, day, accountable(before) | accountable(after))
        if lock is not None and day is not None:
            raise locked(lock, day)


def accountable(timeline: SchoolChanged) -> set[UUID]:
    """Whoever answers for the school at some time: whose reports it is in."""
    return {held.organization_id for held in timeline.assignments if held.role == "accountable-lea"}


async def _bring(session: AsyncSession, part: Part, edits: Sequence[Edit], at: datetime) -> None:
    """Supersede the rows that are not said any more, add those that are said anew."""
    changed = [(before, after) for before, after in edits if part.of(before) != part.of(after)]
    rows = await rows_of(session, part, [before.id for before, _ in changed])
    gone, added = [], []
    for before, after in changed:
        gone += [row.id for row in rows.get(before.id, []) if part.said_of(row) not in part.of(after)]
        added += [part.columns(after.id, item) for item in part.of(after) if item not in part.of(before)]
    await supersede(session, part.table, gone, at)
    if added:
        await session.execute(insert(part.table), [{**columns, "recorded_at": at} for columns in added])


async def _number(session: AsyncSession, before: Sequence[SchoolChanged], at: datetime) -> None:
    ids = [timeline.id for timeline in before]
    await session.execute(update(School).where(among(School.id, ids)).values(version=School.version + 1))
    await note_versions(session, {timeline.id: timeline.version + 1 for timeline in before}, at)


async def note_versions(session: AsyncSession, versions: Mapping[UUID, int], at: datetime) -> None:
    """Note since when these versions are what is known."""
    noted = [{"school_id": school, "version": version, "recorded_at": at} for school, version in versions.items()]
    await session.execute(insert(SchoolVersion), noted)
