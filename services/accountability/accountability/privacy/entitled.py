"""Figures in full, for those who hold the records of these students: who rated them, and who answers for the school."""

from datetime import datetime
from uuid import UUID

from kit.auth import Caller
from kit.clock import today_in
from kit.errors import NotFound
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.ratings.explaining import explain_wholly
from accountability.ratings.reading import published, shape
from accountability.ratings.schemas import Explanation
from accountability.ratings.tables import Rating, RatingRevision
from accountability.runs.tables import Run
from accountability.visibility import answers_for, stewarded


async def explain_in_full(
    session: AsyncSession, caller: Caller, rating_id: UUID, revision: int | None, now: datetime
) -> Explanation:
    """An explanation with the figures that are hidden from others. Raises NotFound."""
    query = published(newest_only=revision is None).join(Run, Run.number == RatingRevision.run)
    query = query.where(Rating.id == rating_id, Rating.withdrawn_at.is_(None), _entitled(caller, now))
    if revision is not None:
        query = query.where(RatingRevision.revision == revision)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NotFound(f"There is no published rating {rating_id} of a school of yours.")
    view = shape(row)
    exact = select(RatingRevision.score, RatingRevision.rating, RatingRevision.labels)
    said = (await session.execute(exact.filter_by(rating_id=view.id, revision=view.revision))).one()
    return await explain_wholly(session, view.model_copy(update=dict(said._mapping)))


def _entitled(caller: Caller, now: datetime) -> ColumnElement[bool]:
    """A school answers to whom it answers now: they have its records."""
    return or_(stewarded(caller, Run.organization_id), answers_for(caller, Rating.school_id, today_in("UTC", now)))
