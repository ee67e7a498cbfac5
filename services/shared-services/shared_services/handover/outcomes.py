"""What a decision does: each kind of item is transferred, cancelled, or left to be completed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from kit.auth import Caller
from sqlalchemy import ColumnElement, select, true
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.charges.corrections import charge_another
from shared_services.charges.estimates import decline, hand_estimate_to
from shared_services.charges.reading import lock_charge
from shared_services.handover.schemas import Item, Outcome
from shared_services.requests.lifecycle import NOT_STARTED, OPEN
from shared_services.requests.reading import find_request
from shared_services.requests.reconciling import cancel
from shared_services.requests.tables import Series, ServiceRequest, TransferredRequest
from shared_services.requests.telling import Act, change


@dataclass(frozen=True)
class Deciding:
    """Who decides when and why, and who takes over from which day on."""

    caller: Caller
    successor_id: UUID | None
    effective_on: date
    reason: str
    now: datetime

    @property
    def act(self) -> Act:
        """The step that it is for a request."""
        return Act(self.caller, "provider", self.now, f"Handover of {self.effective_on}: {self.reason}")


async def apply(session: AsyncSession, deciding: Deciding, item: Item, outcome: Outcome) -> None:
    """Let an item become what was decided. What is to be completed stays as it is, and elections are the registry's."""
    if outcome == "complete" or item.id is None:
        return
    if item.kind == "request":
        await _decide_requests(session, deciding, outcome, ServiceRequest.id == item.id)
    elif item.kind == "series":
        await _decide_series(session, deciding, outcome, item.id)
    else:
        await _decide_charge(session, deciding, outcome, item.id)


async def _decide_series(session: AsyncSession, deciding: Deciding, outcome: Outcome, series_id: UUID) -> None:
    """A series goes with its requests; cancelled, it does not happen from the day on."""
    of_it = ServiceRequest.series_id == series_id
    if outcome == "cancel":
        coming = ServiceRequest.service_date >= deciding.effective_on
        await _decide_requests(session, deciding, outcome, of_it, coming, ServiceRequest.status.in_(NOT_STARTED))
        return
    series = await session.get_one(Series, series_id)
    series.requesting_organization_id = _successor(deciding)
    await _decide_requests(session, deciding, outcome, of_it, ServiceRequest.status.in_(OPEN))


async def _decide_requests(
    session: AsyncSession, deciding: Deciding, outcome: Outcome, *which: ColumnElement[bool]
) -> None:
    held = select(ServiceRequest).where(*which).order_by(ServiceRequest.id).with_for_update()
    requests: Iterable[ServiceRequest] = (await session.scalars(held)).all()
    for request in requests:
        if outcome == "cancel":
            await cancel(session, request, deciding.act)
            continue
        await _keep_as_it_was(session, request, deciding)
        request.requesting_organization_id = _successor(deciding)
        # The number that the former operator gave it in its own system; the handover keeps it.
        request.external_id = None
        await change(session, request, deciding.act)


async def _keep_as_it_was(session: AsyncSession, request: ServiceRequest, deciding: Deciding) -> None:
    """Keep what the former operator may still know of a request."""
    view = await find_request(session, true(), request.id)
    kept = upsert(TransferredRequest).values(
        former_id=request.requesting_organization_id,
        request_id=request.id,
        transferred_at=deciding.now,
        as_it_was=view.model_dump(mode="json", by_alias=True),
    )
    newest = {name: kept.excluded[name] for name in ("transferred_at", "as_it_was")}
    await session.execute(kept.on_conflict_do_update(index_elements=["former_id", "request_id"], set_=newest))


async def _decide_charge(session: AsyncSession, deciding: Deciding, outcome: Outcome, charge_id: UUID) -> None:
    charge = await lock_charge(session, deciding.caller, charge_id)
    if outcome == "cancel":
        await decline(session, deciding.caller, charge, deciding.reason)
    elif charge.stage == "accrued":
        await charge_another(session, deciding.caller, charge, _successor(deciding), deciding.reason, deciding.now)
    else:
        await hand_estimate_to(session, deciding.caller, charge, _successor(deciding))


def _successor(deciding: Deciding) -> UUID:
    assert deciding.successor_id is not None, "the rules allow no transfer to nobody"
    return deciding.successor_id
