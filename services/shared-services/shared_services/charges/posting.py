"""What finance puts on the ledger: charges, credits, and sums that several schools bear together."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from contracts.registry import SchoolChanged
from kit.auth import Caller
from kit.errors import Conflict, FieldError, Invalid
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.catalog.tables import Offering
from shared_services.charges.estimates import ApprovalNeeded, needs_approval
from shared_services.charges.grounds import Deed, Ground, PricedGround, find_free_ground, find_ground
from shared_services.charges.ledger import write_line
from shared_services.charges.pricing import price, split
from shared_services.charges.rate_schemas import RateView
from shared_services.charges.schemas import Allocation, ChargeView, NewAllocation, NewCharge, Reckoning, Waiver
from shared_services.charges.vocabulary import YEARLY, ChargeStage
from shared_services.directory import School
from shared_services.requests.reading import visible
from shared_services.requests.tables import ServiceRequest

Weights = Sequence[tuple[UUID, Fraction]]


class AlreadyCharged(Conflict):
    """The request is charged already"""

    type = "already-charged"


async def post_charge(session: AsyncSession, caller: Caller, body: NewCharge, now: datetime) -> ChargeView:
    """Charge a service to a school, or credit it. Raises Invalid, AlreadyCharged, ApprovalNeeded."""
    ground = await find_ground(session, caller, _deed(body, body.school_id))
    await _refuse_foreign_request(session, ground, body.request_id, [body.school_id])
    reckoning = _reckoning(ground.rate, body)
    amount = price(reckoning)
    line = {"amount_cents": amount, "reckoning": reckoning, "stage": _stage(ground.rate, body, amount)}
    return await _post(session, caller, now, ground, body, **line)


async def allocate_charge(session: AsyncSession, caller: Caller, body: NewAllocation, now: datetime) -> Allocation:
    """Charge one sum to several schools, exact to the cent. Raises Invalid, AlreadyCharged."""
    weights = await _weights(session, body)
    grounds = {school_id: await find_ground(session, caller, _deed(body, school_id)) for school_id, _ in weights}
    rates = {ground.rate.id: ground.rate for ground in grounds.values()}
    if len(rates) > 1:
        error = FieldError("shares", "one-rate", "charge schools with different rates one by one")
        raise Invalid("The schools do not have the same rate.", errors=[error])
    await _refuse_foreign_request(session, next(iter(grounds.values())), body.request_id, list(grounds))
    reckoning = _reckoning(next(iter(rates.values())), body)
    whole, total = sum((weight for _, weight in weights), Fraction(0)), price(reckoning)
    parts, posted = split(total, weights), []
    for school_id, weight in sorted(weights):
        own = reckoning.model_copy(update={"allocated": str(weight / whole)})
        line = {"amount_cents": parts[school_id], "reckoning": own, "stage": "accrued"}
        posted.append(await _post(session, caller, now, grounds[school_id], body, **line))
    return Allocation(amount_cents=total, charges=posted)


async def waive_charge(session: AsyncSession, caller: Caller, body: Waiver, now: datetime) -> ChargeView:
    """Let a request cost nothing, and show it at zero all the same. Raises Invalid, AlreadyCharged."""
    asked = select(ServiceRequest, Offering.code).join(Offering, Offering.id == ServiceRequest.offering_id)
    found = (await session.execute(asked.where(ServiceRequest.id == body.request_id, visible(caller)))).one_or_none()
    if found is None:
        raise _foreign(body.request_id)
    request: ServiceRequest = found.ServiceRequest
    ground = await find_free_ground(session, caller, request, found.code)
    view = await write_free(session, caller, now, ground, request, body.reason)
    if view is None:
        raise AlreadyCharged("There is a line for it: correct that one, or decline the estimate.")
    return view


async def write_free(
    session: AsyncSession, caller: Caller, now: datetime, ground: Ground, request: ServiceRequest, reason: str | None
) -> ChargeView | None:
    """Write a request's line at zero; None if there is one."""
    reckoning = Reckoning(quantity=Decimal(1), cents_per_unit=0, method="Waived" if reason else "Included")
    return await write_line(
        session,
        caller,
        now,
        kind="included",
        stage="accrued",
        request_id=request.id,
        service_date=request.service_date,
        amount_cents=0,
        reckoning=reckoning.model_dump(mode="json", by_alias=True),
        reason=reason,
        **ground.columns(),
    )


