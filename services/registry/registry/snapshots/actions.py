"""Take a snapshot, and find one by its name."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from contracts.registry import SnapshotTaken
from kit.auth import Caller
from kit.errors import Conflict, NotFound
from kit.journal import record
from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from registry.dated import close_the_past
from registry.organizations.actions import require_steward
from registry.schools.consequences import said_on
from registry.schools.reading import schools_at, shape
from registry.schools.schemas import SchoolView
from registry.schools.tables import School
from registry.schools.timelines import PARTS, timelines
from registry.snapshots.schemas import NewSnapshot, SnapshotView
from registry.snapshots.tables import TakenSnapshot
from registry.standpoint import Standpoint


class SnapshotExists(Conflict):
    """There is a snapshot of this name"""

    type = "snapshot-exists"


async def take_snapshot(session: AsyncSession, caller: Caller, body: NewSnapshot) -> SnapshotView:
    """Name the directory as of a date, as known now. Raises Forbidden, SnapshotExists."""
    await require_steward(session, caller)
    row = TakenSnapshot(
        organization_id=caller.organization_id,
        name=body.name,
        as_of=body.as_of,
        known_at=await close_the_past(session),
        taken_by=caller.client_id,
    )
    session.add(row)
    try:
        await session.flush()
    except IntegrityError as error:
        raise SnapshotExists(f"{body.name!r} is taken and never changes; choose another name.") from error
    view = SnapshotView.model_validate(row, from_attributes=True)
    await record(session, SnapshotTaken(**view.model_dump(), version=1), caller=caller)
    return view


def readable(caller: Caller) -> ColumnElement[bool]:
    """The snapshots that a caller may read: its own, and the platform's, of which it sees its own schools."""
    return or_(TakenSnapshot.organization_id == caller.organization_id, TakenSnapshot.organization_id.is_(None))


async def snapshot_named(session: AsyncSession, caller: Caller, name: str) -> Standpoint:
    """The standpoint of a snapshot; one's own goes before the platform's. Raises NotFound."""
    named = select(TakenSnapshot).where(TakenSnapshot.name == name, readable(caller))
    own_first = named.order_by(TakenSnapshot.organization_id.nulls_last()).limit(1)
    row = await session.scalar(own_first)
    if row is None:
        raise NotFound(f"There is no snapshot {name!r}.")
    return Standpoint(row.as_of, row.known_at)


def touched_since(at: Standpoint) -> Select[Any]:
    """The schools of which something that holds on the snapshot's date was recorded or given up after it."""
    return select(School.id).where(
        or_(
            *(
                exists().where(
                    part.table.school_id == School.id,
                    part.table.during.contains(at.day),
                    (part.table.recorded_at > at.known_at) | (part.table.superseded_at > at.known_at),
                )
                for part in PARTS
            )
        )
    )


async def otherwise_now(session: AsyncSession, ids: Sequence[UUID], at: Standpoint) -> list[UUID]:
    """Those of which something else is said now of the snapshot's date, whatever became of other dates."""
    then = {known.id: said_on(known, at.day) for known in await timelines(session, ids, at.known_at)}
    now = {known.id: said_on(known, at.day) for known in await timelines(session, ids)}
    return [school for school in ids if then.get(school, {}) != now.get(school, {})]


async def views_at(
    session: AsyncSession, ids: Sequence[UUID], at: Standpoint, mine: ColumnElement[bool]
) -> dict[UUID, SchoolView]:
    """Those of the schools that a caller sees at a standpoint."""
    rows = await session.execute(schools_at(at).where(School.id.in_(ids), mine))
    return {view.id: view for view in map(shape, rows)}
