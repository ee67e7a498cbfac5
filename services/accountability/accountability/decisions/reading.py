"""Decisions with their evidence, for those who may read them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kit.auth import Caller
from kit.clock import today_in
from sqlalchemy import ColumnElement, exists, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.decisions.schemas import DecisionView, FrozenRating, Outdated
from accountability.decisions.tables import Decision, Evidence, Notice
from accountability.ratings.reading import published, shape
from accountability.ratings.tables import Rating, RatingRevision
from accountability.runs.tables import Run
from accountability.visibility import answers_for, stewarded


def readable(caller: Caller, now: datetime) -> ColumnElement[bool]:
    """The condition on decisions that the caller recorded, or whose school it answers for, then or now."""
    if caller.organization_id is None:
        return true()
    return or_(
        stewarded(caller, Decision.organization_id),
        answers_for(caller, Decision.school_id, Decision.decided_on),
        answers_for(caller, Decision.school_id, today_in("UTC", now)),
    )


def outdated() -> ColumnElement[bool]:
    """The condition on decisions that something they relied on was revised or withdrawn."""
    withdrawn = exists().where(
        Evidence.decision_id == Decision.id, Rating.id == Evidence.rating_id, Rating.withdrawn_at.is_not(None)
    )
    return or_(exists().where(Notice.decision_id == Decision.id), withdrawn)


async def shapes(session: AsyncSession, decisions: Sequence[Decision]) -> list[DecisionView]:
    """Decisions as shown."""
    ids = [decision.id for decision in decisions]
    frozen = await _evidence(session, ids)
    notices: dict[UUID, list[Outdated]] = {}
    query = select(Notice).where(Notice.decision_id.in_(ids)).order_by(Notice.rating_id, Notice.revision)
    for notice in await session.scalars(query):
        notices.setdefault(notice.decision_id, []).append(Outdated.model_validate(notice, from_attributes=True))
    return [_shape(decision, frozen[decision.id], notices.get(decision.id, [])) for decision in decisions]


async def _evidence(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, list[FrozenRating]]:
    relied = (Evidence.rating_id == Rating.id) & (Evidence.revision == RatingRevision.revision)
    query = (
        published(newest_only=False)
        .join(Evidence, relied)
        .join(Run, Run.number == RatingRevision.run)
        .add_columns(Evidence.decision_id, Run.id.label("run_id"), Rating.withdrawn_at)
        .where(Evidence.decision_id.in_(ids))
        .order_by(Rating.id)
    )
    found: dict[UUID, list[FrozenRating]] = {}
    for row in await session.execute(query):
        frozen = FrozenRating(run_id=row.run_id, rating=shape(row), withdrawn_at=row.withdrawn_at)
        found.setdefault(row.decision_id, []).append(frozen)
    return found


def _shape(decision: Decision, frozen: list[FrozenRating], notices: list[Outdated]) -> DecisionView:
    beside = {"relied_on", "relied_on_outdated", "outdated_by"}
    said = {name: getattr(decision, name) for name in DecisionView.model_fields.keys() - beside}
    withdrawn = any(each.withdrawn_at is not None for each in frozen)
    return DecisionView(**said, relied_on=frozen, relied_on_outdated=bool(notices) or withdrawn, outdated_by=notices)
