"""HTTP for service requests."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from kit.auth import Caller, require
from kit.bulk import read_csv, spool
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.preconditions import IfMatch, etag, not_modified
from kit.problems import problems
from pydantic import AwareDatetime
from sqlalchemy import select

from shared_services.requests import actions, bulk, clock_views, entering
from shared_services.requests.clock_views import ClocksView
from shared_services.requests.listing import Filter
from shared_services.requests.reading import (
    find_similar,
    read_request,
    readable,
    requests,
    shape,
    shape_transferred,
    transferred,
    visible,
)
from shared_services.requests.schemas import NewPriority, NewRequest, NewTransition, RequestView, TransitionView
from shared_services.requests.tables import ServiceRequest, TransferredRequest, Transition

LIMIT_BYTES = 10_000_000
CSV = {"text/csv"}
CSV_BODY = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": {"schema": {"type": "string"}, "example": ",".join(bulk.COLUMNS)}},
    }
}
router = APIRouter(prefix="/v1/requests", tags=["requests"])
Reader = Annotated[Caller, require("requests:read")]
Writer = Annotated[Caller, require("requests:write")]


@router.post("", status_code=201, response_model=RequestView, responses=problems(400, 409))
async def submit_request(body: NewRequest, session: Transaction, caller: Writer, now: Now, once: Once) -> Response:
    """Ask for a service. The number acknowledges the request and approves nothing.

    A request without entitlement is put on record as refused, with the clause that says so.
    The notice that a service needs runs from now to the start of the service date in the district.
    """

    async def work() -> RequestView:
        return await entering.submit_request(session, caller, body, now)

    return await once(
        session, caller, work, headers=lambda view: {"Location": f"/v1/requests/{view.id}", "ETag": etag(view.version)}
    )


@router.post("/imports", responses=problems(400, 409, 413, 415), openapi_extra=CSV_BODY)
async def submit_requests(
    request: Request,
    session: Transaction,
    caller: Writer,
    now: Now,
    dry_run: Annotated[
        bool, Query(alias="dryRun", description="Check all and say what would be, write nothing.")
    ] = False,
) -> bulk.BulkReport:
    """Ask for many services by a CSV file, all or none. Sent again, it changes nothing: rows go by externalId."""
    async with spool(request, LIMIT_BYTES, CSV) as path:
        rows = read_csv(path, bulk.COLUMNS)
        return await bulk.submit_requests(session, caller, rows, dry_run=dry_run, now=now)


@router.get("", responses=problems(400))
async def list_requests(
    session: Snapshot, caller: Reader, asked: Paging, response: Response, chosen: Filter
) -> Page[RequestView]:
    """The requests that you made, that you serve, or that fall on days on which you operate the school."""
    return await page(session, chosen.of(requests(visible(caller))), chosen.keys, asked, response, shape)


@router.get("/transferred", responses=problems(400))
async def list_transferred_requests(
    session: Snapshot, caller: Reader, asked: Paging, response: Response
) -> Page[RequestView]:
    """The requests that went over from you to another operator, each as it was at that moment."""
    return await page(session, transferred(caller), [TransferredRequest.request_id], asked, response, shape_transferred)


@router.get("/{request_id}", response_model=RequestView, responses=problems(404))
async def show_request(
    request_id: UUID, session: Snapshot, caller: Reader, request: Request, response: Response
) -> RequestView | Response:
    """One service request; one that you handed over is shown as it was then."""
    view = await read_request(session, caller, request_id)
    if not_modified(request, response, view.version):
        return Response(status_code=304, headers=dict(response.headers))
    return view


@router.get("/{request_id}/clocks", responses=problems(404))
async def show_request_clocks(
    request_id: UUID,
    session: Snapshot,
    caller: Reader,
    now: Now,
    known_at: Annotated[AwareDatetime | None, Query(alias="knownAt", description="By the calendar known then.")] = None,
) -> ClocksView:
    """By when a request is to be acknowledged, answered and completed, and by which version of the calendar."""
    return await clock_views.show_request_clocks(session, caller, request_id, known_at, now)


@router.get("/{request_id}/similar", responses=problems(404))
async def list_similar_requests(request_id: UUID, session: Snapshot, caller: Reader) -> list[RequestView]:
    """Open requests that may be the same: of the same school and offering, for a place that may be the same."""
    return await find_similar(session, visible(caller), request_id)


@router.get("/{request_id}/history", responses=problems(400, 404))
async def list_transitions(
    request_id: UUID, session: Snapshot, caller: Reader, asked: Paging, response: Response
) -> Page[TransitionView]:
    """Every step that a request took, the first one first; a former operator sees those of its own period."""
    await read_request(session, caller, request_id)
    joined = select(Transition).join(ServiceRequest, ServiceRequest.id == Transition.request_id)
    query = joined.where(Transition.request_id == request_id, readable(caller, Transition.at))
    return await page(session, query, [Transition.version], asked, response, _step)


@router.post("/{request_id}/transitions", responses=problems(400, 404, 409, 412, 428))
async def move_request(
    request_id: UUID,
    body: NewTransition,
    session: Transaction,
    caller: Reader,
    version: IfMatch,
    now: Now,
    response: Response,
) -> RequestView:
    """Take a step of the lifecycle: the provider's need `requests:manage`, the requester's `requests:write`."""
    view = await actions.move_request(session, caller, request_id, body, version, now)
    response.headers["ETag"] = etag(view.version)
    return view


@router.post("/{request_id}/priority", responses=problems(400, 404, 409, 412, 428))
async def set_priority(
    request_id: UUID,
    body: NewPriority,
    session: Transaction,
    caller: Reader,
    version: IfMatch,
    now: Now,
    response: Response,
) -> RequestView:
    """Weigh a request anew, as its provider (`requests:manage`). Its clocks go on from when they began."""
    view = await actions.set_priority(session, caller, request_id, body, version, now)
    response.headers["ETag"] = etag(view.version)
    return view


def _step(row: Transition) -> TransitionView:
    return TransitionView.model_validate(row, from_attributes=True)
