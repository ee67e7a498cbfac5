"""Record and lift orders, and find those that hold for a run."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kit.auth import Caller
from kit.errors import Conflict, FieldError, Invalid, NotFound
from sqlalchemy import any_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.directory import Organization, School
from accountability.frameworks.tables import RegisteredFramework
from accountability.orders.rules import faults
from accountability.orders.schemas import Lifting, NewRatingOrder, RatingOrderView
from accountability.orders.tables import RatingOrder
from accountability.runs.tables import Run
from accountability.visibility import require_steward, stewarded


class OrderLifted(Conflict):
    """This order is lifted already"""

    type = "order-lifted"


async def record_order(session: AsyncSession, caller: Caller, body: NewRatingOrder, now: datetime) -> RatingOrderView:
    """Record an order; ratings published from now on obey it. Raises Forbidden, Invalid."""
    await require_steward(session, caller, "records orders")
    errors = [*faults(body), *await _unknown(session, body)]
    if errors:
        raise Invalid("The order cannot be recorded; see `errors`.", errors=errors)
    said = body.model_dump(exclude={"framework"})
    owner = {"organization_id": caller.organization_id, "client_id": caller.client_id, "recorded_at": now}
    order = RatingOrder(framework_id=body.framework, **said, **owner)
    session.add(order)
    await session.flush()
    return shape(order)


async def lift_order(
    session: AsyncSession, caller: Caller, order_id: UUID, body: Lifting, now: datetime
) -> RatingOrderView:
    """Let an order no longer hold; what was published under it stays. Raises NotFound, OrderLifted."""
    mine = select(RatingOrder).where(RatingOrder.id == order_id, stewarded(caller, RatingOrder.organization_id))
    order = await session.scalar(mine.with_for_update())
    if order is None:
        raise NotFound(f"There is no order {order_id} of yours.")
    if order.lifted_at is not None:
        raise OrderLifted(f"It was lifted at {order.lifted_at}: record a new order.")
    order.lifted_at, order.lifted_reason = now, body.reason
    await session.flush()
    return shape(order)


async def orders_on(session: AsyncSession, run: Run) -> Sequence[RatingOrder]:
    """The orders that hold for what `run` gives: the platform's, and those of whoever ran it."""
    owned = or_(RatingOrder.organization_id.is_(None), RatingOrder.organization_id == run.organization_id)
    query = select(RatingOrder).where(
        RatingOrder.framework_id == run.framework_id,
        any_(RatingOrder.school_years) == run.school_year,
        RatingOrder.lifted_at.is_(None),
        owned,
    )
    return (await session.scalars(query)).all()


def shape(order: RatingOrder) -> RatingOrderView:
    """An order as shown."""
    names = RatingOrderView.model_fields.keys() - {"framework"}
    return RatingOrderView.model_validate(
        {name: getattr(order, name) for name in names} | {"framework": order.framework_id}
    )


async def _unknown(session: AsyncSession, body: NewRatingOrder) -> list[FieldError]:
    errors = []
    if (
        await session.scalar(select(RegisteredFramework.id).where(RegisteredFramework.id == body.framework).limit(1))
        is None
    ):
        errors.append(FieldError("framework", "unknown", "register the framework first", value=body.framework))
    if body.school_id is not None:
        rated = (School.id, Organization.id)
        found = [await session.scalar(select(key).where(key == body.school_id)) for key in rated]
        if not any(found):
            errors.append(FieldError("schoolId", "unknown", "no such school is known here", value=str(body.school_id)))
    return errors
