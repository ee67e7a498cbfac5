"""What can be done with service requests."""

from datetime import date, datetime
from uuid import UUID

from contracts.registry import SchoolChanged
from contracts.shared_services import RequestStatus, ServiceCategory, ServiceRequestChanged
from kit.auth import Caller
from kit.clock import today_in
from kit.errors import FieldError, Forbidden, Invalid
from kit.journal import record
from kit.preconditions import require_version
from sqlalchemy import select, true
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services import directory
from shared_services.catalog.schemas import OfferingView
from shared_services.directory import Standing
from shared_services.entitlements.actions import offering_for
from shared_services.entitlements.rules import resolve
from shared_services.requests.reading import find_request, unknown, visible
from shared_services.requests.rules import SCOPES, Side, Step, date_errors, find_step, number, step_errors
from shared_services.requests.schemas import NewRequest, NewTransition, Refusal, RequestView
from shared_services.requests.tables import RequestCounter, ServiceRequest, Transition


async def submit_request(session: AsyncSession, caller: Caller, body: NewRequest, now: datetime) -> RequestView:
    """Put a request on record: submitted if the school is entitled, refused with the clause if it is not.

    Raises Invalid if the caller does not answer for the school today, or the service or its date does not fit.
    """
    school, standing = await _own_school(session, caller, body.school_id, now)
    day = body.service_date or standing.today
    offering = await _fitting_offering(session, school, standing, body.offering, day, now)
    entitlement = resolve(school, body.offering, offering, day)
    refusal = Refusal(rule=entitlement.rule, reason=entitlement.reason, source=entitlement.source)
    request = ServiceRequest(
        version=1,
        number=await _next_number(session, offering.category, standing.today.year),
        school_id=school.id,
        requesting_organization_id=caller.organization_id or next(iter(standing.operators), standing.district_id),
        providing_organization_id=offering.district_id,
        offering_id=offering.id,
        service_date=day,
        description=body.description,
        external_id=body.external_id,
        status="submitted" if entitlement.entitled else "refused",
        entitlement=entitlement.model_dump(mode="json", by_alias=True),
        refusal=None if entitlement.entitled else refusal.model_dump(),
        submitted_at=now,
        updated_at=now,
    )
    session.add(request)
    return await _say(session, caller, request, None, None)


async def move_request(
    session: AsyncSession, caller: Caller, request_id: UUID, asked: NewTransition, version: int, now: datetime
) -> RequestView:
    """Take a step of the lifecycle. Raises NotFound, PreconditionFailed, NotInLifecycle, Forbidden, Invalid."""
    seen = ServiceRequest.id == request_id, visible(caller)
    request = await session.scalar(select(ServiceRequest).where(*seen).with_for_update())
    if request is None:
        raise unknown(request_id)
    require_version(version, request.version)
    start = request.status
    step = find_step(start, asked.to)
    _require_side(caller, step, await _sides(session, caller, request, now))
    zone = await directory.time_zone(session, request.providing_organization_id)
    errors = step_errors(step, asked, today_in(zone, now))
    if errors:
        raise Invalid("The step lacks something; see `errors`.", errors=errors)
    if asked.to == "refused" and asked.reason is not None:
        request.refusal = Refusal(rule="provider", reason=asked.reason).model_dump()
    request.scheduled_for = asked.scheduled_for or request.scheduled_for
    request.status, request.updated_at, request.version = asked.to, now, request.version + 1
    return await _say(session, caller, request, start, asked.reason)


async def _own_school(
    session: AsyncSession, caller: Caller, school_id: UUID, now: datetime
) -> tuple[SchoolChanged, Standing]:
    school = await directory.school(session, school_id)
    standing = await directory.standing(session, school, now) if school else None
    if school is None or standing is None or not standing.answers(caller.organization_id):
        # The same words whether the school exists or not: nobody learns here of schools that are not theirs.
        error = FieldError("schoolId", "not-yours", "name a school that you answer for today", value=str(school_id))
        raise Invalid("There is no such school of yours on the day of the request.", errors=[error])
    return school, standing


async def _fitting_offering(
    session: AsyncSession, school: SchoolChanged, standing: Standing, code: str, day: date, now: datetime
) -> OfferingView:
    offering = await offering_for(session, school, standing, code, day)
    errors = date_errors(day, offering.lead_time_hours if offering else 0, now, standing.time_zone)
    if offering is None:
        message = f"choose a code of /v1/offerings?districtId={standing.district_id}"
        errors.append(FieldError("offering", "not-in-catalogue", message, value=code))
    if offering is None or errors:
        raise Invalid("The request cannot be taken like this; see `errors`.", errors=errors)
    return offering


async def _next_number(session: AsyncSession, category: ServiceCategory, year: int) -> str:
    counted = upsert(RequestCounter).values(category=category, year=year, last=1)
    last = await session.scalar(
        counted.on_conflict_do_update(
            index_elements=["category", "year"], set_={"last": RequestCounter.last + 1}
        ).returning(RequestCounter.last)
    )
    assert last is not None
    return number(category, year, last)


async def _sides(session: AsyncSession, caller: Caller, request: ServiceRequest, now: datetime) -> set[Side]:
    """The sides on which the caller stands now. Whoever no longer answers for the school asks for nothing there."""
    mine = caller.organization_id
    if mine is None:
        return {"requester", "provider"}
    sides: set[Side] = {"provider"} if mine == request.providing_organization_id else set()
    school = await directory.school(session, request.school_id)
    standing = await directory.standing(session, school, now) if school else None
    if standing and (mine in standing.operators or mine == request.requesting_organization_id == standing.district_id):
        sides.add("requester")
    return sides


def _require_side(caller: Caller, step: Step, sides: set[Side]) -> None:
    scope = SCOPES[step.side]
    if scope not in caller.scopes:
        raise Forbidden(f"The access token lacks the scope `{scope}`.", scope=scope)
    if step.side not in sides:
        raise Forbidden(f"From {step.start} to {step.to} is a step of the {step.side}, as of today; you are not it.")


async def _say(
    session: AsyncSession, caller: Caller, request: ServiceRequest, start: RequestStatus | None, reason: str | None
) -> RequestView:
    """Write down the step that the request just took, and tell the others."""
    await session.flush()
    session.add(
        Transition(
            request_id=request.id,
            version=request.version,
            at=request.updated_at,
            from_status=start,
            to_status=request.status,
            client_id=caller.client_id,
            organization_id=caller.organization_id,
            reason=reason,
        )
    )
    view = await find_request(session, true(), request.id)
    event = ServiceRequestChanged(
        id=view.id,
        version=view.version,
        number=view.number,
        school_id=view.school_id,
        requesting_organization_id=view.requesting_organization_id,
        providing_organization_id=view.providing_organization_id,
        offering=view.offering,
        status=view.status,
        service_date=view.service_date,
        refusal=view.refusal and view.refusal.rule,
        updated_at=view.updated_at,
    )
    await record(session, event, caller=caller)
    return view
