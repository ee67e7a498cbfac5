"""Requests come in: examined with all their errors at once, then put on record."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from contracts.registry import SchoolChanged
from contracts.shared_services import ServiceCategory
from kit.auth import Caller
from kit.clock import today_in
from kit.errors import Conflict, FieldError, Invalid
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services import directory
from shared_services.catalog.actions import find_offering
from shared_services.catalog.intake_form import detail_errors
from shared_services.catalog.schemas import OfferingView
from shared_services.clocks.promises import Promises
from shared_services.clocks.versions import promises
from shared_services.directory import Standing
from shared_services.entitlements.actions import count_use, decide, offering_for
from shared_services.entitlements.rules import unknown_school
from shared_services.entitlements.schemas import Entitlement
from shared_services.requests.reading import visible
from shared_services.requests.rules import date_errors, first_status, number, rider_errors
from shared_services.requests.schemas import NewRequest, Particulars, Refusal, RequestView
from shared_services.requests.tables import RequestCounter, ServiceRequest
from shared_services.requests.telling import Act, say_all

ORDERED_AT_TRIPS = {"field-trip", "athletics"}
"""Kinds of service that are ordered as trips, where a bus and its hours are planned."""


class ExternalIdTaken(Conflict):
    """A request with this number of yours is there already"""

    type = "external-id-taken"


@dataclass
class Intake:
    """A request that was looked at: what it is for, who asks whom, what is wrong with it."""

    body: NewRequest
    district_id: UUID
    requesting_id: UUID
    time_zone: str
    today: date
    day: date
    school: SchoolChanged | None = None
    offering: OfferingView | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    series_id: UUID | None = None
    errors: list[FieldError] = field(default_factory=list)


async def submit_request(session: AsyncSession, caller: Caller, body: NewRequest, now: datetime) -> RequestView:
    """Put a request on record: taken if the school is entitled, quoted or refused with the clause if it is not.

    Raises Invalid if the caller does not answer for the school today or something does not fit, ExternalIdTaken.
    """
    intake = await examine(session, caller, body, now)
    if intake.offering is not None and intake.offering.kind in ORDERED_AT_TRIPS:
        message = "order it as a trip: POST /v1/trips"
        intake.errors.append(FieldError("offering", "ordered-as-a-trip", message, value=body.offering))
    return await enter(session, caller, intake, now)


async def examine(
    session: AsyncSession, caller: Caller, body: NewRequest, now: datetime, starts_at: datetime | None = None
) -> Intake:
    """Look at a request with all its errors. Raises Invalid at once if the school is not the caller's."""
    school = await directory.school(session, body.school_id)
    if school is None and body.district_id is not None:
        intake = await _unheard(session, caller, body, body.district_id, now)
    else:
        intake = await _heard(session, caller, body, school, now)
    intake.starts_at = starts_at
    offering, hazard = intake.offering, body.hazard or (intake.offering is not None and intake.offering.hazard)
    notice = 0 if offering is None or hazard else offering.lead_time_hours
    intake.errors += date_errors(intake.day, notice, now, intake.time_zone, starts_at)
    if offering is None:
        message = f"choose a code of /v1/offerings?districtId={intake.district_id}"
        intake.errors.append(FieldError("offering", "not-in-catalogue", message, value=body.offering))
    else:
        intake.errors += rider_errors(body, offering) + detail_errors(offering.intake_form, body.details)
    intake.errors += await _parent_errors(session, caller, body)
    return intake


async def known_by(session: AsyncSession, intake: Intake) -> UUID | None:
    """The request that the requester already made under this number of its own."""
    if intake.body.external_id is None:
        return None
    same = ServiceRequest.external_id == intake.body.external_id
    mine = ServiceRequest.requesting_organization_id == intake.requesting_id
    return await session.scalar(select(ServiceRequest.id).where(same, mine))


async def enter(session: AsyncSession, caller: Caller, intake: Intake, now: datetime) -> RequestView:
    """Put a request that was looked at on record. Raises Invalid with its errors, ExternalIdTaken."""
    known = None if intake.errors else await known_by(session, intake)
    if known is not None:
        error = FieldError("externalId", "taken", f"request {known} has it", value=intake.body.external_id)
        raise ExternalIdTaken("You made a request under this number already.", errors=[error], requestId=str(known))
    return (await enter_all(session, caller, [intake], now))[0]


async def enter_all(
    session: AsyncSession, caller: Caller, intakes: Sequence[Intake], now: datetime
) -> list[RequestView]:
    """Put requests that were looked at on record. Raises Invalid with the errors of the first."""
    rows = []
    for intake in intakes:
        offering = intake.offering
        if offering is None or intake.errors:
            raise Invalid("The request cannot be taken like this; see `errors`.", errors=intake.errors)
        entitlement = await _decide(session, intake, offering)
        promised = await promises(session, offering.district_id) if offering.service_level else None
        rows.append((offering.category, _row(caller, intake, offering, entitlement, promised, now)))
        await count_use(session, entitlement, 1)
    # The numbers come last: whoever takes one holds up all the others of its category until the commit.
    await _number(session, rows, intakes[0].today.year)
    session.add_all(row for _, row in rows)
    taken = [(row, Act(caller, "requester", now, particulars=_particulars(row))) for _, row in rows]
    return await say_all(session, taken, None)


def _particulars(row: ServiceRequest) -> Particulars:
    return Particulars.model_validate(row.particulars)


