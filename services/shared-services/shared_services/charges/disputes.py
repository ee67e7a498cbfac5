"""Disputes: a payer objects to a billed line, the district decides by a date, and an upheld one is put right."""

from datetime import datetime, timedelta
from uuid import UUID

from contracts.shared_services import DisputeChanged
from kit.auth import Caller
from kit.clock import today_in
from kit.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from kit.journal import record
from kit.preconditions import require_version
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services import directory
from shared_services.charges.corrections import repost
from shared_services.charges.reading import find_charge, lock_charge, visible
from shared_services.charges.schemas import Correction
from shared_services.charges.statement_schemas import DisputeDecision, DisputeView, NewDispute
from shared_services.charges.tables import Charge, Dispute

ANSWER_DAYS = 30
"""How long the district has to decide."""


class NotDisputable(Conflict):
    """This line cannot be disputed now"""

    type = "not-disputable"


class DisputeDecided(Conflict):
    """This dispute is decided already"""

    type = "dispute-decided"


async def raise_dispute(
    session: AsyncSession, caller: Caller, charge_id: UUID, body: NewDispute, now: datetime
) -> DisputeView:
    """Object to a billed line, as its payer. Raises NotFound, Forbidden, NotDisputable."""
    charge = await lock_charge(session, caller, charge_id)
    if caller.organization_id not in (None, charge.payer_id):
        raise Forbidden("Only who pays disputes a line; the district corrects it.")
    line = await find_charge(session, visible(caller), charge_id)
    if line.status not in ("billed", "settled"):
        raise NotDisputable(f"The line is `{line.status}`: only a billed or settled one is disputed.")
    zone = await directory.time_zone(session, charge.district_id)
    row = Dispute(
        version=1,
        charge_id=charge_id,
        responder_id=charge.district_id,
        raised_at=now,
        answer_by=today_in(zone, now) + timedelta(days=ANSWER_DAYS),
        **body.model_dump(),
    )
    session.add(row)
    return await _say(session, caller, row)


async def decide_dispute(
    session: AsyncSession, caller: Caller, dispute_id: UUID, said: DisputeDecision, version: int, now: datetime
) -> DisputeView:
    """Decide as the responder. An upheld dispute reverses the line and posts it again as it should have been.

    Raises NotFound, PreconditionFailed, Forbidden, DisputeDecided, NotCorrectable, Invalid.
    """
    row = await session.scalar(disputes(caller).where(Dispute.id == dispute_id).with_for_update(of=Dispute))
    if row is None:
        raise NotFound(f"There is no dispute {dispute_id} of yours.")
    require_version(version, row.version)
    if caller.organization_id not in (None, row.responder_id):
        raise Forbidden("Only the responder decides a dispute.")
    if row.decision is not None:
        raise DisputeDecided(f"It was {row.decision} at {row.decided_at}: raise another, or appeal.")
    if said.decision == "upheld":
        correction = Correction(quantity=said.quantity, amount_cents=said.amount_cents, reason=said.reason)
        await repost(session, caller, await lock_charge(session, caller, row.charge_id), correction, now)
    elif said.quantity is not None or said.amount_cents is not None:
        error = FieldError("decision", "rejected-as-it-is", "uphold the dispute, or leave the correction out")
        raise Invalid("A rejected dispute changes nothing.", errors=[error])
    row.decision, row.decision_reason, row.decided_at = said.decision, said.reason, now
    row.version += 1
    return await _say(session, caller, row)


def disputes(caller: Caller) -> Select[Dispute]:
    """The disputes on lines that the caller sees."""
    return select(Dispute).join(Charge, Charge.id == Dispute.charge_id).where(visible(caller))


def shape(row: Dispute) -> DisputeView:
    """A dispute as it is shown."""
    return DisputeView.model_validate(row, from_attributes=True)


async def _say(session: AsyncSession, caller: Caller, row: Dispute) -> DisputeView:
    """Tell the others how a dispute stands, without people's words."""
    await session.flush()
    view = shape(row)
    await record(session, DisputeChanged.model_validate(view.model_dump()), caller=caller)
    return view
