"""Record decisions, and notice when what they relied on is revised."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from contracts.accountability import DecisionChanged, ReliedOn
from kit.auth import Caller
from kit.errors import FieldError, Invalid
from kit.journal import record
from sqlalchemy import ARRAY, Uuid, any_, exists, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.decisions.reading import shapes
from accountability.decisions.schemas import DecisionView, NewDecision
from accountability.decisions.tables import Decision, Evidence, Notice
from accountability.directory import School
from accountability.ratings.changes import Change
from accountability.ratings.tables import Rating, RatingRevision
from accountability.runs.said import Said
from accountability.visibility import require_steward


async def record_decision(session: AsyncSession, caller: Caller, body: NewDecision, now: datetime) -> DecisionView:
    """Record a decision with the published revisions that it relied on. Raises Forbidden, Invalid."""
    await require_steward(session, caller, "records decisions")
    newest, errors = await _relied_on(session, body)
    if await session.scalar(select(School.id).where(School.id == body.school_id)) is None:
        errors.append(FieldError("schoolId", "unknown", "no such school is known here", value=str(body.school_id)))
    if errors:
        raise Invalid("The decision cannot be recorded; see `errors`.", errors=errors)
    owner = {"organization_id": caller.organization_id, "client_id": caller.client_id, "recorded_at": now}
    decision = Decision(version=1, **body.model_dump(exclude={"relied_on"}), **owner)
    session.add(decision)
    await session.flush()
    evidence = [{"decision_id": decision.id, **relied.model_dump()} for relied in body.relied_on]
    await session.execute(insert(Evidence), evidence)
    for revision in newest:
        session.add(_notice(decision, revision.rating_id, revision.revision, now))
    return await _say(session, caller, decision)


async def flag_outdated(session: AsyncSession, caller: Caller, changes: Sequence[Change], now: datetime) -> None:
    """Notice the decisions that relied on a revision which said something else than what is published now."""
    # A rating that was withdrawn and is published again has none before it.
    revised = {change.rating.id: change for change in changes if change.revises or change.before is None}
    relied = (RatingRevision.rating_id == Evidence.rating_id) & (RatingRevision.revision == Evidence.revision)
    query = (
        select(Decision, RatingRevision)
        .join(Evidence, Evidence.decision_id == Decision.id)
        .join(RatingRevision, relied)
        .where(Evidence.rating_id == any_(literal(list(revised), ARRAY(Uuid))))
        .order_by(Decision.id)
        .with_for_update(of=Decision)
    )
    flagged: dict[UUID, Decision] = {}
    for decision, revision in await session.execute(query) if revised else ():
        change = revised[revision.rating_id]
        if Said.of(revision) != change.said:
            session.add(_notice(decision, change.rating.id, change.revision, now))
            flagged[decision.id] = decision
    for decision in flagged.values():
        decision.version += 1
        await _say(session, caller, decision)


async def flag_withdrawn(session: AsyncSession, caller: Caller, rating: Rating) -> None:
    """Tell of the decisions that relied on a rating which is withdrawn now."""
    relied = exists().where(Evidence.decision_id == Decision.id, Evidence.rating_id == rating.id)
    found = await session.scalars(select(Decision).where(relied).order_by(Decision.id).with_for_update())
    for decision in found.all():
        decision.version += 1
        await _say(session, caller, decision)


async def _relied_on(session: AsyncSession, body: NewDecision) -> tuple[list[RatingRevision], list[FieldError]]:
    """The newest revisions that already say something else, and what is wrong with what is named."""
    ids = {relied.rating_id for relied in body.relied_on}
    # Locked, so that a publication meanwhile either is seen here or sees the decision.
    ratings = {row.id: row for row in await session.scalars(select(Rating).where(Rating.id.in_(ids)).with_for_update())}
    revisions = {
        (row.rating_id, row.revision): row
        for row in await session.scalars(select(RatingRevision).where(RatingRevision.rating_id.in_(ids)))
    }
    newest, errors = [], []
    for place, relied in enumerate(body.relied_on):
        found = revisions.get((relied.rating_id, relied.revision))
        if found is None or ratings[relied.rating_id].withdrawn_at is not None:
            message = "no such revision of a rating is published"
            errors.append(FieldError(f"reliedOn.{place}", "unknown", message, value=str(relied.rating_id)))
            continue
        last = revisions[relied.rating_id, ratings[relied.rating_id].revision]
        if Said.of(last) != Said.of(found):
            newest.append(last)
    if len(ids) < len(body.relied_on):
        errors.append(FieldError("reliedOn", "repeated", "name each rating once"))
    return newest, errors


def _notice(decision: Decision, rating_id: UUID, revision: int, now: datetime) -> Notice:
    return Notice(decision_id=decision.id, rating_id=rating_id, revision=revision, noticed_at=now)


async def _say(session: AsyncSession, caller: Caller, decision: Decision) -> DecisionView:
    """Tell the others of a decision, without its words."""
    await session.flush()
    [view] = await shapes(session, [decision])
    said = view.model_dump(include={"id", "version", "school_id", "kind", "decided_on", "relied_on_outdated"})
    relied_on = [ReliedOn(rating_id=each.rating.id, revision=each.rating.revision) for each in view.relied_on]
    await record(session, DecisionChanged(**said, relied_on=relied_on), caller=caller)
    return view
