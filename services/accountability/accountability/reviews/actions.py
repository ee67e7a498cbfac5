"""Ask for a correction, and decide it. Who asks does not decide."""

from datetime import datetime
from uuid import UUID

from kit.auth import Caller
from kit.clock import today_in
from kit.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from kit.preconditions import require_version
from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.frameworks.tables import RegisteredFramework
from accountability.measures.tables import Indicator
from accountability.reviews.correcting import correct
from accountability.reviews.reading import find_review, reviewed
from accountability.reviews.rules import faults
from accountability.reviews.schemas import CorrectionDecision, CorrectionRequestView, NewCorrectionRequest
from accountability.reviews.tables import CorrectionRequest
from accountability.runs.tables import Run, StagedRating, Window
from accountability.visibility import answers_for, stewarded


class RequestDecided(Conflict):
    """This correction request is decided already"""

    type = "correction-request-decided"


async def request_correction(
    session: AsyncSession, caller: Caller, body: NewCorrectionRequest, now: datetime
) -> CorrectionRequestView:
    """Say that a figure of one's own school is wrong. Raises NotFound, Forbidden, Invalid."""
    window, run = await find_review(session, caller, body.review_id, now)
    if caller.organization_id is None:
        raise Forbidden("Only who answers for a school asks for its corrections: its operator or its district.")
    errors = await _unknown(session, caller, body, window, run, now)
    if errors:
        raise Invalid("The correction cannot be asked for; see `errors`.", errors=errors)
    said = body.model_dump(exclude={"review_id"}) | {"window_id": window.id, "version": 1, "filed_at": now}
    request = CorrectionRequest(**said, organization_id=caller.organization_id, client_id=caller.client_id)
    session.add(request)
    await session.flush()
    return shape(request)


async def decide_request(
    session: AsyncSession, caller: Caller, request_id: UUID, body: CorrectionDecision, version: int, now: datetime
) -> CorrectionRequestView:
    """Accept a correction into the measures, or deny it. Raises NotFound, Forbidden, RequestDecided."""
    asked = requests(caller).where(CorrectionRequest.id == request_id).with_for_update(of=CorrectionRequest)
    request = await session.scalar(asked)
    if request is None:
        raise NotFound(f"There is no correction request {request_id} of yours.")
    run = await session.scalar(
        select(Run)
        .join(Window, Window.run == Run.number)
        .where(Window.id == request.window_id, stewarded(caller, Run.organization_id))
    )
    if run is None or caller.organization_id == request.organization_id:
        raise Forbidden("Who rates decides, and never who asked: leave the decision to the run's steward.")
    require_version(version, request.version)
    if request.decision is not None:
        raise RequestDecided(f"It was {request.decision} at {request.decided_at}: ask for another correction.")
    if body.decision == "accepted":
        request.import_number = await correct(session, caller, request, run)
    request.decision, request.decision_reason = body.decision, body.reason
    request.decided_by, request.decided_at, request.version = caller.client_id, now, request.version + 1
    await session.flush()
    return shape(request)


def requests(caller: Caller) -> Select[CorrectionRequest]:
    """The requests that the caller filed, or that are about a run of its own."""
    seen = or_(stewarded(caller, Run.organization_id), CorrectionRequest.organization_id == caller.organization_id)
    joined = select(CorrectionRequest).join(Window, Window.id == CorrectionRequest.window_id)
    return joined.join(Run, Run.number == Window.run).where(seen)


def shape(request: CorrectionRequest) -> CorrectionRequestView:
    """A request as shown."""
    names = CorrectionRequestView.model_fields.keys() - {"review_id"}
    said = {name: getattr(request, name) for name in names}
    return CorrectionRequestView.model_validate(said | {"review_id": request.window_id})


async def _unknown(
    session: AsyncSession, caller: Caller, body: NewCorrectionRequest, window: Window, run: Run, now: datetime
) -> list[FieldError]:
    """What the request names that is not there, or not the caller's, and what cannot be claimed."""
    errors = []
    answering = answers_for(caller, StagedRating.school_id, today_in(window.time_zone, now))
    own = reviewed(caller, window, now).where(StagedRating.school_id == body.school_id, answering)
    if await session.scalar(own.limit(1)) is None:
        message = "no school that you answer for is rated under it in this review"
        errors.append(FieldError("schoolId", "unknown", message, value=str(body.school_id)))
    framework = await session.get_one(RegisteredFramework, (run.framework_id, run.framework_version))
    read = {*framework.document["indicators"], *framework.document["attributes"]}
    indicator = await session.scalar(select(Indicator).where(Indicator.code == body.indicator))
    if indicator is None or body.indicator not in read:
        errors.append(
            FieldError("indicator", "unknown", f"choose one of {', '.join(sorted(read))}", value=body.indicator)
        )
    else:
        errors += faults(body, indicator)
    return errors
