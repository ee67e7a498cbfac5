"""Publish and revise ratings."""

from datetime import datetime
from uuid import UUID

from contracts.accountability import RatingPublished
from kit.auth import Caller
from kit.errors import FieldError, Forbidden, Invalid
from kit.journal import record
from sqlalchemy import insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.directory import may_steward
from accountability.frameworks.tables import RegisteredFramework
from accountability.ratings.tables import Rating, RatingRevision
from accountability.runs.schemas import PublicationView
from accountability.runs.tables import Run, StagedRating

Subject = tuple[UUID, str]
"""A school or organization, and which group or level of it."""
SAID = ("status", "rating", "score", "reason", "labels")


async def publish_run(
    session: AsyncSession, caller: Caller, run: Run, reason: str | None, now: datetime
) -> PublicationView:
    """Publish a run's ratings; those that say the same as before keep their revision.

    Raises Forbidden, and Invalid if published ratings change and no reason is given.
    """
    if not await may_steward(session, caller):
        raise Forbidden("Only a district, a state agency or the platform's administrator publishes.")
    await session.execute(text("select pg_advisory_xact_lock(72626114230000 + :year)").bindparams(year=run.school_year))
    framework = await session.get_one(RegisteredFramework, (run.framework_id, run.framework_version))
    staged = (await session.scalars(select(StagedRating).where(StagedRating.run == run.number))).all()
    ratings = await _ratings(session, run, [_subject(row) for row in staged])
    published = await _published(session, run)
    changed = [row for row in staged if _said(row) != published.get(_subject(row))]
    revised = [row for row in changed if _subject(row) in published]
    if revised and reason is None:
        message = f"say why: {len(revised)} published ratings change"
        raise Invalid("A revision needs a reason.", errors=[FieldError("reason", "missing", message)])
    revisions = [
        {
            "rating_id": ratings[_subject(row)].id,
            "revision": ratings[_subject(row)].revision + 1,
            "run": run.number,
            "framework_version": run.framework_version,
            "rating_title": framework.document["title"],
            "data_year": run.data_year,
            "rating_date": now.date(),
            "published_at": now,
            "revision_reason": reason if _subject(row) in published else None,
            **dict(zip(SAID, _said(row), strict=True)),
        }
        for row in changed
    ]
    if revisions:
        await session.execute(insert(RatingRevision), revisions)
        await session.execute(
            update(Rating)
            .where(Rating.id.in_([revision["rating_id"] for revision in revisions]))
            .values(revision=Rating.revision + 1)
            .execution_options(synchronize_session=False)
        )
    run.published_at = run.published_at or now
    await session.flush()
    events = [
        RatingPublished.model_validate(
            {
                **revision,
                "id": revision["rating_id"],
                "version": revision["revision"],
                "school_id": row.school_id,
                "student_group": row.student_group,
                "framework": run.framework_id,
                "school_year": run.school_year,
            }
        )
        for row, revision in zip(changed, revisions, strict=True)
    ]
    await record(session, *events, caller=caller, reason=reason)
    return PublicationView(
        published=len(changed) - len(revised), revised=len(revised), unchanged=len(staged) - len(changed)
    )


def _subject(row: StagedRating | Rating) -> Subject:
    return row.school_id, row.student_group


def _said(row: StagedRating | RatingRevision) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in SAID)


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


async def _published(session: AsyncSession, run: Run) -> dict[Subject, tuple[object, ...]]:
    newest = (
        select(Rating, RatingRevision)
        .join(RatingRevision, (RatingRevision.rating_id == Rating.id) & (RatingRevision.revision == Rating.revision))
        .where(Rating.framework_id == run.framework_id, Rating.school_year == run.school_year)
    )
    return {_subject(rating): _said(revision) for rating, revision in await session.execute(newest)}
