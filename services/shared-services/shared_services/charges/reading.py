"""Which lines a caller sees, how far each is, and how they look: one condition and one shape for all reads."""

from typing import Any
from uuid import UUID

from kit.auth import Caller
from kit.errors import NotFound
from sqlalchemy import ColumnElement, Select, case, exists, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from shared_services.charges.schemas import ChargeView
from shared_services.charges.tables import BillingPeriod, Charge, Dispute, Settlement

_Later = aliased(Charge)

REVERSED = exists().where(_Later.first_id == Charge.id, _Later.kind == "reversal")
DISPUTED = exists().where(Dispute.charge_id == Charge.id, Dispute.decision.is_(None))
BILLED = exists().where(BillingPeriod.district_id == Charge.district_id, BillingPeriod.month >= Charge.month)
SETTLED = exists().where(
    Settlement.district_id == Charge.district_id,
    Settlement.payer_id == Charge.payer_id,
    Settlement.month == Charge.month,
    Settlement.currency == Charge.currency,
)
STATUS: ColumnElement[str] = case(
    (Charge.stage != "accrued", Charge.stage),
    (REVERSED, "adjusted"),
    (DISPUTED, "disputed"),
    (SETTLED, "settled"),
    (BILLED, "billed"),
    else_="accrued",
)
"""How far a line is, from the facts: nothing flips a flag on a line that was billed."""


def visible(caller: Caller) -> ColumnElement[bool]:
    """The lines that the caller pays or is paid. The payer is the operator on the service date: a former operator
    keeps its own period, and its successor sees nothing of it. The platform sees all."""
    mine = caller.organization_id
    return true() if mine is None else or_(Charge.payer_id == mine, Charge.district_id == mine)


def lines(seen: ColumnElement[bool]) -> Select[Charge, str]:
    """The lines seen, each with its status."""
    return select(Charge, STATUS.label("status")).where(seen)


def shape(row: Any) -> ChargeView:
    """A row of `lines`, as it is shown."""
    charge: Charge = row.Charge
    said = {name: getattr(charge, name) for name in ChargeView.model_fields if hasattr(charge, name)}
    return ChargeView.model_validate(said | {"status": row.status, "refers_to": charge.first_id})


async def find_charge(session: AsyncSession, seen: ColumnElement[bool], charge_id: UUID) -> ChargeView:
    """One of the lines seen. Raises NotFound."""
    row = (await session.execute(lines(seen).where(Charge.id == charge_id))).one_or_none()
    if row is None:
        raise unknown(charge_id)
    return shape(row)


async def lock_charge(session: AsyncSession, caller: Caller, charge_id: UUID) -> Charge:
    """One of the lines seen, held until the end of the transaction. Raises NotFound."""
    row = await session.scalar(select(Charge).where(Charge.id == charge_id, visible(caller)).with_for_update())
    if row is None:
        raise unknown(charge_id)
    return row


def unknown(charge_id: UUID) -> NotFound:
    """The same words whether there is no such line or it is somebody else's."""
    return NotFound(f"There is no charge {charge_id} of yours.")
