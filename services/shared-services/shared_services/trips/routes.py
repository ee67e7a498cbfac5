"""HTTP for trips."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.periods import Day
from kit.preconditions import IfMatch, etag
from kit.problems import problems
from sqlalchemy import select

from shared_services.trips import actions
from shared_services.trips.day_plan import show_day_plan as plan
from shared_services.trips.schemas import DayPlan, FleetView, Hours, NewFleet, NewTrip, TripView
from shared_services.trips.tables import Fleet

router = APIRouter(prefix="/v1/trips", tags=["trips"])
Reader = Annotated[Caller, require("requests:read")]
Writer = Annotated[Caller, require("requests:write")]
Dispatcher = Annotated[Caller, require("requests:manage")]


@router.post("", status_code=201, response_model=TripView, responses=problems(400, 409))
async def order_trip(body: NewTrip, session: Transaction, caller: Writer, now: Now, once: Once) -> Response:
    """Ask for a trip. Notice runs to the departure; the vehicle follows from the party.

    The request's number acknowledges it; the trip number comes with the approval.
    """

    async def work() -> TripView:
        return await actions.order_trip(session, caller, body, now)

    return await once(
        session,
        caller,
        work,
        headers=lambda view: {"Location": f"/v1/trips/{view.request.id}", "ETag": etag(view.request.version)},
    )


@router.get("/day-plan", responses=problems(400))
async def show_day_plan(
    session: Snapshot,
    caller: Dispatcher,
    day: Annotated[Day, Query(alias="date", description="A day in the district.")],
    district_id: Annotated[UUID | None, Query(alias="districtId", description="Yours, if absent.")] = None,
) -> DayPlan:
    """Who leaves when on a day, in what, and how much of the fleet that takes."""
    return await plan(session, caller, district_id, day)


@router.post("/fleets", status_code=201, response_model=FleetView, responses=problems(400, 409))
async def lay_down_fleet(
    body: NewFleet,
    session: Transaction,
    caller: Annotated[Caller, require("catalog:write")],
    now: Now,
    once: Once,
) -> Response:
    """Lay down a district's vehicles for trips, and the days without trips, anew."""

    async def work() -> FleetView:
        return await actions.lay_down_fleet(session, caller, body, now)

    return await once(session, caller, work)


@router.get("/fleets", responses=problems(400))
async def list_fleets(
    session: Snapshot,
    caller: Annotated[Caller, require("catalog:read")],
    asked: Paging,
    response: Response,
    district_id: Annotated[UUID, Query(alias="districtId")],
) -> Page[FleetView]:
    """Every version of a district's fleet, the first one first; the last one holds."""
    query = select(Fleet).where(Fleet.district_id == district_id)
    return await page(session, query, [Fleet.version], asked, response, actions.show_fleet)


@router.get("/{request_id}", responses=problems(404))
async def show_trip(request_id: UUID, session: Snapshot, caller: Reader, response: Response) -> TripView:
    """A trip, by its request."""
    view = await actions.show_trip(session, caller, request_id)
    response.headers["ETag"] = etag(view.request.version)
    return view


@router.post("/{request_id}/reschedule", responses=problems(400, 404, 409, 412, 428))
async def reschedule_trip(
    request_id: UUID,
    body: Hours,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    now: Now,
    response: Response,
) -> TripView:
    """Move a trip to other hours: all rules of an order apply, and a late change may cost."""
    view = await actions.reschedule_trip(session, caller, request_id, body, version, now)
    response.headers["ETag"] = etag(view.request.version)
    return view
