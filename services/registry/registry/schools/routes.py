"""HTTP for schools."""

from datetime import date
from typing import Annotated
from uuid import UUID

from contracts.registry import SchoolChanged
from contracts.vocabulary import Alias
from fastapi import APIRouter, Request, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.errors import NotFound
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.preconditions import IfMatch, etag, not_modified
from kit.problems import problems
from kit.streaming import FORMS, JSON, VARY, Streamed, accepted_form
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.organizations.actions import today_of
from registry.reporting_periods.actions import OverrideReason
from registry.schools import actions
from registry.schools.directory import directory
from registry.schools.filters import Asked
from registry.schools.identified import page_of_identified
from registry.schools.reading import schools_at, shape, view_of
from registry.schools.schemas import (
    End,
    NewAssignment,
    NewOccupancy,
    NewSchool,
    SchoolCorrection,
    SchoolHistory,
    SchoolPatch,
    SchoolView,
)
from registry.schools.tables import School
from registry.schools.timelines import timelines
from registry.schools.visibility import visible, visible_by_itself
from registry.standpoint import Looking, Standpoint

router = APIRouter(prefix="/v1/schools", tags=["schools"])
Reader = Annotated[Caller, require("registry:read")]
Writer = Annotated[Caller, require("registry:write")]
CHANGING = problems(400, 404, 409, 412, 428)


@router.post("", status_code=201, response_model=SchoolView, responses=problems(400, 409))
async def open_school(
    body: NewSchool, session: Transaction, caller: Writer, once: Once, override: OverrideReason = None
) -> Response:
    """Register a school with what is true of it from a date on."""

    async def work() -> SchoolView:
        event = await actions.open_school(session, caller, body, override)
        return await view_of(session, event.id, Standpoint(body.valid_from))

    return await once(
        session, caller, work, headers=lambda view: {"Location": f"/v1/schools/{view.id}", "ETag": etag(view.version)}
    )


@router.get("", response_model=Page[SchoolView], responses=problems(400) | FORMS)
async def list_schools(
    session: Snapshot,
    caller: Reader,
    paging: Paging,
    looking: Looking,
    asked: Asked,
    request: Request,
    response: Response,
) -> Page[SchoolView] | Response:
    """Schools as they are on a date: a page as JSON, or all that match as NDJSON or CSV by `Accept`."""
    at = await looking.of(session, caller)
    form = accepted_form(request)
    if form != JSON:
        query = await asked.of(session, directory(at, form), caller, at)
        return Streamed(request.app.state.database, query, form)
    response.headers.update(VARY)
    if asked.identifier is not None and paging.cursor is None:
        found = await page_of_identified(request.app.state.database, caller, at, *asked.identifier)
        found.headers.update(VARY)
        return found
    query = await asked.of(session, schools_at(at), caller, at)
    return await page(session, query, [School.id], paging, response, shape)


@router.get("/{school_id}", response_model=SchoolView, responses=problems(404))
async def show_school(
    school_id: UUID, session: Snapshot, caller: Reader, request: Request, response: Response, looking: Looking
) -> SchoolView | Response:
    """A school as it is on a date."""
    at = await looking.of(session, caller)
    view = await view_of(session, school_id, at, visible_by_itself(caller.organization_id, at.day, at.known_at))
    if not_modified(request, response, view.version):
        return Response(status_code=304, headers=dict(response.headers))
    return view


@router.get("/{school_id}/history", responses=problems(404))
async def show_school_history(
    school_id: UUID, session: Snapshot, caller: Reader, response: Response, looking: Looking
) -> SchoolHistory:
    """Everything known of a school, by period."""
    at = await looking.of(session, caller)
    mine = await visible(session, caller, at.day, at.known_at)
    seen = await session.scalar(select(School.id).where(School.id == school_id, mine))
    known = await timelines(session, [school_id], at.known_at) if seen else []
    if not known:
        raise NotFound(f"There is no school {school_id} of yours on {at.day}.")
    response.headers["ETag"] = etag(known[0].version)
    return SchoolHistory(**known[0].model_dump())


@router.put("/{school_id}/history", responses=CHANGING)
async def correct_school(
    school_id: UUID,
    body: SchoolCorrection,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    now: Now,
    response: Response,
    override: OverrideReason = None,
) -> SchoolHistory:
    """Correct what is known of a school: it was never so. `knownAt` still shows what was believed before."""
    day = await today_of(session, caller, now)
    event = await actions.correct_school(session, caller, school_id, body, version, override, day)
    response.headers["ETag"] = etag(event.version)
    return SchoolHistory(**event.model_dump())


@router.patch("/{school_id}", responses=CHANGING)
async def change_school(
    school_id: UUID,
    body: SchoolPatch,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    response: Response,
    override: OverrideReason = None,
) -> SchoolView:
    """Change what is true of a school from a date on; what was true before stays readable."""
    event = await actions.change_school(session, caller, school_id, body, version, override)
    return await _answer(session, event, body.valid_from, response)


@router.post("/{school_id}/assignments", status_code=201, responses=CHANGING)
async def assign_organization(
    school_id: UUID,
    body: NewAssignment,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    response: Response,
    override: OverrideReason = None,
) -> SchoolView:
    """Give an organization a role at a school for a period."""
    event = await actions.assign_organization(session, caller, school_id, body, version, override)
    return await _answer(session, event, body.valid_from, response)


@router.post("/{school_id}/assignments/{assignment_id}/end", responses=CHANGING)
async def end_assignment(
    school_id: UUID,
    assignment_id: UUID,
    body: End,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    response: Response,
    override: OverrideReason = None,
) -> SchoolView:
    """End an organization's role at a school."""
    event = await actions.end_assignment(session, caller, school_id, assignment_id, body.valid_to, version, override)
    return await _answer(session, event, body.valid_to, response)


@router.post("/{school_id}/aliases", status_code=201, responses=CHANGING)
async def add_alias(
    school_id: UUID,
    body: Alias,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    response: Response,
    override: OverrideReason = None,
) -> SchoolView:
    """Give a school an identifier that someone else uses."""
    event = await actions.add_alias(session, caller, school_id, body, version, override)
    return await _answer(session, event, body.valid_from, response)


@router.post("/{school_id}/buildings", status_code=201, responses=CHANGING)
async def occupy_building(
    school_id: UUID,
    body: NewOccupancy,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    response: Response,
    override: OverrideReason = None,
) -> SchoolView:
    """Let a school be in a building for a period, alone or with others."""
    event = await actions.occupy_building(session, caller, school_id, body, version, override)
    return await _answer(session, event, body.valid_from, response)


@router.post("/{school_id}/buildings/{building_id}/end", responses=CHANGING)
async def leave_building(
    school_id: UUID,
    building_id: UUID,
    body: End,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    response: Response,
    override: OverrideReason = None,
) -> SchoolView:
    """Let a school be in a building no longer."""
    event = await actions.leave_building(session, caller, school_id, building_id, body.valid_to, version, override)
    return await _answer(session, event, body.valid_to, response)


async def _answer(session: AsyncSession, event: SchoolChanged, day: date, response: Response) -> SchoolView:
    response.headers["ETag"] = etag(event.version)
    return await view_of(session, event.id, Standpoint(day))
