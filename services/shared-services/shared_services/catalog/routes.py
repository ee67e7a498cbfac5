"""HTTP for the catalogue."""

from datetime import date
from typing import Annotated
from uuid import UUID

from contracts.shared_services import ServiceCategory
from fastapi import APIRouter, Query, Request, Response
from kit.auth import Caller, require
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.preconditions import IfMatch, etag, not_modified
from kit.problems import problems
from sqlalchemy import select

from shared_services.catalog import actions
from shared_services.catalog.schemas import NewOffering, OfferingPatch, OfferingView
from shared_services.catalog.tables import Offering, ends_after

router = APIRouter(prefix="/v1/offerings", tags=["catalogue"])
Reader = Annotated[Caller, require("catalog:read")]
Writer = Annotated[Caller, require("catalog:write")]


@router.post("", status_code=201, response_model=OfferingView, responses=problems(400, 409))
async def offer_service(body: NewOffering, session: Transaction, caller: Writer, once: Once) -> Response:
    """Add a service to a district's catalogue."""

    async def work() -> OfferingView:
        return await actions.offer_service(session, caller, body)

    return await once(
        session, caller, work, headers=lambda view: {"Location": f"/v1/offerings/{view.id}", "ETag": etag(view.version)}
    )


@router.get("", responses=problems(400))
async def list_offerings(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    category: ServiceCategory | None = None,
    district_id: Annotated[UUID | None, Query(alias="districtId")] = None,
    as_of: Annotated[date | None, Query(alias="asOf", description="What is offered on a date; all if absent.")] = None,
) -> Page[OfferingView]:
    """What districts offer, by category, district and date."""
    query = select(Offering)
    if category is not None:
        query = query.where(Offering.category == category)
    if district_id is not None:
        query = query.where(Offering.district_id == district_id)
    if as_of is not None:
        query = query.where(Offering.valid_from <= as_of, ends_after(as_of))
    return await page(session, query, [Offering.id], asked, response, actions.shape)


@router.get("/{offering_id}", response_model=OfferingView, responses=problems(404))
async def show_offering(
    offering_id: UUID, session: Snapshot, caller: Reader, request: Request, response: Response
) -> OfferingView | Response:
    """One offering."""
    view = await actions.show_offering(session, offering_id)
    if not_modified(request, response, view.version):
        return Response(status_code=304, headers=dict(response.headers))
    return view


@router.patch("/{offering_id}", responses=problems(400, 404, 409, 412, 428))
async def change_offering(
    offering_id: UUID,
    body: OfferingPatch,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    response: Response,
) -> OfferingView:
    """Change an offering's terms; requests decided before keep their decision."""
    view = await actions.change_offering(session, caller, offering_id, body, version)
    response.headers["ETag"] = etag(view.version)
    return view
