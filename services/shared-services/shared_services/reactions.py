"""What shared services hears."""

from contracts.event import Envelope
from contracts.registry import (
    AgreementChanged,
    BuildingChanged,
    EntitlementsChanged,
    OrganizationChanged,
    SchoolChanged,
)
from kit.clock import utc_now
from kit.reactions import Reactions
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services import directory, keeping
from shared_services.requests.reconciling import look_again


async def hear_school(session: AsyncSession, event: SchoolChanged, envelope: Envelope) -> None:
    """Keep what was said of a school, then look at its requests again."""
    await keeping.keep_school(session, event, envelope)
    await look_again(session, event.id, utc_now())


async def hear_entitlements(session: AsyncSession, event: EntitlementsChanged, envelope: Envelope) -> None:
    """Keep what a school may have, then look at its requests again."""
    await keeping.keep_entitlements(session, event, envelope)
    await look_again(session, event.id, utc_now())


async def hear_agreement(session: AsyncSession, event: AgreementChanged, envelope: Envelope) -> None:
    """Keep an agreement, then look at the requests of its schools again."""
    await keeping.keep_agreement(session, event, envelope)
    for school in event.schools:
        await look_again(session, school.school_id, utc_now())


REACTIONS: Reactions = {
    OrganizationChanged: keeping.keep_organization,
    BuildingChanged: keeping.keep_building,
    SchoolChanged: hear_school,
    EntitlementsChanged: hear_entitlements,
    AgreementChanged: hear_agreement,
}

PROJECTION = directory.PROJECTION
"""The tables that `concordat rebuild` empties."""
