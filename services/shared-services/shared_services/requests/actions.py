"""What can be done with requests that are on record."""

from datetime import datetime, timedelta
from uuid import UUID

from contracts.shared_services import RequestStatus
from kit.auth import Caller
from kit.clock import today_in
from kit.errors import FieldError, Forbidden, Invalid
from kit.preconditions import require_version
from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services import directory
from shared_services.catalog.schemas import Fee
from shared_services.catalog.tables import Offering
from shared_services.clocks.promises import Promises, ServiceLevel
from shared_services.clocks.rules import GIVEN_UP
from shared_services.clocks.versions import promises
from shared_services.entitlements.actions import count_use
from shared_services.entitlements.schemas import Entitlement
from shared_services.requests.dating import level_of
from shared_services.requests.lifecycle import (
    OPEN,
    SCOPES,
    NotInLifecycle,
    ReopeningTooLate,
    Step,
    find_step,
    particulars_of,
    step_errors,
)
from shared_services.requests.reading import known_to, unknown, visible
from shared_services.requests.rules import late_fee
from shared_services.requests.schemas import NewPriority, NewTransition, Particulars, Refusal, RequestView, Side, Weight
from shared_services.requests.tables import ServiceRequest
from shared_services.requests.telling import Act, change, say

FEES: TypeAdapter[list[Fee]] = TypeAdapter(list[Fee])
USUAL_LEVEL = ServiceLevel(code="usual", name="Usual", targets=[])
"""What holds where a district has promised nothing: when completed work counts, and until when it is reopened."""
USUAL_PROMISES = Promises(classes=[USUAL_LEVEL])


async def move_request(
    session: AsyncSession, caller: Caller, request_id: UUID, asked: NewTransition, version: int, now: datetime
) -> RequestView:
    """Take a step of the lifecycle.

    Raises NotFound, PreconditionFailed, NotInLifecycle, ReopeningTooLate, Forbidden, Invalid.
    """
    request = await held_request(session, caller, request_id, version)
    step = find_step(request.status, asked.to)
    side = _side_of(step, request)
    require_side(caller, side, await sides(session, caller, request, now), f"From {step.start} to {step.to}")
    _refuse_late_reopening(step, request, now)
    zone = await directory.time_zone(session, request.providing_organization_id)
    errors = step_errors(step, asked, today_in(zone, now)) + await _duplicate_errors(session, caller, request, asked)
    if errors:
        raise Invalid("The step lacks something; see `errors`.", errors=errors)
    return await take(session, request, asked, Act(caller, side, now, asked.reason))


async def take(session: AsyncSession, request: ServiceRequest, asked: NewTransition, act: Act) -> RequestView:
    """Let a locked request take a step that is allowed, with all that follows from it."""
    start, to = request.status, asked.to
    particulars = particulars_of(asked)
    if asked.weight is not None:
        particulars = await _set_priority(session, request, asked.weight)
    if to == "cancelled":
        particulars = await add_late_fee(session, request, "cancelled", act.at)
    if to == "refused":
        request.refusal = Refusal(rule="provider", reason=asked.reason or act.reason or "").model_dump()
    if to in GIVEN_UP and start in OPEN:
        await count_use(session, Entitlement.model_validate(request.entitlement), -1)
    request.crew = asked.crew or request.crew
    request.scheduled_for = asked.scheduled_for or request.scheduled_for
    await _complete_or_reopen(session, request, to, act.at)
    request.particulars = particulars.model_dump(mode="json", by_alias=True, exclude_none=True)
    request.status, request.updated_at, request.version = to, act.at, request.version + 1
    return await say(session, request, Act(act.caller, act.side, act.at, act.reason, particulars), start)


async def set_priority(
    session: AsyncSession, caller: Caller, request_id: UUID, asked: NewPriority, version: int, now: datetime
) -> RequestView:
    """Weigh a request anew; its clocks go on from when they began.

    Raises NotFound, PreconditionFailed, Forbidden, NotInLifecycle for a request that has ended.
    """
    request = await held_request(session, caller, request_id, version)
    require_side(caller, "provider", await sides(session, caller, request, now), "Setting a priority")
    if request.status not in OPEN:
        raise NotInLifecycle(f"The request is `{request.status}`: its priority is settled.", allowed=list(OPEN))
    particulars = await _set_priority(session, request, asked.weight)
    return await change(session, request, Act(caller, "provider", now, asked.reason, particulars))


