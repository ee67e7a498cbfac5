"""What goes on at schools that close or leave unless somebody decides: agreements in force, and services by them."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from contracts.registry import SchoolChanged
from kit.auth import Caller
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.dossier import Dossier
from registry.agreements.in_force import governing
from registry.agreements.standing import standing, terms
from registry.agreements.visibility import readable
from registry.dated import among, believed
from registry.entitlements.keeping import term
from registry.entitlements.tables import ServiceTermRow
from registry.schools.consequences import Consequence, consequence
from registry.standpoint import Standpoint


async def left_standing(
    session: AsyncSession, caller: Caller, schools: Sequence[SchoolChanged], day: date
) -> list[Consequence]:
    """Agreements that cover the schools on the day before `day`, and services that rest on them.

    They stay: let the school leave the agreement, or end it, and they lapse.
    """
    at = Standpoint(day - timedelta(days=1))
    under = await governing(session, [school.id for school in schools], await readable(session, caller), at)
    found = []
    for school in schools:
        dossiers = under.get(school.id, [])
        found += [_agreement(school, dossier, day) for dossier in dossiers]
        found += await _services(session, school, [dossier.agreement.id for dossier in dossiers], at)
    return found


def _agreement(school: SchoolChanged, dossier: Dossier, day: date) -> Consequence:
    row, end = dossier.agreement, terms(dossier, day).term_to
    said = {
        "title": row.title,
        "kind": row.instrument_id,
        "status": standing(dossier, day).status,
        "termTo": end and end.isoformat(),
    }
    return consequence(school, f"agreement {row.id}", day, said, said)


async def _services(
    session: AsyncSession, school: SchoolChanged, agreements: Sequence[UUID], at: Standpoint
) -> list[Consequence]:
    resting = select(ServiceTermRow).where(
        ServiceTermRow.school_id == school.id,
        among(ServiceTermRow.agreement_id, agreements),
        believed(ServiceTermRow),
        ServiceTermRow.during.contains(at.day),
    )
    day, found = at.day + timedelta(days=1), []
    for row in await session.scalars(resting.order_by(ServiceTermRow.service, ServiceTermRow.id)):
        said = term(row).model_dump(mode="json", by_alias=True, include={"service_class", "agreement_id", "source"})
        found.append(consequence(school, f"service {row.service}", day, said, said))
    return found
