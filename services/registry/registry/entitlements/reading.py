"""What a school may have on a date, as known at an instant."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.entitlements.keeping import in_force_at, terms_of
from registry.entitlements.rules import in_effect, on
from registry.entitlements.schemas import EntitlementsView, ServiceEntitlement
from registry.entitlements.tables import Entitlements
from registry.standpoint import Standpoint


async def entitlements_view(session: AsyncSession, school_id: UUID, at: Standpoint) -> EntitlementsView:
    """What prevails for each service, and what it overrides."""
    terms = (await terms_of(session, school_id, at.known_at)).values()
    effective = in_effect(terms, await in_force_at(session, school_id, terms, at.known_at))
    version = await session.scalar(select(Entitlements.version).where(Entitlements.id == school_id))
    services = [
        ServiceEntitlement(
            service=service,
            district_id=district_id,
            service_class=found[0].service_class,
            layer=found[0].layer,
            prevailing=found[0],
            overridden=found[1:],
        )
        for (service, district_id), found in on(effective, at.day).items()
    ]
    return EntitlementsView(school_id=school_id, version=version or 0, as_of=at.day, services=services)
