"""HTTP for snapshots."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response
from kit.auth import Caller, require
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.problems import problems
from sqlalchemy import select

from registry.schools.reading import schools_at, shape
from registry.schools.schemas import SchoolView
from registry.schools.tables import School
from registry.schools.visibility import visible
from registry.snapshots import actions
from registry.snapshots.schemas import LateChange, NewSnapshot, SnapshotView
from registry.snapshots.tables import TakenSnapshot
from registry.standpoint import Standpoint

router = APIRouter(prefix="/v1/snapshots", tags=["snapshots"])
Reader = Annotated[Caller, require("registry:read")]
Writer = Annotated[Caller, require("registry:write")]
SnapshotName = Annotated[str, Path(max_length=200, pattern=r"^[^\x00]+$", examples=["October directory 2026"])]


@router.post("", status_code=201, response_model=SnapshotView, responses=problems(400, 409))
async def take_snapshot(body: NewSnapshot, session: Transaction, caller: Writer, once: Once) -> Response:
    """Give a name to the directory as of a date, as it is known now. It never changes."""

    async def work() -> SnapshotView:
        return await actions.take_snapshot(session, caller, body)

    return await once(session, caller, work)


@router.get("", responses=problems(400))
async def list_snapshots(session: Snapshot, caller: Reader, asked: Paging, response: Response) -> Page[SnapshotView]:
    """One's own snapshots and the platform's."""
    return await page(
        session,
        select(TakenSnapshot).where(actions.readable(caller)),
        [TakenSnapshot.id],
        asked,
        response,
        lambda row: SnapshotView.model_validate(row, from_attributes=True),
    )


@router.get("/{name}/schools", responses=problems(400, 404))
async def list_snapshot_schools(
    name: SnapshotName, session: Snapshot, caller: Reader, asked: Paging, response: Response
) -> Page[SchoolView]:
    """The schools as the snapshot has them."""
    at = await actions.snapshot_named(session, caller, name)
    query = schools_at(at).where(await visible(session, caller, at.day, at.known_at))
    return await page(session, query, [School.id], asked, response, shape)


@router.get("/{name}/changes", responses=problems(400, 404))
async def list_late_changes(
    name: SnapshotName, session: Snapshot, caller: Reader, asked: Paging, response: Response
) -> Page[LateChange]:
    """What was recorded later for the date of the snapshot: each school as it has it, and as it is known now."""
    at = await actions.snapshot_named(session, caller, name)
    now = Standpoint(at.day)
    then_mine = await visible(session, caller, at.day, at.known_at)
    now_mine = await visible(session, caller, at.day)
    query = actions.touched_since(at).where(then_mine | now_mine)
    ids: Page[UUID] = await page(session, query, [School.id], asked, response, lambda row: row)
    changed = await actions.otherwise_now(session, ids.items, at)
    before = await actions.views_at(session, changed, at, then_mine)
    after = await actions.views_at(session, changed, now, now_mine)
    changes = [LateChange(school_id=each, snapshot=before.get(each), now=after.get(each)) for each in changed]
    return Page(items=changes, next_cursor=ids.next_cursor)
