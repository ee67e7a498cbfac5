"""How edited timelines are kept: checked as a whole, recorded at one instant, numbered, and said."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from contracts.registry import SchoolChanged
from kit.auth import Caller
from kit.copying import add_rows
from kit.errors import NotFound
from kit.journal import record_changes
from sqlalchemy import Table, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from registry.dated import among, recording_instant, supersede
from registry.reporting_periods.actions import lock_on, locked, locks_in_force
from registry.schools.checks import check_references
from registry.schools.consequences import Edit, first_difference
from registry.schools.rules import check
from registry.schools.tables import School, SchoolVersion
from registry.schools.timelines import PARTS, Part, ids_of, timelines
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
    kept = await write(session, caller, changed, why="; ".join(said for said in (reason, override) if said) or None)
    return [kept.get(before.id, before) for before, _ in edits]


async def write(
    session: AsyncSession, caller: Caller, edits: Sequence[Edit], *, why: str | None
) -> dict[UUID, SchoolChanged]:
    """Write down edits of locked schools, which somebody has checked, and say them. The timelines as kept."""
    if not edits:
        return {}
    at = await recording_instant(session)
    for part in PARTS:
        await _bring(session, part, edits, at)
    kept = [(before, _following(before, after)) for before, after in edits]
    await _number(session, {after.id: after.version for _, after in kept}, at)
    changes = [(after, state_before(before)) for before, after in kept]
    await record_changes(session, changes, caller=caller, reason=why)
    return {after.id: after for after, _ in changes}


def _following(before: SchoolChanged, after: SchoolChanged) -> SchoolChanged:
    """The timeline as the tables give it from now on: its version, and each list in the order of its periods."""
    lists = {part.name: sorted(part.of(after), key=lambda item: item.valid_from) for part in PARTS}
    return after.model_copy(update={**lists, "version": before.version + 1})


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
    gone, added = set(), []
    for before, after in edits:
        said, saying = part.of(before), part.of(after)
        gone |= {(before.id, item) for item in said if item not in saying}
        added += [part.columns(after.id, item) for item in saying if item not in said]
    if gone:
        await supersede(session, part.table, await ids_of(session, part, gone), at)
    await add_rows(session, part.table.__table__, [{**columns, "recorded_at": at} for columns in added])


async def _number(session: AsyncSession, versions: Mapping[UUID, int], at: datetime) -> None:
    """Give schools their next versions, known since `at`."""
    await session.execute(update(School).where(among(School.id, versions)).values(version=School.version + 1))
    noted = [{"school_id": school, "version": version, "recorded_at": at} for school, version in versions.items()]
    await add_rows(session, cast(Table, SchoolVersion.__table__), noted)
