"""Publish a run: every rating that says something new, or is more than provisional now."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kit.auth import Caller
from kit.errors import FieldError, Invalid
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.frameworks.tables import RegisteredFramework
from accountability.orders.actions import orders_on
from accountability.orders.rules import order_for, under
from accountability.publications.consequences import follow_unchanged
from accountability.publications.revising import revise
from accountability.publications.schemas import NewPublication, PublicationView
from accountability.publications.whose import require_own
from accountability.ratings.changes import Change
from accountability.ratings.lifecycle import Step, stage_after
from accountability.ratings.tables import Rating, RatingRevision, publications_of
from accountability.reviews.settling import require_settled
from accountability.runs.said import Said
from accountability.runs.tables import Run, StagedRating
from accountability.runs.windows import has_open

Subject = tuple[UUID, str]
"""A school or organization, and which group or level of it."""


async def publish_run(
    session: AsyncSession, caller: Caller, run: Run, body: NewPublication, now: datetime
) -> PublicationView:
    """Publish a run's ratings; those that say the same as before keep their revision.

    Raises NotInLife, CorrectionsOpen, Forbidden, PublishedByAnother, and Invalid if published ratings change and no
    reason is given.
    """
    await session.execute(select(func.pg_advisory_xact_lock(publications_of(run.school_year))))
    step: Step = "publish-official" if body.state == "official" else "publish-provisional"
    in_review = await session.scalar(select(has_open(run.number, "review", now)))
    stage_after(step, "school-review" if in_review else "staged")
    await require_settled(session, run)
    staged = (await session.scalars(select(StagedRating).where(StagedRating.run == run.number))).all()
    changes = await _changes(session, run, staged, step, body.reason)
    await require_own(session, caller, run, changes)
    revised = sum(change.revises for change in changes)
    if revised and body.reason is None:
        message = f"say why: {revised} published ratings change"
        raise Invalid("A revision needs a reason.", errors=[FieldError("reason", "missing", message)])
    # First, so that whoever follows the changes sees that the run is published.
    run.published_at, run.published_as = run.published_at or now, body.state
    await session.flush()
    await revise(session, caller, changes, now)
    if not changes:
        await follow_unchanged(session, caller, run, now)
    return PublicationView(published=len(changes) - revised, revised=revised, unchanged=len(staged) - len(changes))


async def _changes(
    session: AsyncSession, run: Run, staged: Sequence[StagedRating], step: Step, reason: str | None
) -> list[Change]:
    """What is to be said anew."""
    framework = await session.get_one(RegisteredFramework, (run.framework_id, run.framework_version))
    title, not_rated = framework.document["title"], framework.document["not_rated"]
    ratings, orders = await _ratings(session, run, [_subject(row) for row in staged]), await orders_on(session, run)
    newest, changes = await _newest(session, run), []
    for row in staged:
        rating = ratings[_subject(row)]
        before = newest.get(rating.id)
        said = under(order_for(row.school_id, orders), Said.of(row), not_rated)
        change = _change(rating, before, run, title, said, step, reason)
        if change is not None:
            changes.append(change)
    return changes


def _change(
    rating: Rating, before: RatingRevision | None, run: Run, title: str, said: Said, step: Step, reason: str | None
) -> Change | None:
    """The next revision of a rating; None if nothing is to be said anew. Raises NotInLife."""
    if before is None:
        return Change(rating, None, run, title, said, stage_after(step, "staged"))
    if before.legal_source is not None:
        return None  # what people decided stands until they decide again
    stage = before.state
    after = stage_after(step, stage)
    same = Said.of(before) == said
    if same and stage in (after, "official"):
        return None
    return Change(rating, before, run, title, said, after, None if same else reason)


def _subject(row: StagedRating | Rating) -> Subject:
    return row.school_id, row.student_group


async def _ratings(session: AsyncSession, run: Run, subjects: list[Subject]) -> dict[Subject, Rating]:
    """The ratings of these subjects by this framework in this year, made if need be, and locked."""
    same = {"framework_id": run.framework_id, "school_year": run.school_year, "revision": 0}
    if subjects:
        new = [{"school_id": school, "student_group": group, **same} for school, group in subjects]
        await session.execute(upsert(Rating).on_conflict_do_nothing(), new)
    locked = (
        select(Rating)
        .where(Rating.framework_id == run.framework_id, Rating.school_year == run.school_year)
        .with_for_update()
    )
    return {_subject(row): row for row in await session.scalars(locked)}


async def _newest(session: AsyncSession, run: Run) -> dict[UUID, RatingRevision]:
    """The newest revisions by this framework in this year."""
    newest = (
        select(RatingRevision)
        .join(Rating, (RatingRevision.rating_id == Rating.id) & (RatingRevision.revision == Rating.revision))
        .where(Rating.framework_id == run.framework_id, Rating.school_year == run.school_year)
    )
    return {row.rating_id: row for row in await session.scalars(newest)}
