"""Dated rates, and the laws they have to keep: a price that a law forbids is never published."""

from datetime import date
from uuid import UUID

from contracts.shared_services import RateChanged
from kit.auth import Caller
from kit.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from kit.journal import record
from kit.periods import Overlap, period
from kit.preconditions import require_version
from sqlalchemy import ColumnElement, exists, func, or_, select, true
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services import directory
from shared_services.catalog.tables import Offering
from shared_services.charges.pricing import unlawful
from shared_services.charges.rate_schemas import (
    ChargingRuleView,
    NewChargingRule,
    NewRate,
    Proof,
    RateProof,
    RateView,
)
from shared_services.charges.tables import Charge, ChargingRule, Rate


class RateInUse(Conflict):
    """The rate was charged on a later day"""

    type = "rate-in-use"


async def publish_rate(session: AsyncSession, caller: Caller, body: NewRate) -> RateView:
    """Publish a rate. Raises Forbidden, Invalid with the clause that a price breaks, Overlap."""
    require_district(caller, body.district_id)
    during = _period(body.valid_from, body.valid_to)
    errors = unlawful(body, await laws(session, body.district_id, body.arrangement, during))
    if not await is_offered(session, body.district_id, body.offering):
        message = f"choose a code of /v1/offerings?districtId={body.district_id}"
        errors.append(FieldError("offering", "not-in-catalogue", message, value=body.offering))
    if errors:
        raise Invalid("The rate cannot be published; see `errors`.", errors=errors)
    row = Rate(version=1, during=during, **body.model_dump(exclude={"valid_from", "valid_to"}))
    session.add(row)
    try:
        await session.flush()
    except IntegrityError as error:
        raise Overlap("There is such a rate in this period: end it first, then publish the next one.") from error
    return await _say(session, caller, row)


async def end_rate(session: AsyncSession, caller: Caller, rate_id: UUID, day: date, version: int) -> RateView:
    """End a rate on a day that lies in its period and after all that was charged by it.

    Raises NotFound, PreconditionFailed, Invalid, RateInUse.
    """
    row = await session.scalar(select(Rate).where(Rate.id == rate_id, _own(caller)).with_for_update())
    if row is None:
        raise _unknown(rate_id)
    require_version(version, row.version)
    start, end = row.during.lower, row.during.upper
    if start is None or day <= start or (end is not None and day > end):
        message = f"choose a day after {start}{f' and not after {end}' if end else ''}"
        raise Invalid("A rate can only end earlier.", errors=[FieldError("validTo", "in-period", message)])
    last = await session.scalar(select(func.max(Charge.service_date)).where(Charge.rate_id == rate_id))
    if last is not None and day <= last:
        raise RateInUse(f"It was charged for {last}: choose a later day, or correct those lines first.")
    row.during, row.version = period(start, day), row.version + 1
    await session.flush()
    return await _say(session, caller, row)


async def set_charging_rule(session: AsyncSession, caller: Caller, body: NewChargingRule) -> ChargingRuleView:
    """Write down what a law says about a district's prices; rates that break it charge nothing from then on.

    Raises Forbidden, Invalid.
    """
    require_district(caller, body.district_id)
    if not await directory.is_district(session, body.district_id):
        raise Invalid(
            "There is no such district.", errors=[FieldError("districtId", "unknown-district", "register it")]
        )
    if (body.kind == "fee-cap") != (body.cap_cents is not None):
        error = FieldError("capCents", "with-fee-cap", "say it with `fee-cap`, and only there")
        raise Invalid("The rule is incomplete; see `errors`.", errors=[error])
    said = body.model_dump(exclude={"valid_from", "valid_to"})
    row = ChargingRule(during=_period(body.valid_from, body.valid_to), **said)
    session.add(row)
    await session.flush()
    return shape_rule(row)


async def laws(
    session: AsyncSession, district_id: UUID, arrangement: str | None, during: Range[date]
) -> list[ChargingRuleView]:
    """The rules that hold at some time of `during` for schools run like this; no arrangement: for any school."""
    held = select(ChargingRule).where(ChargingRule.district_id == district_id, ChargingRule.during.overlaps(during))
    if arrangement is not None:
        held = held.where(or_(ChargingRule.arrangement.is_(None), ChargingRule.arrangement == arrangement))
    return [shape_rule(row) for row in await session.scalars(held.order_by(ChargingRule.id))]


async def is_offered(session: AsyncSession, district_id: UUID, code: str) -> bool:
    """True if the district has, had or will have an offering with this code."""
    offered = exists().where(Offering.district_id == district_id, Offering.code == code)
    return bool(await session.scalar(select(offered)))


async def show_rate(session: AsyncSession, rate_id: UUID) -> RateView:
    """One rate. Raises NotFound."""
    row = await session.get(Rate, rate_id)
    if row is None:
        raise _unknown(rate_id)
    return shape(row)


async def prove_rate(session: AsyncSession, rate_id: UUID) -> RateProof:
    """A rate against the laws on it. Raises NotFound."""
    rate = await show_rate(session, rate_id)
    during = period(rate.valid_from, rate.valid_to)
    rules = await laws(session, rate.district_id, rate.arrangement, during)
    return RateProof(rate=rate, proofs=[Proof(rule=rule, kept=not unlawful(rate, [rule])) for rule in rules])


def shape(row: Rate) -> RateView:
    """A rate as it is shown."""
    said = {name: getattr(row, name) for name in RateView.model_fields if hasattr(row, name)}
    return RateView(**said, valid_from=row.during.lower, valid_to=row.during.upper)


def shape_rule(row: ChargingRule) -> ChargingRuleView:
    """A rule as it is shown."""
    said = {name: getattr(row, name) for name in ChargingRuleView.model_fields if hasattr(row, name)}
    return ChargingRuleView(**said, valid_from=row.during.lower, valid_to=row.during.upper)


def require_district(caller: Caller, district_id: UUID) -> None:
    """Raise Forbidden unless the caller acts for the district or for the platform."""
    if caller.organization_id not in (None, district_id):
        raise Forbidden("Only the district itself or the platform's administrator does this.")


def _own(caller: Caller) -> ColumnElement[bool]:
    return true() if caller.organization_id is None else Rate.district_id == caller.organization_id


def _period(start: date, end: date | None) -> Range[date]:
    if end is not None and end <= start:
        error = FieldError("validTo", "after-start", f"must lie after validFrom, {start}", value=str(end))
        raise Invalid("The period ends before it begins.", errors=[error])
    return period(start, end)


def _unknown(rate_id: UUID) -> NotFound:
    return NotFound(f"There is no rate {rate_id}.")


async def _say(session: AsyncSession, caller: Caller, row: Rate) -> RateView:
    view = shape(row)
    await record(session, RateChanged.model_validate(view.model_dump()), caller=caller)
    return view
