"""Completed requests become lines: what is included at zero, what is bought at its rate, each once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial

from kit.auth import Caller
from kit.errors import Refused
from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.catalog.schemas import Price
from shared_services.catalog.tables import Offering
from shared_services.charges.estimates import ApprovalNeeded, accrue, needs_approval
from shared_services.charges.grounds import Deed, Ground, find_fee_ground, find_free_ground, find_ground
from shared_services.charges.ledger import write_line
from shared_services.charges.posting import write_free
from shared_services.charges.pricing import price
from shared_services.charges.rates import require_district
from shared_services.charges.schemas import AccrualReport, Awaiting, ChargeView, NewAccrual, Reckoning
from shared_services.charges.tables import Charge
from shared_services.charges.vocabulary import SINGLE, ChargeKind
from shared_services.entitlements.schemas import Entitlement
from shared_services.requests.tables import ServiceRequest

LIMIT = 200
"""Requests looked at in one call."""

DONE = ("completed", "closed")
OF_REQUEST = Charge.request_id == ServiceRequest.id
CHARGED = exists().where(OF_REQUEST, Charge.stage == "accrued", Charge.kind != "fee")
ESTIMATED = exists().where(OF_REQUEST, Charge.stage.in_(("estimate", "approved")))
FEE_CHARGED = exists().where(OF_REQUEST, Charge.kind == "fee")


class Undecided(Refused):
    """Somebody has to decide the charge"""

    type = "charge-undecided"


async def accrue_requests(session: AsyncSession, caller: Caller, body: NewAccrual, now: datetime) -> AccrualReport:
    """Charge a district's completed requests that have no line yet, the oldest first. Raises Forbidden."""
    require_district(caller, body.district_id)
    rows = (await session.execute(_due(body))).all()
    accrued, awaiting = 0, []
    for request, code, charged, fee_charged in rows:
        for charge in await _charges(session, caller, Served(request, code, now), charged, fee_charged):
            try:
                accrued += await charge() is not None
            except Refused as refused:
                words = "; ".join([refused.message, *(f"{one.field}: {one.message}" for one in refused.errors)])
                awaiting.append(Awaiting(request_id=request.id, number=request.number, reason=words))
    next_after = rows[-1][0].id if len(rows) == LIMIT else None
    return AccrualReport(accrued=accrued, awaiting=awaiting, next_after=next_after)


@dataclass(frozen=True)
class Served:
    """A request that was served, what for, and when it is charged."""

    request: ServiceRequest
    code: str
    now: datetime


def _due(body: NewAccrual) -> Select[ServiceRequest, str, bool, bool]:
    """Requests done without a line or with an estimate, and requests with a fee (for cancelling late, say)."""
    due = (
        select(ServiceRequest, Offering.code, CHARGED, FEE_CHARGED)
        .join(Offering, Offering.id == ServiceRequest.offering_id)
        .where(
            ServiceRequest.providing_organization_id == body.district_id,
            or_(
                and_(ServiceRequest.status.in_(DONE), or_(~CHARGED, ESTIMATED)),
                and_(ServiceRequest.status.in_((*DONE, "cancelled")), ServiceRequest.fee_cents > 0, ~FEE_CHARGED),
            ),
        )
    )
    if body.after is not None:
        due = due.where(ServiceRequest.id > body.after)
    return due.order_by(ServiceRequest.id).limit(LIMIT)


async def _charges(
    session: AsyncSession, caller: Caller, served: Served, charged: bool, fee_charged: bool
) -> list[Callable[[], Awaitable[ChargeView | None]]]:
    """What there is to charge for a request: its fee, and its estimates or else what it was."""
    found: list[Callable[[], Awaitable[ChargeView | None]]] = []
    if served.request.fee_cents and not fee_charged:
        found.append(partial(_charge_fee, session, caller, served))
    if served.request.status not in DONE:
        return found
    estimated = Charge.request_id == served.request.id, Charge.stage.in_(("estimate", "approved"))
    held = select(Charge).where(*estimated).order_by(Charge.id).with_for_update()
    estimates = (await session.scalars(held)).all()
    found += [partial(accrue, session, caller, estimate) for estimate in estimates]
    if not estimates and not charged:
        found.append(partial(_charge_service, session, caller, served))
    return found


async def _charge_service(session: AsyncSession, caller: Caller, served: Served) -> ChargeView | None:
    """Write the line of a completed request; None if somebody else just did. Raises Refused if it has to wait."""
    request, code = served.request, served.code
    entitled = Entitlement.model_validate(request.entitlement)
    if entitled.charge_decided_later:
        raise Undecided("A hazard was attended to: charge it at /v1/charges, or waive it at /v1/charges/waivers.")
    if entitled.price is None:
        ground = await find_free_ground(session, caller, request, code)
        return await write_free(session, caller, served.now, ground, request, None)
    if entitled.price.model not in SINGLE:
        raise Undecided(f"It is priced {entitled.price.model}: say how much it was at /v1/charges.")
    return await _buy(session, caller, served, entitled.price)


async def _buy(session: AsyncSession, caller: Caller, served: Served, quoted: Price) -> ChargeView | None:
    """Charge one piece at the rate, which proves the cost; a quote that says otherwise has to be looked at."""
    request = served.request
    ground = await find_ground(
        session,
        caller,
        Deed(request.school_id, served.code, quoted.model, request.service_date, request_id=request.id),
    )
    rate = ground.rate
    if quoted.cents not in (None, rate.cents_per_unit):
        raise Undecided(f"{quoted.cents} cents were quoted, the rate is {rate.cents_per_unit}: charge it by hand.")
    if needs_approval(rate, rate.cents_per_unit):
        raise ApprovalNeeded("It reaches the rate's threshold: post an estimate at /v1/charges for its payer.")
    reckoning = Reckoning(
        unit=quoted.model, quantity=Decimal(1), cents_per_unit=rate.cents_per_unit, method=rate.method
    )
    return await _write(session, caller, served, ground, reckoning, "purchase")


async def _charge_fee(session: AsyncSession, caller: Caller, served: Served) -> ChargeView | None:
    """Charge what the offering's terms ask for a change that came late. Raises Invalid for a closed school."""
    request = served.request
    ground = await find_fee_ground(session, caller, request, served.code)
    reckoning = Reckoning(quantity=Decimal(1), cents_per_unit=request.fee_cents, method="Fee for a late change")
    return await _write(session, caller, served, ground, reckoning, "fee")


async def _write(
    session: AsyncSession, caller: Caller, served: Served, ground: Ground, reckoning: Reckoning, kind: ChargeKind
) -> ChargeView | None:
    of_request = {"request_id": served.request.id, "service_date": served.request.service_date}
    said = {"amount_cents": price(reckoning), "reckoning": reckoning.model_dump(mode="json", by_alias=True)}
    line = {"kind": kind, "stage": "accrued", **of_request, **said, **ground.columns()}
    return await write_line(session, caller, served.now, **line)
