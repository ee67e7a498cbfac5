"""Estimates: what something will cost, who has to agree, and the step onto the ledger when the work is done."""

from uuid import UUID

from kit.auth import Caller
from kit.errors import Conflict, Forbidden
from kit.preconditions import require_version
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.charges.grounds import Deed, find_ground
from shared_services.charges.ledger import open_month, say
from shared_services.charges.rate_schemas import RateView
from shared_services.charges.rates import require_district
from shared_services.charges.reading import lock_charge
from shared_services.charges.schemas import Approval, ChargeView, Reckoning
from shared_services.charges.tables import Charge
from shared_services.charges.vocabulary import Purpose


class NotAnEstimate(Conflict):
    """Only an estimate can take this step"""

    type = "not-an-estimate"


class ApprovalNeeded(Conflict):
    """The payer has to approve an estimate first"""

    type = "approval-needed"


def needs_approval(rate: RateView, amount_cents: int) -> bool:
    """True if an estimate of this amount needs its payer's approval."""
    return rate.approval_threshold_cents is not None and amount_cents >= rate.approval_threshold_cents


async def decide_estimate(
    session: AsyncSession, caller: Caller, charge_id: UUID, said: Approval, version: int
) -> ChargeView:
    """Approve an estimate, as its payer; decline it, as its payer or the district.

    Raises NotFound, PreconditionFailed, NotAnEstimate, Forbidden.
    """
    charge = await lock_charge(session, caller, charge_id)
    require_version(version, charge.version)
    if charge.stage not in ("estimate", "approved") or charge.stage == said.decision:
        raise NotAnEstimate(f"The line is `{charge.stage}`: only an estimate is decided.")
    if said.decision == "approved" and caller.organization_id not in (None, charge.payer_id):
        raise Forbidden("Only who pays approves an estimate.")
    charge.stage, charge.version = said.decision, charge.version + 1
    charge.reason = said.reason or charge.reason
    await session.flush()
    return await say(session, caller, charge_id)


async def decline(session: AsyncSession, caller: Caller, charge: Charge, reason: str) -> ChargeView:
    """Withdraw a held estimate."""
    charge.stage, charge.version, charge.reason = "declined", charge.version + 1, reason
    await session.flush()
    return await say(session, caller, charge.id)


async def hand_estimate_to(session: AsyncSession, caller: Caller, charge: Charge, payer_id: UUID) -> ChargeView:
    """Let another pay for a held estimate, as far as it approves it."""
    charge.payer_id, charge.stage, charge.version = payer_id, "estimate", charge.version + 1
    await session.flush()
    return await say(session, caller, charge.id)


async def accrue_charge(session: AsyncSession, caller: Caller, charge_id: UUID, version: int) -> ChargeView:
    """Put an approved estimate on the ledger: the work is done.

    Raises NotFound, PreconditionFailed, Forbidden, NotAnEstimate, ApprovalNeeded, Invalid.
    """
    charge = await lock_charge(session, caller, charge_id)
    require_district(caller, charge.district_id)
    require_version(version, charge.version)
    return await accrue(session, caller, charge)


async def accrue(session: AsyncSession, caller: Caller, charge: Charge) -> ChargeView:
    """Accrue a held estimate, if its ground still stands. Raises NotAnEstimate, ApprovalNeeded, Invalid."""
    if charge.stage == "estimate":
        raise ApprovalNeeded("Its payer has not approved it yet.")
    if charge.stage != "approved":
        raise NotAnEstimate(f"The line is `{charge.stage}`: only an approved estimate is accrued.")
    await find_ground(session, caller, _deed(charge))
    charge.month = await open_month(session, charge.district_id, charge.service_date)
    charge.stage, charge.version = "accrued", charge.version + 1
    await session.flush()
    return await say(session, caller, charge.id)


def _deed(charge: Charge) -> Deed:
    """What a line charges, so that its ground can be proved again: the school may have closed since."""
    unit = Reckoning.model_validate(charge.reckoning).unit
    assert unit is not None
    purpose: Purpose = "credit" if charge.kind == "credit" else "price"
    return Deed(
        charge.school_id,
        charge.offering,
        unit,
        charge.service_date,
        charge.service_to,
        purpose,
        request_id=charge.request_id,
    )
