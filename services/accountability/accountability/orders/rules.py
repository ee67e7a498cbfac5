"""What an order makes of a rating."""

from collections.abc import Sequence
from uuid import UUID

from kit.errors import FieldError

from accountability.orders.schemas import NewRatingOrder
from accountability.orders.tables import RatingOrder
from accountability.runs.said import Said


def faults(order: NewRatingOrder) -> list[FieldError]:
    """What is wrong with an order by itself."""
    suspends = order.reason_code == "framework-suspended"
    if suspends and order.school_id is not None:
        return [FieldError("schoolId", "whole-framework", "leave it out: a framework is suspended for all its schools")]
    if not suspends and order.school_id is None:
        return [FieldError("schoolId", "missing", f"name the school that has no rating: {order.reason_code}")]
    return []


def order_for(school_id: UUID, orders: Sequence[RatingOrder]) -> RatingOrder | None:
    """The order that holds for a school: its own before that of all schools, a newer one before an older."""
    holding = [order for order in orders if order.school_id in (None, school_id)]
    return max(holding, key=lambda order: (order.school_id is not None, order.id), default=None)


def under(order: RatingOrder | None, said: Said, not_rated: str) -> Said:
    """What is said of a school under an order; `not_rated`: the framework's words where there is no rating."""
    if order is None:
        return said
    return Said(
        status="not-rated",
        rating=not_rated,
        score=said.score if order.scores_public else None,
        reason=f"order:{order.number}",
        reason_code=order.reason_code,
        labels=said.labels if order.scores_public else {},
        order_id=order.id,
    )
