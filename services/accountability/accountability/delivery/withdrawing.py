"""Withdraw a rating that should never have been public. What is left of it is a tombstone."""

from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.accountability import RatingWithdrawn
from kit.auth import Caller
from kit.errors import Conflict, NotFound
from kit.journal import record
from kit.preconditions import require_version
from kit.tables import journal
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.decisions.actions import flag_withdrawn
from accountability.delivery.schemas import RatingKey, Tombstone
from accountability.goals.evaluating import evaluate_without
from accountability.ratings.tables import Rating, RatingRevision
from accountability.rollups.following import compute_years
from accountability.runs.tables import Run
from accountability.visibility import stewarded

Query = Select[*tuple[Any, ...]]


class AppealIsOpen(Conflict):
    """An appeal against the rating is open"""

    type = "appeal-is-open"


async def withdraw_rating(
    session: AsyncSession, caller: Caller, rating_id: UUID, reason: str, version: int, now: datetime
) -> RatingKey:
    """Withdraw a rating by a run of the caller. Raises NotFound, PreconditionFailed, AppealIsOpen."""
    newest = (RatingRevision.rating_id == Rating.id) & (RatingRevision.revision == Rating.revision)
    joined = (
        select(Rating, RatingRevision.state).join(RatingRevision, newest).join(Run, Run.number == RatingRevision.run)
    )
    mine = joined.where(Rating.id == rating_id, stewarded(caller, Run.organization_id))
    found = (await session.execute(mine.with_for_update(of=Rating))).one_or_none()
    if found is None:
        raise NotFound(f"There is no published rating {rating_id} of yours.")
    rating: Rating = found.Rating
    require_version(version, rating.revision)
    if found.state == "under-appeal":
        raise AppealIsOpen("Decide the appeal first; then withdraw what it led to.")
    # The withdrawal takes a number of its own, so that whoever keeps the newest version keeps this.
    rating.revision, rating.withdrawn_at, rating.withdrawn_reason = rating.revision + 1, now, reason
    key = key_of(rating)
    said = {"id": rating.id, "version": rating.revision, "withdrawn_at": now, "reason": reason}
    await session.flush()
    await flag_withdrawn(session, caller, rating)
    await evaluate_without(session, caller, rating, now)
    await compute_years(session, caller, [(rating.framework_id, rating.school_year)], reason, now)
    await record(session, RatingWithdrawn.model_validate(said | dict(key)), caller=caller, reason=reason)
    return key


def key_of(rating: Rating) -> RatingKey:
    """What a rating is of."""
    return RatingKey(
        school_id=rating.school_id,
        student_group=rating.student_group,
        framework=rating.framework_id,
        school_year=rating.school_year,
    )


def tombstones() -> Query:
    """Ratings that are withdrawn, with the change version at which that happened; not those published again."""
    subject = func.concat("concordat.accountability.rating.", Rating.id)
    said = (journal.c.subject == subject) & (journal.c.version == Rating.revision)
    query: Query = (
        select(Rating, journal.c.change_version)
        .join(journal, said)
        .where(Rating.withdrawn_at.is_not(None), journal.c.change_version.is_not(None))
    )
    return query


def tombstone(row: Any) -> Tombstone:
    """A withdrawn rating as shown."""
    rating: Rating = row.Rating
    assert rating.withdrawn_at is not None
    return Tombstone(
        id=rating.id,
        change_version=row.change_version,
        key_values=key_of(rating),
        withdrawn_at=rating.withdrawn_at,
        reason=rating.withdrawn_reason or "",
    )
