"""Corrections: revisions that say something else than the one before, with both."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.delivery.schemas import Correction
from accountability.ratings.reading import Query, published, shape
from accountability.ratings.schemas import RatingView
from accountability.ratings.tables import Rating, RatingRevision

Revision = tuple[UUID, int]


def corrections() -> Query:
    """Revisions of ratings that say something else than before: they have a reason."""
    return published(newest_only=False).where(
        RatingRevision.revision_reason.is_not(None), RatingRevision.revision > 1, Rating.withdrawn_at.is_(None)
    )


async def with_before(session: AsyncSession, after: Sequence[RatingView]) -> list[Correction]:
    """Revisions beside those that they revise."""
    before = await revisions(session, [(view.id, view.revision - 1) for view in after])
    return [
        Correction(
            rating_id=view.id,
            change_version=view.change_version,
            reason=view.revision_reason or "",
            before=before.get((view.id, view.revision - 1)),
            after=view,
        )
        for view in after
    ]


async def revisions(session: AsyncSession, asked: Collection[Revision]) -> dict[Revision, RatingView]:
    """These revisions, as the public sees them."""
    query = published(newest_only=False).where(tuple_(Rating.id, RatingRevision.revision).in_(asked))
    views: Any = [shape(row) for row in await session.execute(query)] if asked else []
    return {(view.id, view.revision): view for view in views}


async def newest(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, RatingView]:
    """What is published now of these ratings."""
    rows = await session.execute(published().where(Rating.id.in_(ids)))
    return {view.id: view for view in map(shape, rows)}
