"""On what ground a line stands: the school served on the day, who pays for it, the rate, and the laws that allow it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from contracts.registry import AgreementChanged, SchoolChanged
from kit.auth import Caller
from kit.errors import FieldError, Invalid
from kit.periods import period
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services import directory
from shared_services.catalog.actions import find_offering
from shared_services.charges.pricing import unlawful
from shared_services.charges.rate_schemas import RateView
from shared_services.charges.rates import is_offered, laws, shape
from shared_services.charges.spans import payer_on, served_errors, span_errors
from shared_services.charges.tables import Rate
from shared_services.charges.vocabulary import Purpose, Unit
from shared_services.directory import Agreement
from shared_services.entitlements.rules import answering, deciding_term
from shared_services.requests.tables import ServiceRequest


@dataclass(frozen=True)
class Deed:
    """What is to be charged: a service to a school, on a day or for a span `[day, until)`, by request or without."""

    school_id: UUID
    offering: str
    unit: Unit
    day: date
    until: date | None = None
    purpose: Purpose = "price"
    request_id: UUID | None = None

    @property
    def ends(self) -> list[date]:
        """The first and the last day, which are one without a span."""
        return [self.day] if self.until is None else [self.day, self.until - timedelta(days=1)]


@dataclass(frozen=True)
class Ground:
    """Who pays whom, and for what."""

    district_id: UUID
    school_id: UUID
    payer_id: UUID
    offering: str

    def columns(self) -> dict[str, Any]:
        """What a line takes from its ground."""
        return {"currency": "USD", **vars(self)}


@dataclass(frozen=True)
class PricedGround(Ground):
    """Who pays whom, for what and by which rate."""

    rate: RateView

    def columns(self) -> dict[str, Any]:
        """What a line takes from its ground."""
        rate = {"rate_id": self.rate.id, "currency": self.rate.currency}
        return {name: value for name, value in vars(self).items() if name != "rate"} | rate


async def find_ground(session: AsyncSession, caller: Caller, deed: Deed) -> PricedGround:
    """The ground on which a deed may be charged. Raises Invalid with all that is missing."""
    school, district_id = await _school(session, caller, deed.school_id, await _server(session, caller, deed))
    errors = [*span_errors(deed.unit, deed.day, deed.until), *served_errors(school, deed.day, deed.until)]
    payer_id = payer_on(school, deed.day)
    rate = await _rate(session, school, district_id, deed)
    errors += await _missing(session, school, district_id, deed, rate)
    if payer_id is None or rate is None or errors:
        raise Invalid("This cannot be charged; see `errors`.", errors=errors)
    return PricedGround(district_id, school.id, payer_id, deed.offering, rate)


async def find_free_ground(session: AsyncSession, caller: Caller, request: ServiceRequest, offering: str) -> Ground:
    """Who would pay for a service that costs nothing: it is shown on a statement all the same. Raises Invalid."""
    school, district_id = await _school(session, caller, request.school_id, request.providing_organization_id)
    return Ground(district_id, school.id, payer_on(school, request.service_date) or district_id, offering)


async def find_fee_ground(session: AsyncSession, caller: Caller, request: ServiceRequest, offering: str) -> Ground:
    """Who pays a fee that an offering's terms ask for: nobody for a closed school. Raises Invalid."""
    school, district_id = await _school(session, caller, request.school_id, request.providing_organization_id)
    payer_id, errors = payer_on(school, request.service_date), served_errors(school, request.service_date, None)
    if payer_id is None or errors:
        raise Invalid("A closed school is charged nothing; see `errors`.", errors=errors)
    return Ground(district_id, school.id, payer_id, offering)


async def _server(session: AsyncSession, caller: Caller, deed: Deed) -> UUID | None:
    """The district that serves the school: the one that was asked for it on that day, or that gives the school the
    service from the first day to the last, or else that answers for the school."""
    asked = None if deed.request_id is None else await _asked(session, deed)
    school = await directory.school(session, deed.school_id)
    if asked is not None or school is None:
        return asked
    own, mine = answering(school, deed.day), caller.organization_id
    if mine == own or (mine is None and own is not None and await is_offered(session, own, deed.offering)):
        return own
    given = [await _givers(session, school, deed, day) for day in deed.ends]
    givers = sorted(each for each in set.intersection(*given) if mine in (None, each))
    return next(iter(givers), own)


