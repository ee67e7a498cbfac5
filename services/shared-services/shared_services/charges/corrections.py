"""What is put right on the ledger: a line is taken back and posted again, or trued up; never edited."""

from datetime import datetime
from typing import Any
from uuid import UUID

from kit.auth import Caller
from kit.errors import Conflict, FieldError, Invalid
from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.charges.ledger import write_line
from shared_services.charges.pricing import price
from shared_services.charges.rates import require_district
from shared_services.charges.reading import lock_charge
from shared_services.charges.schemas import ChargeView, Corrected, Correction, NewTrueUp, Reckoning
from shared_services.charges.tables import Charge

SAME = (
    "district_id",
    "school_id",
    "payer_id",
    "offering",
    "request_id",
    "rate_id",
    "obligation_id",
    "installment",
    "service_date",
    "service_to",
    "currency",
)
"""What a line has in common with the one that it refers to."""


class NotCorrectable(Conflict):
    """This line cannot be corrected"""

    type = "not-correctable"


async def correct_charge(
    session: AsyncSession, caller: Caller, charge_id: UUID, body: Correction, now: datetime
) -> Corrected:
    """Reverse a line with its true-ups and post it again as it should have been.

    Both new lines refer to the first and stand on the first open month. Raises NotFound, Forbidden, NotCorrectable,
    Invalid.
    """
    first = await lock_charge(session, caller, charge_id)
    require_district(caller, first.district_id)
    return await repost(session, caller, first, body, now)


async def repost(session: AsyncSession, caller: Caller, first: Charge, body: Correction, now: datetime) -> Corrected:
    """Correct a held line. Raises NotCorrectable, Invalid."""
    await _refuse_uncorrectable(session, first)
    reckoning = _corrected(first, body)
    amount = price(reckoning) if body.amount_cents is None else body.amount_cents
    was, said = Reckoning.model_validate(first.reckoning), await _said_so_far(session, first)
    back = {"kind": "reversal", "amount_cents": -said, "reason": body.reason}
    new = {"kind": "repost", "amount_cents": amount, "reason": body.reason}
    return Corrected(
        reversal=await _follow(session, caller, first, now, was, **back),
        repost=await _follow(session, caller, first, now, reckoning, **new),
    )


async def charge_another(
    session: AsyncSession, caller: Caller, first: Charge, payer_id: UUID, reason: str, now: datetime
) -> ChargeView:
    """Take a held line back from its payer and post it to another. Raises NotCorrectable."""
    await _refuse_uncorrectable(session, first)
    was, said = Reckoning.model_validate(first.reckoning), await _said_so_far(session, first)
    await _follow(session, caller, first, now, was, kind="reversal", amount_cents=-said, reason=reason)
    new = {"kind": "repost", "amount_cents": said, "reason": reason, "payer_id": payer_id}
    return await _follow(session, caller, first, now, was, **new)


async def true_up(session: AsyncSession, caller: Caller, charge_id: UUID, body: NewTrueUp, now: datetime) -> ChargeView:
    """Add what a line lacks, or give back what it has too much, after a count.

    Raises NotFound, Forbidden, NotCorrectable, Invalid.
    """
    first = await lock_charge(session, caller, charge_id)
    require_district(caller, first.district_id)
    await _refuse_uncorrectable(session, first)
    counted = _corrected(first, Correction(quantity=body.quantity, reason=body.reason))
    reckoning = counted.model_copy(update={"method": f"Count of {body.count_date}"})
    missing = price(counted) - await _said_so_far(session, first)
    line = {"kind": "true-up", "amount_cents": missing, "reason": body.reason}
    return await _follow(session, caller, first, now, reckoning, **line)


async def _refuse_uncorrectable(session: AsyncSession, first: Charge) -> None:
    if first.stage != "accrued":
        raise NotCorrectable(f"The line is `{first.stage}`: decline the estimate and post another.")
    if first.kind in ("reversal", "true-up"):
        raise NotCorrectable("Correct the line that this one refers to.")
    reversed_by = exists().where(Charge.first_id == first.id, Charge.kind == "reversal")
    if await session.scalar(select(reversed_by)):
        raise NotCorrectable("The line is reversed already: correct the one that was posted again.")


def _corrected(first: Charge, body: Correction) -> Reckoning:
    """How the right amount comes about. Raises Invalid unless a quantity or an amount is said, as the line allows."""
    was = Reckoning.model_validate(first.reckoning)
    if (body.quantity is None) == (body.amount_cents is None):
        error = FieldError("quantity", "one-of", "say either `quantity` or `amountCents`")
        raise Invalid("Say what it should have been.", errors=[error])
    if body.quantity is not None and (was.allocated or was.cents_per_unit == 0):
        error = FieldError("quantity", "by-amount", "this line has no price per unit of its own: say `amountCents`")
        raise Invalid("The line can only be corrected by its amount.", errors=[error])
    return was.model_copy(update={"quantity": body.quantity} if body.quantity is not None else {"method": None})


async def _said_so_far(session: AsyncSession, first: Charge) -> int:
    """What a line and its true-ups come to, in cents."""
    trued_up = select(func.coalesce(func.sum(Charge.amount_cents), 0)).where(
        Charge.first_id == first.id, Charge.kind == "true-up"
    )
    return first.amount_cents + int(await session.scalar(trued_up) or 0)


async def _follow(
    session: AsyncSession, caller: Caller, first: Charge, now: datetime, reckoning: Reckoning, **new: Any
) -> ChargeView:
    """Write a line that refers to the first, for the same service on the same day."""
    same = {name: getattr(first, name) for name in SAME}
    reckoned = reckoning.model_dump(mode="json", by_alias=True)
    line = {"stage": "accrued", "first_id": first.id, "reckoning": reckoned, **same, **new}
    view = await write_line(session, caller, now, **line)
    assert view is not None
    return view