async def held_request(session: AsyncSession, caller: Caller, request_id: UUID, version: int) -> ServiceRequest:
    """A request that the caller knows in its present version, locked. Raises NotFound, PreconditionFailed, Forbidden
    for what the caller handed over."""
    query = select(ServiceRequest, visible(caller)).where(ServiceRequest.id == request_id, known_to(caller))
    found = (await session.execute(query.with_for_update(of=ServiceRequest))).one_or_none()
    if found is None:
        raise unknown(request_id)
    request, is_its_own = found
    if not is_its_own:
        raise Forbidden("You read this request of your own period; whoever answers for the school today acts.")
    require_version(version, request.version)
    return request


async def sides(session: AsyncSession, caller: Caller, request: ServiceRequest, now: datetime) -> set[Side]:
    """The sides on which the caller stands now. Whoever no longer answers for the school asks for nothing there."""
    mine = caller.organization_id
    if mine is None:
        return {"requester", "provider"}
    found: set[Side] = {"provider"} if mine == request.providing_organization_id else set()
    school = await directory.known_school(session, request.school_id, now)
    if school is None:
        # As long as nothing is known of the school, whoever asked may follow it up.
        return found | ({"requester"} if request.provisional and mine == request.requesting_organization_id else set())
    standing = school.standing
    if standing and (mine in standing.operators or mine == request.requesting_organization_id == standing.district_id):
        found.add("requester")
    return found


def require_side(caller: Caller, side: Side, held: set[Side], what: str) -> None:
    """Raise Forbidden unless the caller has the side's scope and stands on it; `what` begins the message."""
    scope = SCOPES[side]
    if scope not in caller.scopes:
        raise Forbidden(f"The access token lacks the scope `{scope}`.", scope=scope)
    if side not in held:
        raise Forbidden(f"{what} is a step of the {side}, as of today; you are not it.")


async def add_late_fee(session: AsyncSession, request: ServiceRequest, on: str, now: datetime) -> Particulars:
    """Add what a change costs that comes late, and say it."""
    terms = await session.scalar(select(Offering.fees).where(Offering.id == request.offering_id))
    fees = [fee for fee in FEES.validate_python(terms) if fee.on == on]
    cents = late_fee(fees, request.starts_at, now)
    request.fee_cents += cents
    return Particulars(fee_cents=cents or None)


async def _set_priority(session: AsyncSession, request: ServiceRequest, weight: Weight) -> Particulars:
    promised = None
    if request.promise_version is not None:
        promised = await promises(session, request.providing_organization_id, request.promise_version)
    terms = promised[0] if promised else USUAL_PROMISES
    request.priority = terms.priority(weight.impact, weight.urgency, request.hazard)
    return Particulars(weight=weight, priority=request.priority)


async def _complete_or_reopen(session: AsyncSession, request: ServiceRequest, to: RequestStatus, now: datetime) -> None:
    if to == "completed":
        level = await level_of(session, request) or USUAL_LEVEL
        request.completed_at = now
        request.closes_at = now + timedelta(days=level.auto_close_days)
        request.reopen_until = now + timedelta(days=level.reopen_days)
    elif to in OPEN:
        request.completed_at = request.closes_at = request.reopen_until = None


def _side_of(step: Step, request: ServiceRequest) -> Side:
    if step.side != "approver":
        return step.side
    return "requester" if request.particulars.get("approver") == "school" else "provider"


def _refuse_late_reopening(step: Step, request: ServiceRequest, now: datetime) -> None:
    if step.start in ("completed", "closed") and step.to == "in-progress":
        until = request.reopen_until
        if until is not None and now > until:
            message = f"It could be reopened until {until:%Y-%m-%d %H:%M} UTC; make a new request with this as parent."
            raise ReopeningTooLate(message, reopenUntil=until.isoformat())


async def _duplicate_errors(
    session: AsyncSession, caller: Caller, request: ServiceRequest, asked: NewTransition
) -> list[FieldError]:
    if asked.to != "duplicate" or asked.duplicate_of is None:
        return []
    other = ServiceRequest.id == asked.duplicate_of, ServiceRequest.school_id == request.school_id, visible(caller)
    if asked.duplicate_of != request.id and await session.scalar(select(ServiceRequest.id).where(*other)) is not None:
        return []
    message = "name another request of the same school"
    return [FieldError("duplicateOf", "unknown-request", message, value=str(asked.duplicate_of))]
