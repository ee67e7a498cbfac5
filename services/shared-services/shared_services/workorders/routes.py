"""HTTP for work orders."""

from typing import Annotated
from uuid import UUID

from contracts.shared_services import WorkOrderStatus
from contracts.vocabulary import Wire
from fastapi import APIRouter, Query, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.preconditions import etag
from kit.problems import problems
from sqlalchemy import select

from shared_services.requests.schemas import Statement
from shared_services.workorders import actions
from shared_services.workorders.reading import find_work_order, shape, visible, work_orders
from shared_services.workorders.schemas import EntryView, NewEntry, NewUpdate, NewWorkOrder, UpdateView, WorkOrderView
from shared_services.workorders.tables import WorkOrder, WorkOrderEntry, WorkOrderUpdate

router = APIRouter(prefix="/v1/work-orders", tags=["work orders"])
Reader = Annotated[Caller, require("requests:read")]
Worker = Annotated[Caller, require("requests:write")]
Dispatcher = Annotated[Caller, require("requests:manage")]


class Withdrawal(Wire):
    """Why a work order is taken back."""

    reason: Statement


@router.post("", status_code=201, response_model=WorkOrderView, responses=problems(400, 404, 409))
async def hand_out_work(body: NewWorkOrder, session: Transaction, caller: Dispatcher, now: Now, once: Once) -> Response:
    """Hand work on a request to a vendor or a crew."""

    async def work() -> WorkOrderView:
        return await actions.hand_out_work(session, caller, body, now)

    return await once(session, caller, work, headers=lambda view: {"Location": f"/v1/work-orders/{view.id}"})


@router.get("", responses=problems(400))
async def list_work_orders(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    status: WorkOrderStatus | None = None,
    request_id: Annotated[UUID | None, Query(alias="requestId")] = None,
) -> Page[WorkOrderView]:
    """The work orders that you handed out, or that you do."""
    query = work_orders(visible(caller))
    if status is not None:
        query = query.where(WorkOrder.status == status)
    if request_id is not None:
        query = query.where(WorkOrder.request_id == request_id)
    return await page(session, query, [WorkOrder.id], asked, response, shape)


@router.get("/{work_order_id}", responses=problems(404))
async def show_work_order(work_order_id: UUID, session: Snapshot, caller: Reader, response: Response) -> WorkOrderView:
    """A work order."""
    view = await find_work_order(session, visible(caller), work_order_id)
    response.headers["ETag"] = etag(view.version)
    return view


@router.post("/{work_order_id}/updates", responses=problems(400, 404))
async def report_on_work_order(
    work_order_id: UUID, body: NewUpdate, session: Transaction, caller: Worker, now: Now
) -> WorkOrderView:
    """Report how far the work is. Reports may come twice and in any order: the newest one counts."""
    return await actions.report_on_work_order(session, caller, work_order_id, body, now)


@router.get("/{work_order_id}/updates", responses=problems(400, 404))
async def list_work_order_updates(
    work_order_id: UUID, session: Snapshot, caller: Reader, asked: Paging, response: Response
) -> Page[UpdateView]:
    """Every report on a work order, as it came in."""
    await find_work_order(session, visible(caller), work_order_id)
    query = select(WorkOrderUpdate).where(WorkOrderUpdate.work_order_id == work_order_id)
    keys = [WorkOrderUpdate.received_at, WorkOrderUpdate.update_id]
    return await page(session, query, keys, asked, response, _update)


@router.post("/{work_order_id}/entries", status_code=201, response_model=EntryView, responses=problems(400, 404, 409))
async def enter_labor_or_parts(
    work_order_id: UUID, body: NewEntry, session: Transaction, caller: Worker, now: Now, once: Once
) -> Response:
    """Write down labor or parts."""

    async def work() -> EntryView:
        return await actions.enter_labor_or_parts(session, caller, work_order_id, body, now)

    return await once(session, caller, work)


@router.get("/{work_order_id}/entries", responses=problems(400, 404))
async def list_entries(
    work_order_id: UUID, session: Snapshot, caller: Reader, asked: Paging, response: Response
) -> Page[EntryView]:
    """The labor and the parts of a work order."""
    await find_work_order(session, visible(caller), work_order_id)
    query = select(WorkOrderEntry).where(WorkOrderEntry.work_order_id == work_order_id)
    return await page(session, query, [WorkOrderEntry.id], asked, response, _entry)


@router.post("/{work_order_id}/cancel", responses=problems(400, 404, 409))
async def cancel_work_order(
    work_order_id: UUID, body: Withdrawal, session: Transaction, caller: Dispatcher, now: Now
) -> WorkOrderView:
    """Take a work order back."""
    return await actions.cancel_work_order(session, caller, work_order_id, body.reason, now)


def _update(row: WorkOrderUpdate) -> UpdateView:
    return UpdateView.model_validate(row, from_attributes=True)


def _entry(row: WorkOrderEntry) -> EntryView:
    return EntryView.model_validate(row, from_attributes=True)
