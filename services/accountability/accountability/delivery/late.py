"""What is published now otherwise than a snapshot has it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.delivery.correcting import newest, revisions
from accountability.delivery.schemas import LateChange
from accountability.delivery.snapshots import within
from accountability.delivery.tables import RatingSnapshot, SnapshotLine
from accountability.ratings.tables import Rating


def changed_since(snapshot: RatingSnapshot) -> Select[*tuple[Any, ...]]:
    """The ratings that were published, revised or withdrawn since, as (Rating.id, revision in the snapshot)."""
    held = (SnapshotLine.rating_id == Rating.id) & (SnapshotLine.snapshot_id == snapshot.id)
    new = SnapshotLine.revision.is_(None) & Rating.withdrawn_at.is_(None)
    query: Select[*tuple[Any, ...]] = (
        select(Rating.id, SnapshotLine.revision)
        .outerjoin(SnapshotLine, held)
        .where(within(snapshot), new | (SnapshotLine.revision != Rating.revision))
    )
    return query


async def late_changes(session: AsyncSession, found: Sequence[tuple[UUID, int | None]]) -> list[LateChange]:
    """Ratings as a snapshot has them, and as they are."""
    then = await revisions(session, [(rating, revision) for rating, revision in found if revision is not None])
    now = await newest(session, [rating for rating, _ in found])
    return [
        LateChange(
            rating_id=rating,
            snapshot=None if revision is None else then.get((rating, revision)),
            now=now.get(rating),
        )
        for rating, revision in found
    ]
