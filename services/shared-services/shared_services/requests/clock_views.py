"""What the clocks of a request look like on the wire."""

from datetime import datetime
from uuid import UUID

from contracts.shared_services import RequestPriority
from contracts.vocabulary import Wire
from kit.auth import Caller
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.clocks.promises import ClockName, ServiceLevel, Target
from shared_services.clocks.rules import Reading
from shared_services.requests.dating import read_request_clocks
from shared_services.requests.reading import unknown, visible
from shared_services.requests.tables import ServiceRequest


class ClockView(Wire):
    """One promise: by when, whether it was kept, and who is told of it by now."""

    clock: ClockName
    target: Target
    due_at: datetime | None = Field(description="A pause that goes on is counted to its limit; null: no calendar.")
    met_at: datetime | None
    stopped_at: datetime | None = Field(description="When the request ended without it.")
    paused_since: datetime | None
    late: bool
    used_percent: int
    escalated_to: list[str]


class ClocksView(Wire):
    """The clocks of a request, and by which calendar they were read."""

    request_id: UUID
    calendar_version: int | None
    promise_version: int | None
    service_level: str | None
    priority: RequestPriority | None
    clocks: list[ClockView]


async def show_request_clocks(
    session: AsyncSession, caller: Caller, request_id: UUID, known_at: datetime | None, now: datetime
) -> ClocksView:
    """What the clocks of a request say now, by today's calendar or the one known at an instant. Raises NotFound."""
    request = await session.scalar(select(ServiceRequest).where(ServiceRequest.id == request_id, visible(caller)))
    if request is None:
        raise unknown(request_id)
    readings, level, working = await read_request_clocks(session, request, known_at, now)
    return ClocksView(
        request_id=request.id,
        calendar_version=working and working.version,
        promise_version=request.promise_version,
        service_level=request.service_level,
        priority=request.priority,
        clocks=[_view(reading, level, now) for reading in readings if level],
    )


def _view(reading: Reading, level: ServiceLevel, now: datetime) -> ClockView:
    told = [step.to for step in level.escalations if reading.used * 100 >= step.at_percent]
    return ClockView(
        clock=reading.clock,
        target=reading.target,
        due_at=reading.due_at,
        met_at=reading.met_at,
        stopped_at=reading.stopped_at,
        paused_since=reading.paused_since,
        late=reading.late(now),
        used_percent=int(reading.used * 100),
        escalated_to=told if reading.runs else [],
    )
