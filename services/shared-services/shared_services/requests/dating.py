"""By when something is next promised: read from a request's steps, again whenever the district's calendar changes."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.clocks.promises import PauseReason, Promises, ServiceLevel
from shared_services.clocks.rules import Moment, Reading, Working, read_clocks
from shared_services.clocks.versions import promises, working_time
from shared_services.requests.tables import ServiceRequest, Transition

PAUSES: TypeAdapter[PauseReason | None] = TypeAdapter(PauseReason | None)
WAITING = {"needs-info", "awaiting-approval", "quoted"}


def moments(steps: Sequence[Transition]) -> list[Moment]:
    """A request's steps from status to status as the clocks see them, the first one first."""
    return [
        Moment(
            at=step.at,
            status=step.to_status,
            by_provider=step.side == "provider",
            waits_for=PAUSES.validate_python(
                step.to_status if step.to_status in WAITING else step.particulars.get("holdReason")
            ),
        )
        for step in steps
        if step.from_status != step.to_status
    ]


async def level_of(session: AsyncSession, request: ServiceRequest) -> ServiceLevel | None:
    """What was promised when the request came in; later promises do not touch it."""
    if request.promise_version is None:
        return None
    promised = await promises(session, request.providing_organization_id, request.promise_version)
    return promised[0].service_level(request.service_level) if promised else None


async def steps_of(session: AsyncSession, *request_ids: UUID) -> dict[UUID, list[Transition]]:
    """Every step of some requests, the first one first."""
    found: dict[UUID, list[Transition]] = defaultdict(list)
    query = select(Transition).where(Transition.request_id.in_(request_ids)).order_by(Transition.version)
    for step in await session.scalars(query):
        found[step.request_id].append(step)
    return found


def next_due(
    request: ServiceRequest, level: ServiceLevel, steps: Sequence[Transition], working: Working | None
) -> datetime | None:
    """The nearest instant by which something is still promised."""
    readings = read_clocks(level, request.priority, moments(steps), working, request.updated_at)
    return min((reading.due_at for reading in readings if reading.runs and reading.due_at), default=None)


async def due_times(session: AsyncSession, requests: Sequence[ServiceRequest]) -> dict[UUID, datetime | None]:
    """By when something is next promised of requests, from all that happened to them; unpromised ones stay out."""
    promised = [request for request in requests if request.promise_version is not None]
    steps = await steps_of(session, *(request.id for request in promised)) if promised else {}
    found: dict[UUID, datetime | None] = {}
    for district_id in {request.providing_organization_id for request in promised}:
        mine = [request for request in promised if request.providing_organization_id == district_id]
        working = await working_time(session, district_id)
        terms = await _promises_by_version(session, district_id, {request.promise_version for request in mine})
        for request in mine:
            level = terms[request.promise_version].service_level(request.service_level)
            found[request.id] = next_due(request, level, steps[request.id], working) if level else None
    return found


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


async def _promises_by_version(
    session: AsyncSession, district_id: UUID, versions: set[int | None]
) -> dict[int | None, Promises]:
    rows = [await promises(session, district_id, version) for version in versions]
    return {version: terms for terms, version in filter(None, rows)}
