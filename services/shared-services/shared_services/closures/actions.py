"""What is said of finished work, by those who did it and by those it was done for."""

from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.shared_services import RequestStatus
from kit.auth import Caller
from kit.errors import Conflict
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.closures.schemas import ClosureView, Finding, Opinion
from shared_services.closures.tables import Closure
from shared_services.requests.actions import held_request, require_side, sides
from shared_services.requests.reading import find_request, visible
from shared_services.requests.schemas import Particulars, Side
from shared_services.requests.tables import Transition
from shared_services.requests.telling import Act, change

FINISHED: tuple[RequestStatus, ...] = ("completed", "closed")


class NotFinished(Conflict):
    """The work is not finished"""

    type = "not-finished"


async def note_root_cause(
    session: AsyncSession, caller: Caller, request_id: UUID, body: Finding, version: int, now: datetime
) -> ClosureView:
    """Say why finished work was needed. Raises NotFound, PreconditionFailed, Forbidden, NotFinished."""
    said = Particulars(**dict(body))
    return await _say(session, caller, request_id, version, Act(caller, "provider", now, None, said), dict(body))


async def rate_work(
    session: AsyncSession, caller: Caller, request_id: UUID, body: Opinion, version: int, now: datetime
) -> ClosureView:
    """Say how content the school is. Raises NotFound, PreconditionFailed, Forbidden, NotFinished."""
    said = Particulars(satisfaction=body.satisfaction)
    act = Act(caller, "requester", now, body.comment, said)
    return await _say(session, caller, request_id, version, act, dict(body))


async def show_closure(session: AsyncSession, caller: Caller, request_id: UUID) -> ClosureView:
    """What is known of a request's closure. Raises NotFound."""
    await find_request(session, visible(caller), request_id)
    return await _view(session, request_id)


async def _say(
    session: AsyncSession, caller: Caller, request_id: UUID, version: int, act: Act, said: dict[str, Any]
) -> ClosureView:
    request = await held_request(session, caller, request_id, version)
    side: Side = act.side
    require_side(caller, side, await sides(session, caller, request, act.at), "What is said of finished work")
    if request.status not in FINISHED:
        raise NotFinished(f"The request is `{request.status}`: say it once the work is completed.")
    kept = upsert(Closure).values(request_id=request_id, updated_at=act.at, **said)
    newest = {name: kept.excluded[name] for name in ("updated_at", *said)}
    await session.execute(kept.on_conflict_do_update(index_elements=["request_id"], set_=newest))
    await change(session, request, act)
    return await _view(session, request_id)


async def _view(session: AsyncSession, request_id: UUID) -> ClosureView:
    row = await session.get(Closure, request_id, populate_existing=True)
    said = {name: getattr(row, name, None) for name in ClosureView.model_fields}
    return ClosureView.model_validate(
        said | {"request_id": request_id, "reopened": await _reopened(session, request_id)}
    )


async def _reopened(session: AsyncSession, request_id: UUID) -> int:
    back = Transition.from_status.in_(FINISHED), Transition.to_status == "in-progress"
    query = select(func.count()).select_from(Transition).where(Transition.request_id == request_id, *back)
    return await session.scalar(query) or 0
