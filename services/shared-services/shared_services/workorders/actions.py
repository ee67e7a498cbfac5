"""What can be done with work orders."""

from datetime import datetime
from uuid import UUID

from contracts.shared_services import WorkOrderChanged
from kit.auth import Caller
from kit.errors import Conflict, FieldError, Forbidden, Invalid
from kit.journal import record
from sqlalchemy import func, select, true
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services import directory
from shared_services.requests.actions import require_side, sides, take
from shared_services.requests.reading import unknown as unknown_request
from shared_services.requests.reading import visible as visible_request
from shared_services.requests.schemas import NewTransition
from shared_services.requests.tables import ServiceRequest
from shared_services.requests.telling import Act
from shared_services.workorders.reading import find_work_order, unknown, visible
from shared_services.workorders.rules import ENDED, READY, age, cents_of, follow
from shared_services.workorders.schemas import EntryView, Labor, NewUpdate, NewWorkOrder, Parts, WorkOrderView
from shared_services.workorders.tables import WorkOrder, WorkOrderEntry, WorkOrderUpdate


class NotReady(Conflict):
    """Work on this request cannot be handed out now"""

    type = "not-ready"


class WorkOrderEnded(Conflict):
    """The work order has ended"""

    type = "work-order-ended"


class UpdateReused(Invalid):
    """Another report was sent under this number"""

    type = "update-id-reused"


async def hand_out_work(session: AsyncSession, caller: Caller, body: NewWorkOrder, now: datetime) -> WorkOrderView:
    """Hand work on a request to a vendor or a crew; the request is assigned to it.

    Raises NotFound, Forbidden, NotReady, Invalid.
    """
    seen = ServiceRequest.id == body.request_id, visible_request(caller)
    request = await session.scalar(select(ServiceRequest).where(*seen).with_for_update())
    if request is None:
        raise unknown_request(body.request_id)
    require_side(caller, "provider", await sides(session, caller, request, now), "Handing out work")
    if request.status not in READY:
        raise NotReady(f"The request is `{request.status}`: accept it first, unless it has ended.")
    name = await _worker(session, body)
    count = await session.scalar(select(func.count()).where(WorkOrder.request_id == request.id)) or 0
    order = WorkOrder(
        version=1,
        number=f"{request.number}-W{count + 1}",
        district_id=request.providing_organization_id,
        status="issued",
        issued_at=now,
        updated_at=now,
        **body.model_dump(),
    )
    session.add(order)
    if request.status in ("accepted", "triaged"):
        await take(session, request, NewTransition(to="assigned", crew=name), Act(caller, "provider", now))
    return await _say(session, caller, order)


async def report_on_work_order(
    session: AsyncSession, caller: Caller, work_order_id: UUID, body: NewUpdate, now: datetime
) -> WorkOrderView:
    """Take a report on a work order, once; the request follows if the report is news.

    Raises NotFound, Forbidden, UpdateReused.
    """
    order = await _held(session, caller, work_order_id)
    kept = upsert(WorkOrderUpdate).values(work_order_id=order.id, received_at=now, **body.model_dump())
    if await session.scalar(kept.on_conflict_do_nothing().returning(WorkOrderUpdate.update_id)) is None:
        await _refuse_other_content(session, order, body)
        return await find_work_order(session, true(), order.id)
    updates = (await session.scalars(select(WorkOrderUpdate).where(WorkOrderUpdate.work_order_id == order.id))).all()
    newest = max(updates, key=age)
    named = [update for update in sorted(updates, key=age) if update.external_id is not None]
    order.external_id = named[-1].external_id if named else None
    if order.status != "cancelled":
        order.status = NewUpdate.model_validate(newest, from_attributes=True).status
        await session.flush()
        if newest.update_id == body.update_id:
            await _follow(session, caller, order, now)
    order.version, order.updated_at = order.version + 1, now
    return await _say(session, caller, order)


