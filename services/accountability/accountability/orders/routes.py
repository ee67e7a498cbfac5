"""HTTP for orders."""

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

from accountability.orders import actions
from accountability.orders.schemas import Lifting, NewRatingOrder, RatingOrderView
from accountability.orders.tables import RatingOrder
from accountability.visibility import require_steward, stewarded

router = APIRouter(prefix="/v1/rating-orders", tags=["ratings"])
Previewer = Annotated[Caller, require("ratings:preview")]
Publisher = Annotated[Caller, require("ratings:publish")]


@router.post("", status_code=201, response_model=RatingOrderView, responses=problems(400, 409))
async def record_rating_order(
    body: NewRatingOrder, session: Transaction, caller: Publisher, now: Now, once: Once
) -> Response:
    """Record an order that a school, or a whole framework, is not rated in some years, and why."""

    async def work() -> RatingOrderView:
        return await actions.record_order(session, caller, body, now)

    return await once(session, caller, work)


@router.get("", responses=problems(400))
async def list_rating_orders(
    session: Snapshot,
    caller: Previewer,
    asked: Paging,
    response: Response,
    school_id: Annotated[UUID | None, Query(alias="schoolId")] = None,
) -> Page[RatingOrderView]:
    """Your orders. Others read of an order in the rating that was published under it."""
    await require_steward(session, caller, "sees orders")
    query = select(RatingOrder).where(stewarded(caller, RatingOrder.organization_id))
    if school_id is not None:
        query = query.where(RatingOrder.school_id == school_id)
    return await page(session, query, [RatingOrder.id], asked, response, actions.shape)


@router.post("/{order_id}/lifting", response_model=RatingOrderView, responses=problems(400, 404, 409))
async def lift_rating_order(
    order_id: UUID, body: Lifting, session: Transaction, caller: Publisher, now: Now, once: Once
) -> Response:
    """Lift an order: it no longer holds for what is published from now on."""

    async def work() -> RatingOrderView:
        return await actions.lift_order(session, caller, order_id, body, now)

    return await once(session, caller, work, status=200)
