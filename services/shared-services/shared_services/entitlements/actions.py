"""Entitlements resolved from our own copy of the registry and the catalogue."""

from datetime import date, datetime
from uuid import UUID

from kit.auth import Caller
from kit.errors import NotFound
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services import directory
from shared_services.catalog.actions import find_offering
from shared_services.catalog.schemas import OfferingView
from shared_services.directory import KnownSchool
from shared_services.entitlements.rules import Circumstances, answering, deciding_term, resolve, school_year_of
from shared_services.entitlements.schemas import Entitlement
from shared_services.entitlements.tables import QuotaUse


async def show_entitlement(
    session: AsyncSession,
    caller: Caller,
    school_id: UUID,
    code: str,
    day: date,
    now: datetime,
    district_id: UUID | None = None,
) -> Entitlement:
    """Whether a school may have a service on a date.

    For those who answer for the school today or on that date, and for a district that gives it services, of these;
    NotFound for anyone else.
    """
    school = await directory.known_school(session, school_id, now)
    if school is not None and not _answers(caller, school, day):
        mine = caller.organization_id
        gives = district_id in (None, mine) and await _gives(session, mine, school, day)
        school, district_id = school if gives else None, mine
    if school is None:
        raise NotFound(f"There is no school {school_id} of yours on {day}.")
    return await decide(session, school, code, await offering_for(session, school, code, day, district_id), day)


async def decide(
    session: AsyncSession,
    school: KnownSchool,
    code: str,
    offering: OfferingView | None,
    day: date,
    *,
    hazard: bool = False,
    lock_quota: bool = False,
) -> Entitlement:
    """Resolve with all that our copy knows; `lock_quota` keeps what was used from changing until the commit."""
    timeline = school.timeline
    terms = await directory.in_force(session, school.services, timeline.id, day)
    owners: set[UUID] = set()
    if offering is not None and offering.prerequisites.district_owned_building:
        owners = await directory.building_owners(session, timeline, day)
    term = deciding_term(offering, terms, answering(timeline, day)) if offering is not None else None
    used = 0
    if term is not None and term.quota is not None:
        used = await _used(session, timeline.id, code, day, lock=lock_quota)
    return resolve(timeline, code, offering, day, Circumstances(terms, owners, used, hazard))


async def offering_for(
    session: AsyncSession, school: KnownSchool, code: str, day: date, district_id: UUID | None = None
) -> OfferingView | None:
    """What is listed for a school under a code, in the catalogue of `district_id` if one is named.

    It comes from the district that answers for the school on `day`, or else from the one that does so today, or else
    from those of which services are laid down for the school at any time.
    """
    districts = school.timeline.organizations_on(day, "accountable-lea")
    if school.standing is not None:
        districts.append(school.standing.district_id)
    districts += [term.district_id for term in school.services if term.district_id is not None]
    for each in dict.fromkeys(districts):
        offering = await find_offering(session, each, code, day) if district_id in (None, each) else None
        if offering is not None:
            return offering
    return None


async def count_use(session: AsyncSession, entitlement: Entitlement, by: int) -> None:
    """Count a use of the school's quota (1), or give it back (-1); nothing if the decision used none."""
    if entitlement.quota is None or not entitlement.entitled:
        return
    await session.execute(
        update(QuotaUse)
        .where(
            QuotaUse.school_id == entitlement.school_id,
            QuotaUse.offering == entitlement.offering,
            QuotaUse.school_year == entitlement.quota.school_year,
        )
        .values(used=QuotaUse.used + by)
    )


async def _used(session: AsyncSession, school_id: UUID, code: str, day: date, *, lock: bool) -> int:
    key = {"school_id": school_id, "offering": code, "school_year": school_year_of(day)}
    if not lock:
        return await session.scalar(select(QuotaUse.used).filter_by(**key)) or 0
    counted = upsert(QuotaUse).values(used=0, **key)
    locked = counted.on_conflict_do_update(index_elements=list(key), set_={"used": QuotaUse.used})
    return await session.scalar(locked.returning(QuotaUse.used)) or 0


async def _gives(session: AsyncSession, district_id: UUID | None, school: KnownSchool, day: date) -> bool:
    """True for a district that gives services to a school of another one, today or on `day`."""
    days = {day, school.standing.today} if school.standing is not None else {day}
    return any([district_id in await directory.served_by(session, school, each) for each in days])


def _answers(caller: Caller, school: KnownSchool, day: date) -> bool:
    mine, standing, timeline = caller.organization_id, school.standing, school.timeline
    if mine is None or (standing is not None and standing.answers(mine)):
        return True
    held = [*timeline.organizations_on(day, "operator"), *timeline.organizations_on(day, "accountable-lea")]
    return caller.organization_id in held