async def _asked(session: AsyncSession, deed: Deed) -> UUID | None:
    """The district of which the school asked for something on that day, by the request that the deed names."""
    query = select(ServiceRequest.providing_organization_id).where(
        ServiceRequest.id == deed.request_id,
        ServiceRequest.school_id == deed.school_id,
        ServiceRequest.service_date == deed.day,
    )
    return await session.scalar(query)


async def _givers(session: AsyncSession, school: SchoolChanged, deed: Deed, day: date) -> set[UUID]:
    """The districts that give the service to a school of another district on a day."""
    terms, own = await directory.terms_on(session, school.id, day), answering(school, day)
    found = set()
    for district_id in {term.district_id for term in terms if term.district_id is not None}:
        offering = await find_offering(session, district_id, deed.offering, day)
        if offering is not None and deciding_term(offering, terms, own) is not None:
            found.add(district_id)
    return found


async def _school(
    session: AsyncSession, caller: Caller, school_id: UUID, district_id: UUID | None
) -> tuple[SchoolChanged, UUID]:
    """A school and the district that serves it. Raises Invalid unless the caller is that district."""
    school = await directory.school(session, school_id)
    if school is None or district_id is None or caller.organization_id not in (None, district_id):
        message = "name a school that your district answers for on the service date"
        error = FieldError("schoolId", "not-yours", message, value=str(school_id))
        raise Invalid("There is no such school of yours on the service date.", errors=[error])
    return school, district_id


async def _rate(session: AsyncSession, school: SchoolChanged, district_id: UUID, deed: Deed) -> RateView | None:
    """The rate that fits the school best on the day: one for its agreement, then for its arrangement, then for all."""
    facts = school.facts_on(deed.day)
    kinds = await _agreement_kinds(session, school.id, deed)
    fitting = select(Rate).where(
        Rate.district_id == district_id,
        Rate.offering == deed.offering,
        Rate.unit == deed.unit,
        Rate.purpose == deed.purpose,
        Rate.during.contains(deed.day),
        or_(Rate.arrangement.is_(None), Rate.arrangement == (facts and facts.arrangement)),
        or_(Rate.agreement_kind.is_(None), Rate.agreement_kind.in_(kinds)),
    )
    best = fitting.order_by(Rate.agreement_kind.is_(None), Rate.arrangement.is_(None)).limit(1)
    row = await session.scalar(best)
    return None if row is None else shape(row)


async def _agreement_kinds(session: AsyncSession, school_id: UUID, deed: Deed) -> list[str]:
    """The kinds of agreements in force for the school on the day, and until the end of the span."""
    covering = select(Agreement.said).where(Agreement.said["schools"].contains([{"schoolId": str(school_id)}]))
    said = [AgreementChanged.model_validate(one) for one in await session.scalars(covering)]
    return [one.instrument for one in said if all(one.in_force_on(day, school_id) for day in deed.ends)]


async def _missing(
    session: AsyncSession, school: SchoolChanged, district_id: UUID, deed: Deed, rate: RateView | None
) -> list[FieldError]:
    if not await is_offered(session, district_id, deed.offering):
        return [FieldError("offering", "not-in-catalogue", "choose a code of the district's", value=deed.offering)]
    if rate is None:
        message = f"publish a {deed.purpose} {deed.unit} for such a school on {deed.day} at /v1/rates"
        return [FieldError("unit", "no-rate", message, value=deed.unit)]
    facts = school.facts_on(deed.day)
    on_that_day = period(deed.day, deed.day + timedelta(days=1))
    # A law may be younger than the rate: it is proved again whenever something is charged.
    return unlawful(rate, await laws(session, district_id, facts.arrangement if facts else None, on_that_day))
