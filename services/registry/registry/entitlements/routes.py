"""HTTP for what a school may have of its district's services: by whom it is laid down, and what prevails."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.preconditions import IfMatch, etag
from kit.problems import problems
from sqlalchemy import select

from registry.agreements.tables import Agreement
from registry.agreements.visibility import readable
from registry.autonomies.reading import require_visible
from registry.dated import believed
from registry.entitlements import actions, windows
from registry.entitlements.keeping import term
from registry.entitlements.reading import entitlements_view
from registry.entitlements.schemas import (
    ElectionView,
    EntitlementsView,
    LaidDownTerm,
    NewElection,
    NewServiceTerms,
    TermEnd,
)
from registry.entitlements.tables import Election, ServiceTermRow
from registry.reporting_periods.actions import OverrideReason
from registry.standpoint import Looking, Standpoint

router = APIRouter(prefix="/v1/schools/{school_id}", tags=["entitlements"])
Reader = Annotated[Caller, require("registry:read")]
Writer = Annotated[Caller, require("registry:write")]
CHANGING = problems(400, 404, 409, 412, 428)


@router.get("/entitlements", responses=problems(404))
async def show_school_entitlements(
    school_id: UUID, session: Snapshot, caller: Reader, response: Response, looking: Looking
) -> EntitlementsView:
    """What each service is to the school on a date: law before agreement before district policy before default."""
    at = await looking.of(session, caller)
    await require_visible(session, caller, school_id, at)
    view = await entitlements_view(session, school_id, at)
    response.headers["ETag"] = etag(view.version)
    return view


@router.get("/service-terms", responses=problems(400, 404))
async def list_service_terms(
    school_id: UUID, session: Snapshot, caller: Reader, asked: Paging, response: Response, looking: Looking
) -> Page[LaidDownTerm]:
    """Everything laid down of the school's services, past and to come, whether or not it prevails."""
    at = await looking.of(session, caller)
    await require_visible(session, caller, school_id, at)
    source = ServiceTermRow.agreement_id.is_(None) | ServiceTermRow.agreement_id.in_(
        select(Agreement.id).where(await readable(session, caller))
    )
    query = select(ServiceTermRow).where(
        ServiceTermRow.school_id == school_id, believed(ServiceTermRow, at.known_at), source
    )
    return await page(session, query, [ServiceTermRow.id], asked, response, _laid_down)


@router.post("/service-terms", status_code=201, response_model=EntitlementsView, responses=CHANGING)
async def lay_down_service_terms(
    school_id: UUID,
    body: NewServiceTerms,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    once: Once,
    now: Now,
    override: OverrideReason = None,
) -> Response:
    """Lay down what services are to the school; within a layer it replaces what was said of the same time."""

    async def work() -> EntitlementsView:
        await actions.lay_down_terms(session, caller, school_id, body, version, now, override)
        return await entitlements_view(session, school_id, Standpoint(body.terms[0].valid_from))

    return await once(session, caller, work, headers=lambda view: {"ETag": etag(view.version)})


@router.post("/service-terms/{term_id}/end", responses=CHANGING)
async def end_service_term(
    school_id: UUID,
    term_id: UUID,
    body: TermEnd,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    now: Now,
    response: Response,
    override: OverrideReason = None,
) -> EntitlementsView:
    """End a term: what a weaker layer says then prevails."""
    await actions.end_term(session, caller, school_id, term_id, body.valid_to, version, now, override)
    view = await entitlements_view(session, school_id, Standpoint(body.valid_to))
    response.headers["ETag"] = etag(view.version)
    return view


@router.post("/elections", status_code=201, response_model=ElectionView, responses=CHANGING)
async def record_election(
    school_id: UUID,
    body: NewElection,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    once: Once,
    now: Now,
    override: OverrideReason = None,
) -> Response:
    """Record what the school chose in a window; it takes effect from its day on, never before."""

    async def work() -> ElectionView:
        return await windows.elect(session, caller, school_id, body, version, now, override)

    return await once(session, caller, work)


@router.get("/elections", responses=problems(400, 404))
async def list_elections(
    school_id: UUID, session: Snapshot, caller: Reader, asked: Paging, response: Response, looking: Looking
) -> Page[ElectionView]:
    """What the school chose, when, and who approved what was late."""
    at = await looking.of(session, caller)
    await require_visible(session, caller, school_id, at)
    query = select(Election).where(Election.school_id == school_id)
    if at.known_at is not None:
        query = query.where(Election.recorded_at <= at.known_at)
    return await page(
        session,
        query,
        [Election.id],
        asked,
        response,
        lambda row: ElectionView.model_validate(row, from_attributes=True),
    )


def _laid_down(row: ServiceTermRow) -> LaidDownTerm:
    return LaidDownTerm(id=row.id, **term(row).model_dump())
