"""What news of a school means for its requests: the provisional ones are decided, series end with the right to them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services import directory
from shared_services.catalog.actions import show_offering
from shared_services.catalog.schemas import OfferingView
from shared_services.clocks.rules import GIVEN_UP
from shared_services.directory import KnownSchool
from shared_services.entitlements.actions import count_use, decide
from shared_services.entitlements.schemas import Entitlement
from shared_services.requests.lifecycle import NOT_STARTED
from shared_services.requests.rules import first_status
from shared_services.requests.schemas import Particulars, Refusal
from shared_services.requests.tables import ServiceRequest
from shared_services.requests.telling import Act, say


async def look_again(session: AsyncSession, school_id: UUID, now: datetime) -> None:
    """Decide what was taken provisionally at a school, and end the series that it may no longer have."""
    school = await directory.known_school(session, school_id, now)
    if school is None:
        return
    mine = ServiceRequest.school_id == school_id
    for request in await session.scalars(_locked().where(mine, ServiceRequest.provisional)):
        await _settle(session, school, request, now)
    coming = ServiceRequest.series_id.is_not(None), ServiceRequest.status.in_(NOT_STARTED)
    for request in await session.scalars(_locked().where(mine, *coming)):
        await _end_without_right(session, school, request, now)


def _locked() -> Select[ServiceRequest]:
    return select(ServiceRequest).order_by(ServiceRequest.id).with_for_update()


async def _settle(session: AsyncSession, school: KnownSchool, request: ServiceRequest, now: datetime) -> None:
    offering = await show_offering(session, request.offering_id)
    entitlement = await _decided(session, school, request, offering)
    start = request.status
    request.provisional = False
    if start in NOT_STARTED:
        _decide_status(request, entitlement)
    elif start not in GIVEN_UP and not entitlement.entitled:
        # The work is under way or done: what remains to be said is who pays for it.
        entitlement = entitlement.model_copy(update={"charge_decided_later": True})
    request.entitlement = entitlement.model_dump(mode="json", by_alias=True)
    request.version, request.updated_at = request.version + 1, now
    if request.status not in GIVEN_UP:
        await count_use(session, entitlement, 1)
    particulars = Particulars(entitlement_rule=entitlement.rule)
    await say(session, request, Act(None, "system", now, entitlement.reason, particulars), start)


def _decide_status(request: ServiceRequest, entitlement: Entitlement) -> None:
    status = first_status(entitlement.decision, entitlement.approvals)
    if status == "submitted":
        return
    request.status, request.particulars = status, {}
    if status == "refused":
        refusal = Refusal(rule=entitlement.rule, reason=entitlement.reason, source=entitlement.source)
        request.refusal = refusal.model_dump()
    elif status == "awaiting-approval":
        request.particulars = {"approver": entitlement.approvals[0]}


async def _decided(
    session: AsyncSession, school: KnownSchool, request: ServiceRequest, offering: OfferingView
) -> Entitlement:
    entitlement = await decide(
        session, school, offering.code, offering, request.service_date, hazard=request.hazard, lock_quota=True
    )
    then = await directory.known_school(session, request.school_id, request.submitted_at)
    if then and then.standing and then.standing.answers(request.filed_by_organization_id):
        return entitlement
    reason = "Whoever asked did not answer for the school on the day of the request."
    refused = {"entitled": False, "decision": "refuse", "service_class": "not-offered", "rule": "not-yours"}
    return entitlement.model_copy(update=refused | {"reason": reason, "source": None, "approvals": [], "price": None})


async def _end_without_right(
    session: AsyncSession, school: KnownSchool, request: ServiceRequest, now: datetime
) -> None:
    offering = await show_offering(session, request.offering_id)
    entitlement = await decide(session, school, offering.code, offering, request.service_date, hazard=request.hazard)
    # A quota that the series itself has used up takes nothing back.
    if entitlement.entitled or entitlement.rule == "quota":
        return
    await cancel(session, request, Act(None, "system", now, entitlement.reason))


async def cancel(session: AsyncSession, request: ServiceRequest, act: Act) -> None:
    """Cancel a locked request that has not begun, free of charge."""
    await count_use(session, Entitlement.model_validate(request.entitlement), -1)
    start = request.status
    request.status, request.particulars = "cancelled", {}
    request.version, request.updated_at = request.version + 1, act.at
    await say(session, request, act, start)
