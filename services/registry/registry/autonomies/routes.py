"""HTTP for autonomies: who decides what at a school, on which date, by what right."""

from typing import Annotated
from uuid import UUID

from contracts.registry import DecisionRight
from fastapi import APIRouter, Query, Request, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.errors import NotFound
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.preconditions import IfMatch, etag, not_modified
from kit.problems import problems
from sqlalchemy.ext.asyncio import AsyncSession

from registry.autonomies import actions
from registry.autonomies.deciding import held_autonomies
from registry.autonomies.reading import autonomies_of, autonomy_view, of_school, require_visible
from registry.autonomies.schemas import AutonomyPatch, AutonomyView, HeldAutonomy, NewAutonomy
from registry.autonomies.tables import Autonomy, AutonomyRevision
from registry.organizations.actions import today_of
from registry.reporting_periods.actions import OverrideReason
from registry.standpoint import Looking, Standpoint

router = APIRouter(prefix="/v1/autonomies", tags=["autonomies"])
school_router = APIRouter(prefix="/v1/schools/{school_id}/autonomies", tags=["autonomies"])
Reader = Annotated[Caller, require("registry:read")]
Writer = Annotated[Caller, require("registry:write")]
Right = Annotated[DecisionRight | None, Query(alias="decisionRight")]


@router.post("", status_code=201, response_model=AutonomyView, responses=problems(400, 409))
async def grant_autonomy(
    body: NewAutonomy, session: Transaction, caller: Writer, once: Once, override: OverrideReason = None
) -> Response:
    """Record who decides a matter at a school or in a zone, how far, and by what right."""

    async def work() -> AutonomyView:
        return await actions.grant_autonomy(session, caller, body, override)

    return await once(
        session,
        caller,
        work,
        headers=lambda view: {"Location": f"/v1/autonomies/{view.id}", "ETag": etag(view.version)},
    )


@router.get("", responses=problems(400))
async def list_autonomies(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    looking: Looking,
    decision_right: Right = None,
    zone_id: Annotated[UUID | None, Query(alias="zoneId")] = None,
    agreement_id: Annotated[UUID | None, Query(alias="agreementId")] = None,
) -> Page[AutonomyView]:
    """The autonomies that the caller may see, whether or not they hold on the date."""
    query = await autonomies_of(session, caller, await looking.of(session, caller))
    if decision_right is not None:
        query = query.where(AutonomyRevision.decision_right == decision_right)
    if zone_id is not None:
        query = query.where(Autonomy.zone_id == zone_id)
    if agreement_id is not None:
        query = query.where(AutonomyRevision.agreement_id == agreement_id)
    return await page(session, query, [AutonomyRevision.id], asked, response, lambda row: autonomy_view(row[0], row[1]))


@router.get("/{autonomy_id}", response_model=AutonomyView, responses=problems(404))
async def show_autonomy(
    autonomy_id: UUID, session: Snapshot, caller: Reader, request: Request, response: Response, looking: Looking
) -> AutonomyView | Response:
    """An autonomy as it was known at an instant."""
    view = await _visible(session, caller, autonomy_id, await looking.of(session, caller))
    if not_modified(request, response, view.version):
        return Response(status_code=304, headers=dict(response.headers))
    return view


@router.patch("/{autonomy_id}", responses=problems(400, 404, 409, 412, 428))
async def change_autonomy(
    autonomy_id: UUID,
    body: AutonomyPatch,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    now: Now,
    response: Response,
    override: OverrideReason = None,
) -> AutonomyView:
    """Change an autonomy, or end it with `validTo`."""
    before = await _visible(session, caller, autonomy_id, Standpoint(await today_of(session, caller, now)))
    view = await actions.change_autonomy(session, caller, before, body, version, override)
    response.headers["ETag"] = etag(view.version)
    return view


@school_router.get("", responses=problems(400, 404))
async def list_school_autonomies(
    school_id: UUID,
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    looking: Looking,
    decision_right: Right = None,
) -> Page[HeldAutonomy]:
    """Who decides what at a school on a date, by its own right or its zone's; and what does not hold then, and why."""
    at = await looking.of(session, caller)
    await require_visible(session, caller, school_id, at)
    query = (await autonomies_of(session, caller, at)).where(of_school(school_id, at))
    if decision_right is not None:
        query = query.where(AutonomyRevision.decision_right == decision_right)
    found: Page[AutonomyView] = await page(
        session, query, [AutonomyRevision.id], asked, response, lambda row: autonomy_view(row[0], row[1])
    )
    held = await held_autonomies(session, found.items, school_id, at)
    return Page(items=held, next_cursor=found.next_cursor)


async def _visible(session: AsyncSession, caller: Caller, autonomy_id: UUID, at: Standpoint) -> AutonomyView:
    query = await autonomies_of(session, caller, at)
    row = (await session.execute(query.where(AutonomyRevision.id == autonomy_id))).one_or_none()
    if row is None:
        raise NotFound(f"There is no autonomy {autonomy_id} of yours.")
    return autonomy_view(row[0], row[1])
