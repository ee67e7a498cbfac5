"""HTTP for what a district lays down for many schools: windows in which they choose, and policies."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from kit.auth import Caller, require
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.preconditions import IfMatch, etag, not_modified
from kit.problems import problems
from sqlalchemy import select

from registry.dated import believed
from registry.entitlements import actions, windows
from registry.entitlements.access import require_own_window, windows_of
from registry.entitlements.schemas import (
    ElectionWindowPatch,
    ElectionWindowView,
    NewElectionWindow,
    NewServicePolicy,
    PolicyLaidDown,
)
from registry.entitlements.tables import ElectionWindow, ElectionWindowRevision
from registry.entitlements.windows import window_view
from registry.reporting_periods.actions import OverrideReason
from registry.revisions import found
from registry.standpoint import KnownAt

router = APIRouter(prefix="/v1/election-windows", tags=["entitlements"])
policies = APIRouter(prefix="/v1/service-policies", tags=["entitlements"])
Reader = Annotated[Caller, require("registry:read")]
Writer = Annotated[Caller, require("registry:write")]


@router.post("", status_code=201, response_model=ElectionWindowView, responses=problems(400, 409))
async def open_election_window(body: NewElectionWindow, session: Transaction, caller: Writer, once: Once) -> Response:
    """Open a time in which the schools of a district choose about services."""

    async def work() -> ElectionWindowView:
        return await windows.open_window(session, caller, body)

    return await once(
        session,
        caller,
        work,
        headers=lambda view: {"Location": f"/v1/election-windows/{view.id}", "ETag": etag(view.version)},
    )


@router.get("", responses=problems(400))
async def list_election_windows(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    known_at: KnownAt = None,
    district_id: Annotated[UUID | None, Query(alias="districtId")] = None,
    school_year: Annotated[int | None, Query(alias="schoolYear", ge=1900, le=2200)] = None,
) -> Page[ElectionWindowView]:
    """The windows of one's own district, and of the districts of one's schools."""
    query = select(ElectionWindowRevision, ElectionWindow.district_id).join(
        ElectionWindow, ElectionWindow.id == ElectionWindowRevision.id
    )
    query = query.where(believed(ElectionWindowRevision, known_at), await windows_of(session, caller))
    if district_id is not None:
        query = query.where(ElectionWindow.district_id == district_id)
    if school_year is not None:
        query = query.where(ElectionWindowRevision.school_year == school_year)
    keys = [ElectionWindowRevision.id]
    return await page(session, query, keys, asked, response, lambda row: window_view(row[0], row[1]))


@router.get("/{window_id}", response_model=ElectionWindowView, responses=problems(404))
async def show_election_window(
    window_id: UUID, session: Snapshot, caller: Reader, request: Request, response: Response, known_at: KnownAt = None
) -> ElectionWindowView | Response:
    """A window as it was known at an instant."""
    await require_own_window(session, caller, window_id)
    thing, said = await found(session, ElectionWindow, ElectionWindowRevision, window_id, known_at)
    view = window_view(said, thing.district_id)
    if not_modified(request, response, view.version):
        return Response(status_code=304, headers=dict(response.headers))
    return view


@router.patch("/{window_id}", responses=problems(400, 404, 409, 412, 428))
async def change_election_window(
    window_id: UUID,
    body: ElectionWindowPatch,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    response: Response,
) -> ElectionWindowView:
    """Change a window; elections already recorded stay."""
    view = await windows.change_window(session, caller, window_id, body, version)
    response.headers["ETag"] = etag(view.version)
    return view


@policies.post("", status_code=201, response_model=PolicyLaidDown, responses=problems(400, 409))
async def lay_down_service_policy(
    body: NewServicePolicy, session: Transaction, caller: Writer, once: Once, override: OverrideReason = None
) -> Response:
    """Lay down a district's policy for its schools of one arrangement, school by school."""

    async def work() -> PolicyLaidDown:
        return PolicyLaidDown(schools=await actions.lay_down_policy(session, caller, body, override))

    return await once(session, caller, work)
