"""Write revisions and tell of them: the one way in which anything of a rating becomes public."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from kit.auth import Caller
from kit.journal import record_changes
from sqlalchemy import ARRAY, Uuid, any_, insert, literal, update
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.privacy.deciding import suppressions
from accountability.privacy.showing import publicly
from accountability.publications.consequences import follow
from accountability.ratings.changes import Change
from accountability.ratings.tables import Rating, RatingRevision
from accountability.rollups.disclosure import public_sums

SAID = ("status", "rating", "score", "reason", "reason_code", "labels", "order_id", "legal_source")


async def revise(session: AsyncSession, caller: Caller, changes: Sequence[Change], now: datetime) -> None:
    """Publish changes of ratings that are locked: their revisions, an event each, and what follows."""
    if not changes:
        return
    sums = await public_sums(session, changes[0].rating.school_year)
    hidden = await suppressions(session, changes, sums)
    rows = [_row(change, now) | {"suppression": hidden.get(change.rating.id)} for change in changes]
    await session.execute(insert(RatingRevision), rows)
    await session.execute(
        update(Rating)
        .where(Rating.id == any_(literal([change.rating.id for change in changes], ARRAY(Uuid))))
        .values(revision=Rating.revision + 1, withdrawn_at=None, withdrawn_reason=None)
        .execution_options(synchronize_session=False)
    )
    await session.flush()
    await follow(session, caller, changes, now)
    events = [(change.event(publicly(row)), change.previous()) for change, row in zip(changes, rows, strict=True)]
    reason = next((change.reason for change in changes if change.reason is not None), None)
    await record_changes(session, events, caller=caller, reason=reason)


def _row(change: Change, now: datetime) -> dict[str, Any]:
    return {
        "rating_id": change.rating.id,
        "revision": change.revision,
        "run": change.run.number,
        "framework_version": change.run.framework_version,
        "rating_title": change.title,
        "data_year": change.run.data_year,
        "rating_date": now.date(),
        "published_at": now,
        "revision_reason": change.reason,
        "state": change.state,
        **{name: getattr(change.said, name) for name in SAID},
    }
