"""Which work orders a caller sees, and how they look."""

from typing import Any
from uuid import UUID

from kit.auth import Caller
from kit.errors import NotFound
from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.directory import name_on, said_of
from shared_services.requests.tables import ServiceRequest
from shared_services.workorders.schemas import WorkOrderView
from shared_services.workorders.tables import WorkOrder, WorkOrderEntry


def visible(caller: Caller) -> ColumnElement[bool]:
    """The work orders that the caller handed out or does. The platform sees all."""
    mine = caller.organization_id
    return true() if mine is None else or_(WorkOrder.district_id == mine, WorkOrder.vendor_id == mine)


def work_orders(seen: ColumnElement[bool]) -> Select[Any]:
    """The work orders seen, each with its request, the school's timeline and its cost."""
    cost = (
        select(func.coalesce(func.sum(WorkOrderEntry.cents), 0))
        .where(WorkOrderEntry.work_order_id == WorkOrder.id)
        .scalar_subquery()
    )
    return (
        select(WorkOrder, ServiceRequest, said_of(ServiceRequest.school_id), cost.label("cost_cents"))
        .join(ServiceRequest, ServiceRequest.id == WorkOrder.request_id)
        .where(seen)
    )


def shape(row: Any) -> WorkOrderView:
    """A row of `work_orders`, as it is shown."""
    order, request = row.WorkOrder, row.ServiceRequest
    place = {name: getattr(request, name) for name in ("school_id", "building", "room", "service_date")}
    own = {name: getattr(order, name) for name in WorkOrderView.model_fields if hasattr(order, name)}
    return WorkOrderView.model_validate(
        place | own | {"school_name": name_on(row.said, request.service_date), "cost_cents": int(row.cost_cents)}
    )


async def find_work_order(session: AsyncSession, seen: ColumnElement[bool], work_order_id: UUID) -> WorkOrderView:
    """One of the work orders seen. Raises NotFound."""
    row = (await session.execute(work_orders(seen).where(WorkOrder.id == work_order_id))).one_or_none()
    if row is None:
        raise unknown(work_order_id)
    return shape(row)


def unknown(work_order_id: UUID) -> NotFound:
    """The same words whether there is no such work order or it is somebody else's."""
    return NotFound(f"There is no work order {work_order_id} of yours.")
