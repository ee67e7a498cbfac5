"""Decide an appeal. What is upheld is published as widely as what was appealed: as a revision like any other."""

from datetime import datetime
from uuid import UUID

from kit.auth import Caller
from kit.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from kit.preconditions import require_version
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.appeals.reading import Appealed, appeals, lock_rating, shape
from accountability.appeals.schemas import AppealDecision, AppealView, DecidedRating
from accountability.appeals.tables import Appeal
from accountability.frameworks.tables import RegisteredFramework
from accountability.orders.actions import orders_on
from accountability.orders.rules import order_for, under
from accountability.publications.revising import revise
from accountability.ratings.changes import Change
from accountability.ratings.lifecycle import stage_after
from accountability.ratings.tables import RatingRevision
from accountability.runs.said import Said
from accountability.runs.tables import Run, StagedRating
from accountability.visibility import stewarded


class AppealDecided(Conflict):
    """This appeal is decided already"""

    type = "appeal-decided"


async def decide_appeal(
    session: AsyncSession, caller: Caller, appeal_id: UUID, body: AppealDecision, version: int, now: datetime
) -> AppealView:
    """Uphold or deny. Raises NotFound, Forbidden, PreconditionFailed, AppealDecided, Invalid."""
    appeal = await _mine(session, caller, appeal_id, version)
    appealed = await lock_rating(session, appeal.rating_id)
    objected = await session.get_one(RatingRevision, (appeal.rating_id, appeal.revision))
    change = await _change(session, caller, appealed, objected, body)
    appeal.decision, appeal.decision_reason, appeal.decided_by = body.decision, body.reason, caller.client_id
    appeal.decided_at, appeal.decided_revision, appeal.version = now, change.revision, appeal.version + 1
    await revise(session, caller, [change], now)
    return shape(appeal)


async def _mine(session: AsyncSession, caller: Caller, appeal_id: UUID, version: int) -> Appeal:
    """An appeal that is the caller's to decide, locked."""
    found = appeals(caller).where(Appeal.id == appeal_id)
    appeal = await session.scalar(found.with_for_update(of=Appeal))
    if appeal is None:
        raise NotFound(f"There is no appeal {appeal_id} of yours.")
    decides = found.where(stewarded(caller, Run.organization_id))
    if caller.organization_id == appeal.organization_id or await session.scalar(decides) is None:
        raise Forbidden("Who rates decides, and never who appealed: leave the decision to the run's steward.")
    require_version(version, appeal.version)
    if appeal.decision is not None:
        raise AppealDecided(f"It was {appeal.decision} at {appeal.decided_at}: a new appeal is needed.")
    return appeal


async def _change(
    session: AsyncSession, caller: Caller, appealed: Appealed, objected: RatingRevision, body: AppealDecision
) -> Change:
    """What is published of a decision: the rating as it should have been, or again as it was."""
    rating, newest = appealed.rating, appealed.newest
    if body.decision == "denied":
        stage_after("deny-appeal", newest.state)
        same = Said.of(newest) == Said.of(objected)
        back = objected.state if same else "revised"
        return Change(rating, newest, appealed.run, newest.rating_title, Said.of(newest), back)
    run, said = await _should_have_been(session, caller, appealed, body)
    if said == Said.of(newest):
        error = FieldError("runId" if body.run_id else "decided", "no-change", "it says the same as what is published")
        raise Invalid("An appeal that is upheld changes the rating.", errors=[error])
    state = stage_after("uphold-appeal", newest.state)
    return Change(rating, newest, run, newest.rating_title, said, state, body.reason)


async def _should_have_been(
    session: AsyncSession, caller: Caller, appealed: Appealed, body: AppealDecision
) -> tuple[Run, Said]:
    run = appealed.run if body.run_id is None else await _run(session, caller, appealed, body.run_id)
    framework = (await session.get_one(RegisteredFramework, (run.framework_id, run.framework_version))).document
    if body.decided is not None:
        return run, _decided(body.decided, framework["not_rated"], [band["label"] for band in framework["scale"]])
    subject = (run.number, appealed.rating.school_id, appealed.rating.student_group)
    staged = await session.get(StagedRating, subject)
    if staged is None:
        raise _no_such_run(body.run_id)
    order = order_for(staged.school_id, await orders_on(session, run))
    return run, under(order, Said.of(staged), framework["not_rated"])


async def _run(session: AsyncSession, caller: Caller, appealed: Appealed, run_id: UUID) -> Run:
    found = select(Run).where(
        Run.id == run_id,
        Run.framework_id == appealed.run.framework_id,
        Run.school_year == appealed.run.school_year,
        stewarded(caller, Run.organization_id),
    )
    run = await session.scalar(found)
    if run is None:
        raise _no_such_run(run_id)
    return run


def _no_such_run(run_id: UUID | None) -> Invalid:
    error = FieldError("runId", "unknown", "name a run of yours, by this framework and year, that rates the school")
    return Invalid(f"There is no such run {run_id} of yours.", errors=[error])


def _decided(decided: DecidedRating, not_rated: str, bands: list[str]) -> Said:
    if decided.rating is not None and decided.rating not in bands:
        error = FieldError("decided.rating", "unknown", f"choose one of {', '.join(bands)}", value=decided.rating)
        raise Invalid("The framework has no such rating.", errors=[error])
    return Said(
        status=decided.status,
        rating=decided.rating or not_rated,
        score=decided.score,
        reason=decided.reason_code and "decided-on-appeal",
        reason_code=decided.reason_code,
        labels={},
        legal_source=decided.legal_source,
    )
