"""HTTP for district calendars."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from kit.auth import Caller, require
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.preconditions import IfMatch, etag, not_modified
from kit.problems import problems

from registry.calendars import actions
from registry.calendars.reading import calendar_of, calendar_view, calendars_known
from registry.calendars.schemas import CalendarPatch, CalendarView, NewCalendar
from registry.calendars.tables import Calendar
from registry.standpoint import KnownAt

router = APIRouter(prefix="/v1/organizations/{organization_id}/calendars", tags=["calendars"])
Reader = Annotated[Caller, require("registry:read")]
Writer = Annotated[Caller, require("registry:write")]
Year = Annotated[int, Path(ge=1900, le=2200, description="The ending year: 2027 is 2026-27.")]


@router.post("", status_code=201, response_model=CalendarView, responses=problems(400, 404, 409))
async def record_calendar(
    organization_id: UUID, body: NewCalendar, session: Transaction, caller: Writer, once: Once
) -> Response:
    """Record a district's calendar of a school year: its business days, closures by name, count dates."""

    async def work() -> CalendarView:
        return await actions.record_calendar(session, caller, organization_id, body)

    path = f"/v1/organizations/{organization_id}/calendars"
    return await once(
        session,
        caller,
        work,
        headers=lambda view: {"Location": f"{path}/{view.school_year}", "ETag": etag(view.version)},
    )


@router.get("", responses=problems(400))
async def list_calendars(
    organization_id: UUID,
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    known_at: KnownAt = None,
) -> Page[CalendarView]:
    """A district's calendars, as known at an instant."""
    query = calendars_known(known_at).where(Calendar.organization_id == organization_id)
    return await page(session, query, [Calendar.school_year], asked, response, calendar_view)


@router.get("/{school_year}", response_model=CalendarView, responses=problems(404))
async def show_calendar(
    organization_id: UUID,
    school_year: Year,
    session: Snapshot,
    caller: Reader,
    request: Request,
    response: Response,
    known_at: KnownAt = None,
) -> CalendarView | Response:
    """A district's calendar of a school year, as known at an instant."""
    view = await calendar_of(session, organization_id, school_year, known_at)
    if not_modified(request, response, view.version):
        return Response(status_code=304, headers=dict(response.headers))
    return view


@router.patch("/{school_year}", responses=problems(400, 404, 409, 412, 428))
async def change_calendar(
    organization_id: UUID,
    school_year: Year,
    body: CalendarPatch,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    response: Response,
) -> CalendarView:
    """Change a calendar; deadlines that count business days move with it, and show what they were counted from."""
    view = await actions.change_calendar(session, caller, organization_id, school_year, body, version)
    response.headers["ETag"] = etag(view.version)
    return view
