"""HTTP for lineage."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from contracts.vocabulary import LineageKind
from fastapi import APIRouter, Query, Request, Response
from kit.auth import Caller, require
from kit.db import Snapshot, Transaction
from kit.errors import NotFound
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.problems import problems
from kit.spreadsheets import CSV, wants_csv
from sqlalchemy import exists, select

from registry.dated import believed
from registry.intent import Intent
from registry.lineage import actions, reading
from registry.lineage.schemas import Lineage, LineageReport, LineageView, NewLineageEvent, Withdrawal
from registry.lineage.tables import LineageEvent, LineageSchool
from registry.schools.tables import School
from registry.schools.visibility import visible
from registry.standpoint import Looking

router = APIRouter(prefix="/v1", tags=["lineage"])
Reader = Annotated[Caller, require("registry:read")]
Writer = Annotated[Caller, require("registry:write")]
CSV_TOO: dict[int | str, dict[str, Any]] = {200: {"content": {CSV: {"schema": {"type": "string"}}}}}


@router.post("/lineage-events", status_code=201, response_model=LineageReport, responses=problems(400, 404, 409))
async def record_lineage(
    body: NewLineageEvent,
    session: Transaction,
    caller: Writer,
    once: Once,
    intent: Intent,
) -> Response:
    """Record what happened to schools, with all that follows for them; `dryRun` lists what would follow."""

    async def work() -> LineageReport:
        return await actions.record_lineage(session, caller, body, intent)

    return await once(session, caller, work, status=intent.status)


@router.get("/lineage-events", responses=problems(400))
async def list_lineage_events(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    looking: Looking,
    school_id: Annotated[UUID | None, Query(alias="schoolId")] = None,
    kind: LineageKind | None = None,
    since: Annotated[date | None, Query(description="Events that take effect on this date or later.")] = None,
) -> Page[LineageView]:
    """Lineage events by date: those of the schools that one had on the day of the event, or the day before."""
    at = await looking.of(session, caller)
    query = select(LineageEvent.id).where(believed(LineageEvent, at.known_at))
    query = query.where(await reading.concerning(session, caller, at.known_at))
    if school_id is not None:
        query = query.where(
            exists().where(LineageSchool.event_id == LineageEvent.id, LineageSchool.school_id == school_id)
        )
    if kind is not None:
        query = query.where(LineageEvent.kind == kind)
    if since is not None:
        query = query.where(LineageEvent.effective_on >= since)
    order = [LineageEvent.effective_on, LineageEvent.id]
    ids: Page[UUID] = await page(session, query, order, asked, response, lambda row: row)
    return Page(items=await reading.views(session, ids.items), next_cursor=ids.next_cursor)


@router.post("/lineage-events/{event_id}/withdrawal", responses=problems(400, 404))
async def withdraw_lineage(event_id: UUID, body: Withdrawal, session: Transaction, caller: Writer) -> LineageView:
    """Take back an event that was recorded in error; what it changed is corrected in the schools' histories."""
    return await actions.withdraw_lineage(session, caller, event_id, body.reason)


@router.get("/schools/{school_id}/lineage", response_model=Lineage, responses=problems(404) | CSV_TOO)
async def show_school_lineage(
    school_id: UUID, session: Snapshot, caller: Reader, request: Request, looking: Looking
) -> Lineage | Response:
    """Where a school comes from and what came of it, as one tree; as a table with `Accept: text/csv`."""
    at = await looking.of(session, caller)
    mine = await visible(session, caller, at.day, at.known_at)
    if await session.scalar(select(School.id).where(School.id == school_id, mine)) is None:
        raise NotFound(f"There is no school {school_id} of yours on {at.day}.")
    tree = await reading.lineage_of(session, school_id, at.known_at)
    return reading.lineage_csv(tree) if wants_csv(request) else tree