async def _post(
    session: AsyncSession,
    caller: Caller,
    now: datetime,
    ground: PricedGround,
    body: NewCharge | NewAllocation,
    **line: Any,
) -> ChargeView:
    reckoning: Reckoning = line.pop("reckoning")
    view = await write_line(
        session,
        caller,
        now,
        kind="credit" if ground.rate.purpose == "credit" else "purchase",
        reckoning=reckoning.model_dump(mode="json", by_alias=True),
        **ground.columns(),
        **body.model_dump(include={"request_id", "service_date", "service_to", "reason"}),
        **line,
    )
    if view is None:
        raise AlreadyCharged("There is a line for it: correct that one by an amount, or accrue the estimate.")
    return view


def _stage(rate: RateView, body: NewCharge, amount_cents: int) -> ChargeStage:
    """Work on request over the rate's threshold begins as an estimate; yearly charges rest on an election."""
    needed = needs_approval(rate, amount_cents)
    if body.stage == "estimate":
        return "estimate" if needed else "approved"
    if needed and body.request_id is not None:
        raise ApprovalNeeded("It reaches the rate's threshold: post it with the stage `estimate`.")
    return "accrued"


def _reckoning(rate: RateView, body: NewCharge | NewAllocation) -> Reckoning:
    if body.pro_rata is not None and (body.unit not in YEARLY or body.pro_rata.days > body.pro_rata.of_days):
        error = FieldError("proRata", "part-of-a-year", "say it with a yearly unit, and days up to ofDays")
        raise Invalid("The part of the year does not fit.", errors=[error])
    sign = -1 if rate.purpose == "credit" else 1
    return Reckoning(
        unit=body.unit,
        quantity=body.quantity,
        cents_per_unit=sign * rate.cents_per_unit,
        method=rate.method,
        pro_rata=body.pro_rata,
    )


async def _weights(session: AsyncSession, body: NewAllocation) -> Weights:
    """Who bears which part: by the shares given, or by what is known of the building on the day."""
    if (body.shares is None) == (body.building_id is None):
        raise Invalid(
            "Say either `shares` or `buildingId`.", errors=[FieldError("shares", "one-of", "say one of both")]
        )
    if body.building_id is not None:
        weights = await _occupants(session, body)
    else:
        weights = [(share.school_id, Fraction(share.weight)) for share in body.shares or []]
    if len({school_id for school_id, _ in weights}) != len(weights) or len(weights) < 2:
        error = FieldError("shares", "several-schools", "name two schools or more, each once")
        raise Invalid("A sum is shared by two schools or more.", errors=[error])
    return weights


async def _occupants(session: AsyncSession, body: NewAllocation) -> Weights:
    """The schools in a building on the day, by their shares of it; equally, unless every share is known."""
    there = School.said["buildings"].contains([{"buildingId": str(body.building_id)}])
    schools = [SchoolChanged.model_validate(said) for said in await session.scalars(select(School.said).where(there))]
    shares = {
        school.id: one.share
        for school in schools
        for one in school.buildings
        if one.building_id == body.building_id and one.covers(body.service_date)
    }
    if all(shares.values()):
        return [(school_id, Fraction(str(share))) for school_id, share in shares.items()]
    return [(school_id, Fraction(1)) for school_id in shares]


async def _refuse_foreign_request(
    session: AsyncSession, ground: Ground, request_id: UUID | None, schools: Sequence[UUID]
) -> None:
    if request_id is None:
        return
    served = ServiceRequest.providing_organization_id == ground.district_id, ServiceRequest.school_id.in_(schools)
    if await session.scalar(select(ServiceRequest.id).where(ServiceRequest.id == request_id, *served)) is None:
        raise _foreign(request_id)


def _foreign(request_id: UUID) -> Invalid:
    error = FieldError("requestId", "not-of-this-school", "name a request of the school", value=str(request_id))
    return Invalid("There is no such request of the school.", errors=[error])


def _deed(body: NewCharge | NewAllocation, school_id: UUID) -> Deed:
    purpose = body.purpose if isinstance(body, NewCharge) else "price"
    return Deed(
        school_id, body.offering, body.unit, body.service_date, body.service_to, purpose, request_id=body.request_id
    )
