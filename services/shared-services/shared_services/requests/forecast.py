"""When a request is likely to be completed: by how long the last ones like it took."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.requests.tables import ServiceRequest

LAST, LEAST = 50, 10
"""Of how many requests the middle one counts, and how many it takes at least."""


async def expected_completion(session: AsyncSession, request: ServiceRequest, now: datetime) -> datetime | None:
    """When an open request is completed if it takes as long as the middle one of the last like it, of its offering and
    priority; None for one that is done, and where too few are known."""
    if request.completed_at is not None:
        return None
    same_priority = ServiceRequest.priority.is_not_distinct_from(request.priority)
    last = (
        select((ServiceRequest.completed_at - ServiceRequest.submitted_at).label("took"))
        .where(ServiceRequest.offering_id == request.offering_id, same_priority)
        .where(ServiceRequest.completed_at.is_not(None))
        .order_by(ServiceRequest.completed_at.desc())
        .limit(LAST)
        .subquery()
    )
    middle = func.percentile_disc(0.5).within_group(last.c.took)
    known, took = (await session.execute(select(func.count(), middle).select_from(last))).one()
    usual: timedelta | None = took
    return None if usual is None or known < LEAST else max(request.submitted_at + usual, now)
