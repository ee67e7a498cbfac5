"""Our copy of what the registry says, kept from its events: the newest version of each, in whatever order they come."""

from contracts.event import Envelope, Event
from contracts.registry import (
    AgreementChanged,
    BuildingChanged,
    EntitlementsChanged,
    OrganizationChanged,
    SchoolChanged,
)
from kit.copies import keep_newest
from kit.periods import period
from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_services.directory import Agreement, Assignment, Building, Entitlements, Organization, School


async def keep_school(session: AsyncSession, event: SchoolChanged, envelope: Envelope) -> None:
    """Keep the newest version of a school."""
    if not await _keep_said(session, School, event):
        return
    await session.execute(delete(Assignment).where(Assignment.school_id == event.id))
    held = [
        {
            "school_id": event.id,
            "organization_id": assignment.organization_id,
            "role": assignment.role,
            "during": period(assignment.valid_from, assignment.valid_to),
        }
        for assignment in event.assignments
    ]
    if held:
        await session.execute(insert(Assignment), held)


async def keep_organization(session: AsyncSession, event: OrganizationChanged, envelope: Envelope) -> None:
    """Keep the newest version of an organization."""
    await keep_newest(
        session, Organization, **event.model_dump(include={"id", "version", "name", "types", "time_zone"})
    )


async def keep_entitlements(session: AsyncSession, event: EntitlementsChanged, envelope: Envelope) -> None:
    """Keep the newest version of what a school may have."""
    await _keep_said(session, Entitlements, event)


async def keep_agreement(session: AsyncSession, event: AgreementChanged, envelope: Envelope) -> None:
    """Keep the newest version of an agreement."""
    await _keep_said(session, Agreement, event)


async def keep_building(session: AsyncSession, event: BuildingChanged, envelope: Envelope) -> None:
    """Keep the newest version of a building."""
    await _keep_said(session, Building, event)


Kept = type[School] | type[Organization] | type[Entitlements] | type[Agreement] | type[Building]


async def _keep_said(session: AsyncSession, table: Kept, event: Event) -> bool:
    said = event.model_dump(mode="json", by_alias=True)
    return await keep_newest(session, table, id=event.id, version=event.version, said=said)
