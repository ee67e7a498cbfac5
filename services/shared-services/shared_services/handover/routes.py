"""HTTP for handovers."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.problems import problems
from sqlalchemy import select

from shared_services.handover import actions
from shared_services.handover.schemas import HandoverView, NewHandover, OpenItems
from shared_services.handover.tables import Handover

router = APIRouter(prefix="/v1/handovers", tags=["handover"])
Reader = Annotated[Caller, require("requests:read")]
Manager = Annotated[Caller, require("requests:manage")]


@router.get("", responses=problems(404, 409))
async def list_open_items(
    session: Snapshot,
    caller: Reader,
    school_id: Annotated[UUID, Query(alias="schoolId")],
    on: Annotated[date, Query(description="The first day of the new operator.", ge="1900-01-02", le="2200-12-31")],
) -> OpenItems:
    """What is open at a school for the operator that leaves it, and what may become of each."""
    return await actions.list_open_items(session, caller, school_id, on)


@router.post("", status_code=201, response_model=HandoverView, responses=problems(400, 404, 409))
async def decide_handover(body: NewHandover, session: Transaction, caller: Manager, now: Now, once: Once) -> Response:
    """Transfer, cancel or leave to be completed all that is open, by rule or one by one; all of it or nothing.

    Requests and series get a new requester of record and keep their history; unpaid lines are reversed and posted to
    the new payer. The former operator keeps reading its own period.
    """

    async def work() -> HandoverView:
        return await actions.decide_handover(session, caller, body, now)

    return await once(session, caller, work, headers=lambda view: {"Location": f"/v1/handovers/{view.id}"})


@router.get("/decided", responses=problems(400))
async def list_handovers(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    school_id: Annotated[UUID | None, Query(alias="schoolId")] = None,
) -> Page[HandoverView]:
    """The handovers in which you are the district, the former operator or its successor."""
    query = select(Handover).where(actions.visible(caller))
    if school_id is not None:
        query = query.where(Handover.school_id == school_id)
    return await page(session, query, [Handover.id], asked, response, lambda row: actions.shape(row, caller))


@router.get("/{handover_id}", responses=problems(404))
async def show_handover(handover_id: UUID, session: Snapshot, caller: Reader) -> HandoverView:
    """One handover, each item as it was when it was decided."""
    return await actions.show_handover(session, caller, handover_id)
