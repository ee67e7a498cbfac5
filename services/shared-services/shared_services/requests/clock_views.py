"""What the clocks of a request look like on the wire."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.shared_services import RequestPriority
from contracts.vocabulary import Wire
from kit.auth import Caller
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.clocks.contracts import targets_of
from shared_services.clocks.promises import ClockName, ServiceLevel, Target
from shared_services.clocks.rules import Reading
from shared_services.clocks.tables import ContractPromise
from shared_services.requests.dating import district_level_of, read_request_clocks
from shared_services.requests.forecast import expected_completion
from shared_services.requests.reading import unknown, visible
from shared_services.requests.tables import ServiceRequest

Layer = Literal["agreement", "district-policy"]


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
    promised_by: Layer = Field(description="Whose word this target is: the agreement's or the district's.")


class PromiseLayer(Wire):
    """One of those who promised something: of each clock and priority, the first in the list decides."""

    layer: Layer
    source: str = Field(examples=["Network agreement, exhibit D 3", "Service levels of the district, version 3"])
    id: UUID | None = Field(default=None, description="Of a contract's promise: see /v1/service-levels/contracts.")
    targets: list[Target]


class ClocksView(Wire):
    """The clocks of a request, and by which calendar they were read."""

    request_id: UUID
    calendar_version: int | None
    promise_version: int | None
    service_level: str | None
    priority: RequestPriority | None
    resolution: list[PromiseLayer] = Field(description="Who promised what, the one that prevails first.")
    expected_completion_at: datetime | None = Field(
        description="By how long the last requests like it took; null: too few are known, or it is done."
    )
    likely_late: bool = Field(description="True if the completion is expected after it is due.")
    clocks: list[ClockView]


async def show_request_clocks(
    session: AsyncSession, caller: Caller, request_id: UUID, known_at: datetime | None, now: datetime
) -> ClocksView:
    """What the clocks of a request say now, by today's calendar or the one known at an instant. Raises NotFound."""
    request = await session.scalar(select(ServiceRequest).where(ServiceRequest.id == request_id, visible(caller)))
    if request is None:
        raise unknown(request_id)
    readings, level, working = await read_request_clocks(session, request, known_at, now)
    resolution = await _resolution(session, request)
    expected = await expected_completion(session, request, now)
    return ClocksView(
        request_id=request.id,
        calendar_version=working and working.version,
        promise_version=request.promise_version,
        service_level=request.service_level,
        priority=request.priority,
        resolution=resolution,
        expected_completion_at=expected,
        likely_late=any(_likely_late(reading, expected) for reading in readings),
        clocks=[_view(reading, level, resolution, now) for reading in readings if level],
    )


def _likely_late(reading: Reading, expected: datetime | None) -> bool:
    if reading.clock != "complete" or not reading.runs or reading.due_at is None or expected is None:
        return False
    return expected > reading.due_at


async def _resolution(session: AsyncSession, request: ServiceRequest) -> list[PromiseLayer]:
    """Who promised what to whom asked: the clause of its contract, then the district's policy for all."""
    layers = []
    if request.contract_promise_id is not None:
        clause = await session.get_one(ContractPromise, request.contract_promise_id)
        layers.append(PromiseLayer(layer="agreement", source=clause.source, id=clause.id, targets=targets_of(clause)))
    level = await district_level_of(session, request)
    if level is not None:
        source = f"Service levels of the district, version {request.promise_version}"
        layers.append(PromiseLayer(layer="district-policy", source=source, targets=level.targets))
    return layers


def _view(reading: Reading, level: ServiceLevel, resolution: Sequence[PromiseLayer], now: datetime) -> ClockView:
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
        promised_by=next(one.layer for one in resolution if reading.target in one.targets),
    )
