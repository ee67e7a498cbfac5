"""A step is told: written into the history, its clocks read anew, and said to the others."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.shared_services import RequestStatus, ServiceRequestChanged
from kit.auth import Caller
from kit.journal import record
from sqlalchemy import true
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.requests.dating import due_times
from shared_services.requests.reading import find_request
from shared_services.requests.schemas import Particulars, RequestView, Side
from shared_services.requests.tables import ServiceRequest, Start, Transition

NOTHING_ELSE = Particulars()


@dataclass(frozen=True)
class Act:
    """Who takes a step and on which side (no caller: the service itself), when, why, and what else it says."""

    caller: Caller | None
    side: Side
    at: datetime
    reason: str | None = None
    particulars: Particulars = NOTHING_ELSE


async def change(session: AsyncSession, request: ServiceRequest, act: Act) -> RequestView:
    """Tell of a change that leaves the status as it is."""
    request.version, request.updated_at = request.version + 1, act.at
    return await say(session, request, act, request.status)


async def say(session: AsyncSession, request: ServiceRequest, act: Act, start: RequestStatus) -> RequestView:
    """Write down the step that the request just took from `start`, and tell the others."""
    await session.flush()
    session.add(transition(request, act, start))
    await session.flush()
    due_at = (await due_times(session, [request])).get(request.id)
    if request.due_at != due_at:
        request.due_at = due_at
        await session.flush()
    view = await find_request(session, true(), request.id)
    await record(session, changed(view), caller=act.caller)
    return view


def transition(request: ServiceRequest, act: Act, start: RequestStatus) -> Transition:
    """The step that a request took, as a row."""
    return Transition(**step(request, act, start))


def step(request: ServiceRequest | RequestView, act: Act, start: Start | None) -> dict[str, Any]:
    """The step that a request took, as the columns of a row."""
    return {
        "request_id": request.id,
        "version": request.version,
        "at": act.at,
        "from_status": start,
        "to_status": request.status,
        "side": act.side,
        "client_id": act.caller.client_id if act.caller else "system",
        "organization_id": act.caller and act.caller.organization_id,
        "reason": act.reason,
        "particulars": act.particulars.model_dump(mode="json", by_alias=True, exclude_none=True),
    }


def changed(view: RequestView) -> ServiceRequestChanged:
    """The public state of a request: no text of a person, no reference of a rider."""
    said = view.model_dump(include=set(ServiceRequestChanged.model_fields) - {"refusal"})
    derived = {"service_class": view.entitlement.service_class, "refusal": view.refusal and view.refusal.rule}
    return ServiceRequestChanged.model_validate(said | derived)