async def cancel_work_order(
    session: AsyncSession, caller: Caller, work_order_id: UUID, reason: str, now: datetime
) -> WorkOrderView:
    """Take a work order back, as the district that handed it out. Raises NotFound, Forbidden, WorkOrderEnded."""
    order = await _held(session, caller, work_order_id)
    if caller.organization_id not in (None, order.district_id):
        raise Forbidden("Only the district that handed the work out takes it back.")
    if order.status in {"completed", *ENDED}:
        raise WorkOrderEnded(f"The work order is `{order.status}`.")
    order.status, order.version, order.updated_at = "cancelled", order.version + 1, now
    await session.flush()
    return await _say(session, caller, order, reason)


async def enter_labor_or_parts(
    session: AsyncSession, caller: Caller, work_order_id: UUID, body: Labor | Parts, now: datetime
) -> EntryView:
    """Write down labor or parts. Raises NotFound, Forbidden, WorkOrderEnded."""
    order = await _held(session, caller, work_order_id)
    if order.status in ENDED:
        raise WorkOrderEnded(f"The work order is `{order.status}`: nothing is entered any more.")
    row = WorkOrderEntry(
        work_order_id=order.id, entry=body.model_dump(by_alias=True), cents=cents_of(body), recorded_at=now
    )
    session.add(row)
    order.version, order.updated_at = order.version + 1, now
    await session.flush()
    await _say(session, caller, order)
    return EntryView(id=row.id, entry=body, cents=row.cents, recorded_at=now)


async def _worker(session: AsyncSession, body: NewWorkOrder) -> str:
    """The name of the vendor or the crew. Raises Invalid unless it is one of them."""
    if (body.vendor_id is None) == (body.crew is None):
        raise Invalid("Who does it?", errors=[FieldError("vendorId", "one-of", "name a vendor, or a crew instead")])
    if body.vendor_id is None:
        return body.crew or ""
    vendor = await session.get(directory.Organization, body.vendor_id)
    if vendor is None or "vendor" not in vendor.types:
        message = "name an organization that the registry knows as a vendor"
        error = FieldError("vendorId", "unknown-vendor", message, value=str(body.vendor_id))
        raise Invalid("There is no such vendor.", errors=[error])
    return vendor.name


async def _held(session: AsyncSession, caller: Caller, work_order_id: UUID) -> WorkOrder:
    """A work order that the caller handed out or does, locked."""
    seen = WorkOrder.id == work_order_id, visible(caller)
    order = await session.scalar(select(WorkOrder).where(*seen).with_for_update())
    if order is None:
        raise unknown(work_order_id)
    return order


async def _refuse_other_content(session: AsyncSession, order: WorkOrder, body: NewUpdate) -> None:
    first = await session.get(WorkOrderUpdate, (order.id, body.update_id))
    if first is not None and NewUpdate.model_validate(first, from_attributes=True) != body:
        error = FieldError("updateId", "reused", "give each report a number of its own", value=body.update_id)
        raise UpdateReused("This number belongs to a report with another content.", errors=[error])


async def _follow(session: AsyncSession, caller: Caller, order: WorkOrder, now: datetime) -> None:
    locked = select(ServiceRequest).where(ServiceRequest.id == order.request_id).with_for_update()
    request = (await session.scalars(locked)).one()
    statuses = await session.scalars(select(WorkOrder.status).where(WorkOrder.request_id == request.id))
    for to in follow(request.status, statuses.all()):
        step = NewTransition(to=to, hold_reason="vendor" if to == "on-hold" else None)
        act = Act(caller, "provider", now, f"By work order {order.number}")
        await take(session, request, step, act)


async def _say(session: AsyncSession, caller: Caller, order: WorkOrder, reason: str | None = None) -> WorkOrderView:
    await session.flush()
    view = await find_work_order(session, true(), order.id)
    event = WorkOrderChanged.model_validate(view.model_dump(include=set(WorkOrderChanged.model_fields)))
    await record(session, event, caller=caller, reason=reason)
    return view
