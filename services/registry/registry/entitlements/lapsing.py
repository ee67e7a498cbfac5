"""What schools would lose of services with the end of agreements, and what would be there instead."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from kit.auth import Caller
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.dated import among, believed
from registry.entitlements.keeping import in_force_at, terms_of
from registry.entitlements.rules import in_effect
from registry.entitlements.rules import on as prevailing_on
from registry.entitlements.schemas import LapsingServiceTerm
from registry.entitlements.tables import ServiceTermRow
from registry.schools.tables import School
from registry.schools.visibility import visible
from registry.standpoint import Standpoint


async def lapsing_terms(
    session: AsyncSession, caller: Caller, fallen: Collection[UUID], at: Standpoint, on: date
) -> list[LapsingServiceTerm]:
    """The terms of fallen agreements that prevail at a standpoint, at schools of the caller's."""
    mine = await visible(session, caller, at.day, at.known_at)
    resting = select(ServiceTermRow.school_id).where(
        among(ServiceTermRow.agreement_id, fallen), believed(ServiceTermRow, at.known_at)
    )
    schools = await session.scalars(select(School.id).where(School.id.in_(resting), mine).order_by(School.id))
    return [each for school in schools.all() for each in await _lapsing(session, school, fallen, at, on)]


async def _lapsing(
    session: AsyncSession, school_id: UUID, fallen: Collection[UUID], at: Standpoint, on: date
) -> list[LapsingServiceTerm]:
    terms = (await terms_of(session, school_id, at.known_at)).values()
    effective = in_effect(terms, await in_force_at(session, school_id, terms, at.known_at))
    before = {service: found[0] for service, found in prevailing_on(effective, at.day).items()}
    after = prevailing_on([term for term in effective if term.agreement_id not in fallen], on)
    return [
        LapsingServiceTerm(
            school_id=school_id,
            agreement_id=term.agreement_id,
            service=service[0],
            service_class=term.service_class,
            source=term.source,
            then=after[service][0].service_class if service in after else None,
        )
        for service, term in before.items()
        if term.agreement_id is not None and term.agreement_id in fallen
    ]
