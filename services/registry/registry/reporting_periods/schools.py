"""Whether what is said of a school's past is settled."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.dated import among, believed
from registry.reporting_periods.actions import lock_on, locked, locks_in_force
from registry.schools.tables import SchoolAssignment


async def respect_locks(session: AsyncSession, school_id: UUID, since: date) -> None:
    """Raise PeriodLocked if a change that reaches back to `since` would alter a locked period of the school's."""
    await respect_locks_of(session, since, school_ids=[school_id])


async def respect_locks_of(
    session: AsyncSession, since: date, *, school_ids: Collection[UUID] = (), organizations: Collection[UUID] = ()
) -> None:
    """The same for a change of what holds for several schools, or for organizations."""
    answering = select(SchoolAssignment.organization_id).where(
        among(SchoolAssignment.school_id, school_ids),
        SchoolAssignment.role == "accountable-lea",
        believed(SchoolAssignment),
    )
    concerned = {*organizations, *(await session.scalars(answering))}
    lock = lock_on(await locks_in_force(session), since, concerned)
    if lock is not None:
        raise locked(lock, since)
