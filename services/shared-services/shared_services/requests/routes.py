"""HTTP for service requests."""

from typing import Annotated
from uuid import UUID

from contracts.shared_services import RequestStatus, ServiceCategory
from fastapi import APIRouter, Query, Request, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.preconditions import IfMatch, etag, not_modified
from kit.problems import problems
from sqlalchemy import select

from shared_services.catalog.tables import Offering
from shared_services.requests import actions
from shared_services.requests.reading import find_request, requests, shape, visible
from shared_services.requests.schemas import NewRequest, NewTransition, RequestView, TransitionView
from shared_services.requests.tables import ServiceRequest, Transition

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
        return await actions.submit_request(session, caller, body, now)

    return await once(
        session, caller, work, headers=lambda view: {"Location": f"/v1/requests/{view.id}", "ETag": etag(view.version)}
    )


@router.get("", responses=problems(400))
async def list_requests(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    status: RequestStatus | None = None,
    category: ServiceCategory | None = None,
    school_id: Annotated[UUID | None, Query(alias="schoolId")] = None,
) -> Page[RequestView]:
    """The requests that you made, that you serve, or that fall on days on which you operate the school."""
    query = requests(visible(caller))
    if status is not None:
        query = query.where(ServiceRequest.status == status)
    if category is not None:
        query = query.where(Offering.category == category)
    if school_id is not None:
        query = query.where(ServiceRequest.school_id == school_id)
    return await page(session, query, [ServiceRequest.id], asked, response, shape)


@router.get("/{request_id}", response_model=RequestView, responses=problems(404))
async def show_request(
    request_id: UUID, session: Snapshot, caller: Reader, request: Request, response: Response
) -> RequestView | Response:
    """One service request."""
    view = await find_request(session, visible(caller), request_id)
    if not_modified(request, response, view.version):
        return Response(status_code=304, headers=dict(response.headers))
    return view


@router.get("/{request_id}/history", responses=problems(400, 404))
async def list_transitions(
    request_id: UUID, session: Snapshot, caller: Reader, asked: Paging, response: Response
) -> Page[TransitionView]:
    """Every step that a request took, the first one first."""
    await find_request(session, visible(caller), request_id)
    query = select(Transition).where(Transition.request_id == request_id)
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


def _step(row: Transition) -> TransitionView:
    return TransitionView.model_validate(row, from_attributes=True)
