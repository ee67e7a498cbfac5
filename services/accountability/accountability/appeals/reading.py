"""Appeals as they are read, and the ratings that they are against."""

from dataclasses import dataclass
from uuid import UUID

from kit.auth import Caller
from kit.errors import NotFound
from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.appeals.schemas import AppealView
from accountability.appeals.tables import Appeal
from accountability.ratings.tables import Rating, RatingRevision
from accountability.runs.tables import Run
from accountability.visibility import stewarded


@dataclass(frozen=True)
class Appealed:
    """A published rating, its newest revision, and the run that gave it."""

    rating: Rating
    newest: RatingRevision
    run: Run


async def lock_rating(session: AsyncSession, rating_id: UUID) -> Appealed:
    """A published rating that nobody else changes meanwhile. Raises NotFound."""
    rating = await session.scalar(
        select(Rating).where(Rating.id == rating_id, Rating.withdrawn_at.is_(None)).with_for_update()
    )
    if rating is None:
        raise NotFound(f"There is no published rating {rating_id}.")
    newest = await session.get_one(RatingRevision, (rating.id, rating.revision))
    run = (await session.scalars(select(Run).where(Run.number == newest.run))).one()
    return Appealed(rating, newest, run)


def appeals(caller: Caller) -> Select[Appeal]:
    """The appeals that the caller filed, and those against what its runs gave."""
    of_appeal = (RatingRevision.rating_id == Appeal.rating_id) & (RatingRevision.revision == Appeal.revision)
    joined = select(Appeal).join(RatingRevision, of_appeal).join(Run, Run.number == RatingRevision.run)
    return joined.where(or_(stewarded(caller, Run.organization_id), Appeal.organization_id == caller.organization_id))


def shape(appeal: Appeal) -> AppealView:
    """An appeal as shown."""
    return AppealView.model_validate(appeal, from_attributes=True)
