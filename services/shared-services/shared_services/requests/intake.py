"""Requests come in: each is looked at with all that is wrong with it, before anything is put on record."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from kit.auth import Caller
from kit.clock import today_in
from kit.errors import FieldError, Invalid
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services import directory
from shared_services.catalog.actions import find_offering
from shared_services.catalog.intake_form import detail_errors
from shared_services.catalog.schemas import OfferingView
from shared_services.directory import KnownSchool, Standing
from shared_services.entitlements.actions import offering_for
from shared_services.requests.reading import visible
from shared_services.requests.rules import date_errors, rider_errors
from shared_services.requests.schemas import NewRequest
from shared_services.requests.tables import ServiceRequest

ORDERED_AT_TRIPS = {"field-trip", "athletics"}
"""Kinds of service that are ordered as trips, where a bus and its hours are planned."""


@dataclass
class Intake:
    """A request that was looked at: what it is for, who asks whom, what is wrong with it."""

    body: NewRequest
    district_id: UUID
    requesting_id: UUID
    time_zone: str
    today: date
    day: date
    school: KnownSchool | None = None
    offering: OfferingView | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    series_id: UUID | None = None
    draft_id: UUID | None = None
    errors: list[FieldError] = field(default_factory=list)


async def examine(
    session: AsyncSession, caller: Caller, body: NewRequest, now: datetime, starts_at: datetime | None = None
) -> Intake:
    """Look at a request with all its errors. Raises Invalid at once if the school is not the caller's."""
    school = await directory.known_school(session, body.school_id, now)
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


async def _heard(
    session: AsyncSession, caller: Caller, body: NewRequest, school: KnownSchool | None, now: datetime
) -> Intake:
    standing = school.standing if school else None
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
    intake.offering = await offering_for(session, school, body.offering, day, body.district_id)
    if intake.offering is not None and intake.offering.district_id != standing.district_id:
        await _turn_to(session, intake, intake.offering.district_id, now)
    return intake


async def _turn_to(session: AsyncSession, intake: Intake, district_id: UUID, now: datetime) -> None:
    """Let another district than the school's own be asked, by its own calendar day."""
    intake.district_id, intake.time_zone = district_id, await directory.time_zone(session, district_id)
    intake.today = today_in(intake.time_zone, now)
    intake.day = intake.body.service_date or intake.today


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
