"""By when something is next promised: read from a request's steps, again whenever the district's calendar changes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.shared_services import RequestPriority, RequestStatus
from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.clocks.contracts import targets_by_contract
from shared_services.clocks.promises import PauseReason, ServiceLevel
from shared_services.clocks.rules import Moment, Reading, Working, read_clocks
from shared_services.clocks.versions import promises, working_time
from shared_services.requests.tables import ServiceRequest, Transition

PAUSES: TypeAdapter[PauseReason | None] = TypeAdapter(PauseReason | None)
WAITING = {"needs-info", "awaiting-approval", "quoted"}


def moment(at: datetime, status: RequestStatus, side: str, particulars: Mapping[str, Any]) -> Moment:
    """A step to a status as the clocks see it."""
    waits_for = PAUSES.validate_python(status if status in WAITING else particulars.get("holdReason"))
    return Moment(at, status, by_provider=side == "provider", waits_for=waits_for)


def moments(steps: Sequence[Transition]) -> list[Moment]:
    """A request's steps from status to status as the clocks see them, the first one first."""
    return [
        moment(step.at, step.to_status, step.side, step.particulars)
        for step in steps
        if step.from_status != step.to_status
    ]


async def levels_of(session: AsyncSession, requests: Sequence[ServiceRequest]) -> dict[UUID, ServiceLevel]:
    """What was promised when requests came in, by contract before policy; later promises do not touch it."""
    promised = [request for request in requests if request.promise_version is not None]
    by_contract = await targets_by_contract(session, (request.contract_promise_id for request in promised))
    versions = {(request.providing_organization_id, request.promise_version) for request in promised}
    terms = {named: await promises(session, *named) for named in versions}
    levels: dict[UUID, ServiceLevel] = {}
    for request in promised:
        said = terms[request.providing_organization_id, request.promise_version]
        level = said[0].service_level(request.service_level) if said else None
        if level is not None:
            levels[request.id] = level.with_contract(by_contract.get(request.contract_promise_id, ()))
    return levels


async def level_of(session: AsyncSession, request: ServiceRequest) -> ServiceLevel | None:
    """What was promised when the request came in."""
    return (await levels_of(session, [request])).get(request.id)


async def district_level_of(session: AsyncSession, request: ServiceRequest) -> ServiceLevel | None:
    """What the district promised to all when the request came in."""
    if request.promise_version is None:
        return None
    said = await promises(session, request.providing_organization_id, request.promise_version)
    return said[0].service_level(request.service_level) if said else None


async def steps_of(session: AsyncSession, *request_ids: UUID) -> dict[UUID, list[Transition]]:
    """Every step of some requests, the first one first."""
    found: dict[UUID, list[Transition]] = defaultdict(list)
    query = select(Transition).where(Transition.request_id.in_(request_ids)).order_by(Transition.version)
    for step in await session.scalars(query):
        found[step.request_id].append(step)
    return found


def next_due(
    level: ServiceLevel,
    priority: RequestPriority | None,
    taken: Sequence[Moment],
    working: Working | None,
    now: datetime,
) -> datetime | None:
    """The nearest instant by which something is still promised of a request that took these steps."""
    readings = read_clocks(level, priority, taken, working, now)
    return min((reading.due_at for reading in readings if reading.runs and reading.due_at), default=None)


async def due_times(session: AsyncSession, requests: Sequence[ServiceRequest]) -> dict[UUID, datetime | None]:
    """By when something is next promised of requests, from all that happened to them; unpromised ones stay out."""
    levels = await levels_of(session, requests)
    promised = [request for request in requests if request.id in levels]
    steps = await steps_of(session, *levels) if promised else {}
    districts = {request.providing_organization_id for request in promised}
    working = {district_id: await working_time(session, district_id) for district_id in districts}
    return {
        one.id: next_due(
            levels[one.id], one.priority, moments(steps[one.id]), working[one.providing_organization_id], one.updated_at
        )
        for one in promised
    }


async def read_request_clocks(
    session: AsyncSession, request: ServiceRequest, known_at: datetime | None, now: datetime
) -> tuple[list[Reading], ServiceLevel | None, Working | None]:
    """What the clocks of a request say now, by the calendar that was known at an instant."""
    level = await level_of(session, request)
    working = await working_time(session, request.providing_organization_id, known_at)
    if level is None:
        return [], None, working
    steps = (await steps_of(session, request.id))[request.id]
    return read_clocks(level, request.priority, moments(steps), working, now), level, working