async def _decide(session: AsyncSession, intake: Intake, offering: OfferingView) -> Entitlement:
    hazard = intake.body.hazard
    if intake.school is None:
        return unknown_school(intake.body.school_id, intake.district_id, offering, intake.day, hazard)
    return await decide(
        session, intake.school, intake.body.offering, offering, intake.day, hazard=hazard, lock_quota=True
    )


def _row(
    caller: Caller,
    intake: Intake,
    offering: OfferingView,
    entitlement: Entitlement,
    promised: tuple[Promises, int] | None,
    now: datetime,
) -> ServiceRequest:
    body, hazard = intake.body, intake.body.hazard or offering.hazard
    status = first_status(entitlement.decision, entitlement.approvals)
    particulars = Particulars(approver=entitlement.approvals[0]) if status == "awaiting-approval" else Particulars()
    refusal = Refusal(rule=entitlement.rule, reason=entitlement.reason, source=entitlement.source)
    return ServiceRequest(
        version=1,
        school_id=body.school_id,
        requesting_organization_id=intake.requesting_id,
        filed_by_organization_id=caller.organization_id,
        providing_organization_id=offering.district_id,
        offering_id=offering.id,
        service_date=intake.day,
        starts_at=intake.starts_at,
        ends_at=intake.ends_at,
        description=body.description,
        building=body.building,
        room=body.room,
        details=body.details,
        riders=body.riders,
        external_id=body.external_id,
        parent_id=body.parent_id,
        series_id=intake.series_id,
        hazard=hazard,
        asked=body.asked and body.asked.model_dump(mode="json"),
        priority=(promised[0].hazard_priority if promised else "P1") if hazard else None,
        status=status,
        particulars=particulars.model_dump(mode="json", by_alias=True, exclude_none=True),
        provisional=entitlement.provisional,
        entitlement=entitlement.model_dump(mode="json", by_alias=True),
        refusal=refusal.model_dump() if status == "refused" else None,
        fee_cents=0,
        service_level=offering.service_level,
        promise_version=promised[1] if promised else None,
        due_at=None,
        submitted_at=now,
        updated_at=now,
    )


async def _heard(
    session: AsyncSession, caller: Caller, body: NewRequest, school: SchoolChanged | None, now: datetime
) -> Intake:
    standing = await directory.standing(session, school, now) if school else None
    if school is None or standing is None or not standing.answers(caller.organization_id):
        # The same words whether the school exists or not: nobody learns here of schools that are not theirs.
        error = FieldError(
            "schoolId", "not-yours", "name a school that you answer for today", value=str(body.school_id)
        )
        raise Invalid("There is no such school of yours on the day of the request.", errors=[error])
    day = body.service_date or standing.today
    asks = _requesting(caller, body, standing)
    intake = Intake(body, standing.district_id, asks, standing.time_zone, standing.today, day, school)
    intake.errors += _behalf_errors(caller, body, standing)
    intake.offering = await offering_for(session, school, standing, body.offering, day)
    return intake


async def _unheard(session: AsyncSession, caller: Caller, body: NewRequest, district_id: UUID, now: datetime) -> Intake:
    """A school that the registry has not told us of: taken on the word of whoever asks, until it does."""
    zone = await directory.time_zone(session, district_id)
    today = today_in(zone, now)
    day = body.service_date or today
    intake = Intake(body, district_id, caller.organization_id or district_id, zone, today, day)
    if body.on_behalf_of is not None:
        message = "leave it out as long as the school is not known"
        intake.errors.append(FieldError("onBehalfOf", "unknown-school", message, value=str(body.on_behalf_of)))
    intake.offering = await find_offering(session, district_id, body.offering, day)
    return intake


def _requesting(caller: Caller, body: NewRequest, standing: Standing) -> UUID:
    operator = next(iter(standing.operators), standing.district_id)
    return body.on_behalf_of or caller.organization_id or operator


def _behalf_errors(caller: Caller, body: NewRequest, standing: Standing) -> list[FieldError]:
    named, mine = body.on_behalf_of, caller.organization_id
    if named is None or named == mine:
        return []
    if mine not in (None, standing.district_id):
        return [FieldError("onBehalfOf", "district-only", "leave it out: you file for yourself", value=str(named))]
    if not standing.answers(named):
        return [FieldError("onBehalfOf", "not-of-the-school", "name the school's operator", value=str(named))]
    return []


async def _parent_errors(session: AsyncSession, caller: Caller, body: NewRequest) -> list[FieldError]:
    if body.parent_id is None:
        return []
    parent = ServiceRequest.id == body.parent_id, ServiceRequest.school_id == body.school_id, visible(caller)
    if await session.scalar(select(ServiceRequest.id).where(*parent)) is not None:
        return []
    message = "name a request of the same school that you see"
    return [FieldError("parentId", "unknown-request", message, value=str(body.parent_id))]


async def _number(session: AsyncSession, rows: Sequence[tuple[ServiceCategory, ServiceRequest]], year: int) -> None:
    for category in sorted({category for category, _ in rows}):
        mine = [row for named, row in rows if named == category]
        counted = upsert(RequestCounter).values(category=category, year=year, last=len(mine))
        last = await session.scalar(
            counted.on_conflict_do_update(
                index_elements=["category", "year"], set_={"last": RequestCounter.last + len(mine)}
            ).returning(RequestCounter.last)
        )
        assert last is not None
        for count, row in enumerate(mine, last - len(mine) + 1):
            row.number = number(category, year, count)
