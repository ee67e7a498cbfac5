"""A step is told: written into the history, its clocks read anew, and said to the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.shared_services import RequestStatus, ServiceRequestChanged
from kit.auth import Caller
from kit.journal import record
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.requests.dating import due_times
from shared_services.requests.reading import requests, shape
from shared_services.requests.schemas import Particulars, RequestView, Side
from shared_services.requests.tables import ServiceRequest, Transition

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


async def say(session: AsyncSession, request: ServiceRequest, act: Act, start: RequestStatus | None) -> RequestView:
    """Write down the step that the request just took from `start`, and tell the others."""
    return (await say_all(session, [(request, act)], start))[0]


async def say_all(
    session: AsyncSession, taken: Sequence[tuple[ServiceRequest, Act]], start: RequestStatus | None
) -> list[RequestView]:
    """Write down the same step of several requests, and tell the others; the views in that order."""
    await session.flush()
    session.add_all(transition(request, act, start) for request, act in taken)
    await session.flush()
    due = await due_times(session, [request for request, _ in taken])
    for request, _ in taken:
        if request.due_at != due.get(request.id):
            request.due_at = due.get(request.id)
    await session.flush()
    rows = await session.execute(requests(ServiceRequest.id.in_([request.id for request, _ in taken])))
    views = {view.id: view for view in map(shape, rows)}
    told = [views[request.id] for request, _ in taken]
    await record(session, *map(changed, told), caller=taken[0][1].caller)
    return told


def transition(request: ServiceRequest, act: Act, start: RequestStatus | None) -> Transition:
    """The step as a row."""
    return Transition(
        request_id=request.id,
        version=request.version,
        at=act.at,
        from_status=start,
        to_status=request.status,
        side=act.side,
        client_id=act.caller.client_id if act.caller else "system",
        organization_id=act.caller and act.caller.organization_id,
        reason=act.reason,
        particulars=act.particulars.model_dump(mode="json", by_alias=True, exclude_none=True),
    )


def changed(view: RequestView) -> ServiceRequestChanged:
    """The public state of a request: no text of a person, no reference of a rider."""
    said = view.model_dump(include=set(ServiceRequestChanged.model_fields) - {"refusal"})
    derived = {"service_class": view.entitlement.service_class, "refusal": view.refusal and view.refusal.rule}
    return ServiceRequestChanged.model_validate(said | derived)
