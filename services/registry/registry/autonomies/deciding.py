"""Whether a right to decide holds at a school on a date: its own period, and the agreement that grants it."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.dossier import dossiers
from registry.autonomies.schemas import AutonomyView, HeldAutonomy
from registry.autonomies.waiving import Holding, covers
from registry.standpoint import Standpoint


async def held_autonomies(
    session: AsyncSession, views: Sequence[AutonomyView], school_id: UUID, at: Standpoint
) -> list[HeldAutonomy]:
    """Each of `views` with why it holds at the school on the date, or does not."""
    agreements = await holdings(session, views, at)
    return [_held(view, school_id, at.day, agreements) for view in views]


async def holdings(session: AsyncSession, views: Sequence[AutonomyView], at: Standpoint) -> dict[UUID, Holding]:
    """The agreements that grant these autonomies, on the date."""
    named = sorted({view.agreement_id for view in views if view.agreement_id is not None})
    return {each.agreement.id: Holding.on(each, at.day) for each in await dossiers(session, named, at.known_at)}


def holds(view: AutonomyView, school_id: UUID, day: date, agreements: Mapping[UUID, Holding]) -> bool:
    """True if the autonomy holds at the school on `day`."""
    return _held(view, school_id, day, agreements).holds


def _held(view: AutonomyView, school_id: UUID, day: date, agreements: Mapping[UUID, Holding]) -> HeldAutonomy:
    granting = agreements[view.agreement_id] if view.agreement_id is not None else None
    if not covers(view, day):
        because = f"It holds from {view.valid_from} until {view.valid_to or 'further notice'}."
        return HeldAutonomy(autonomy=view, holds=False, because=because)
    if granting is None:
        return HeldAutonomy(autonomy=view, holds=True, because=f"By {view.clause}.")
    if not granting.standing.in_force:
        return HeldAutonomy(autonomy=view, holds=False, because=granting.standing.because)
    if school_id not in granting.schools:
        return HeldAutonomy(autonomy=view, holds=False, because="The agreement does not cover the school on that day.")
    because = f"By {view.clause} of {granting.dossier.agreement.title!r}. {granting.standing.because}"
    return HeldAutonomy(autonomy=view, holds=True, because=because)
