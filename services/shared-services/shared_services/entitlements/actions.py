"""Entitlements resolved from our own copy of the registry and the catalogue."""

from datetime import date, datetime
from uuid import UUID

from contracts.registry import SchoolChanged
from kit.auth import Caller
from kit.errors import NotFound
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services import directory
from shared_services.catalog.actions import find_offering
from shared_services.catalog.schemas import OfferingView
from shared_services.directory import Standing
from shared_services.entitlements.rules import resolve
from shared_services.entitlements.schemas import Entitlement


async def show_entitlement(
    session: AsyncSession, caller: Caller, school_id: UUID, code: str, day: date, now: datetime
) -> Entitlement:
    """Whether a school may have a service on a date.

    For those who answer for the school today or on that date; NotFound for anyone else.
    """
    school = await directory.school(session, school_id)
    standing = await directory.standing(session, school, now) if school else None
    if school is None or not _may_ask(caller, school, standing, day):
        raise NotFound(f"There is no school {school_id} of yours on {day}.")
    return resolve(school, code, await offering_for(session, school, standing, code, day), day)


async def offering_for(
    session: AsyncSession, school: SchoolChanged, standing: Standing | None, code: str, day: date
) -> OfferingView | None:
    """What the school's accountable district on `day` lists under a code, or else the present district."""
    districts = school.organizations_on(day, "accountable-lea")
    if standing is not None:
        districts.append(standing.district_id)
    for district_id in districts:
        offering = await find_offering(session, district_id, code)
        if offering is not None:
            return offering
    return None


def _may_ask(caller: Caller, school: SchoolChanged, standing: Standing | None, day: date) -> bool:
    if caller.organization_id is None or (standing is not None and standing.answers(caller.organization_id)):
        return True
    held = [*school.organizations_on(day, "operator"), *school.organizations_on(day, "accountable-lea")]
    return caller.organization_id in held
