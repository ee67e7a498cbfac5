"""Evaluate goals by what is published, as soon as it is. Every evaluation is kept with what it used."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from contracts.registry import AgreementChanged
from kit.auth import Caller
from sqlalchemy import exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.agreements import Agreement
from accountability.goals.evidence import Published, published_of, source_of
from accountability.goals.judging import Evidence, Verdict, judge
from accountability.goals.reading import newest_evaluations, yardstick_of
from accountability.goals.schemas import Found, Target
from accountability.goals.tables import Goal, GoalEvaluation, GoalYardstick
from accountability.goals.telling import tell
from accountability.ratings.changes import Change
from accountability.ratings.figures import Source
from accountability.ratings.tables import Rating
from accountability.runs.tables import Run

JUNE = 6
"""The agreement of the last day of the school year, 30 June, is the one by which the year is judged."""


async def evaluate_goals(session: AsyncSession, caller: Caller, changes: Sequence[Change], now: datetime) -> None:
    """Evaluate the goals that are measured by what was published or revised: a school's own, or beside others."""
    await _evaluate_by(session, caller, {change.run.framework_id for change in changes}, now)


async def evaluate_by_run(session: AsyncSession, caller: Caller, run: Run, now: datetime) -> None:
    """Evaluate the goals by a run that was published and changed no rating: the measures that it read may have."""
    await _evaluate_by(session, caller, {run.framework_id}, now)


async def evaluate_without(session: AsyncSession, caller: Caller, rating: Rating, now: datetime) -> None:
    """Evaluate the goals again without a rating that was withdrawn, and show nobody what was found by it."""
    by_it = update(GoalEvaluation).where(GoalEvaluation.rating_id == rating.id)
    await session.execute(
        by_it.values(is_public=False, found=GoalEvaluation.found.op("-")("coded")),
        execution_options={"synchronize_session": False},
    )
    await _evaluate_by(session, caller, {rating.framework_id}, now)


async def evaluate_by_agreement(session: AsyncSession, agreement_id: UUID, now: datetime) -> None:
    """Evaluate the goals of an agreement of which something changed: it may not govern a year any more."""
    goals = select(Goal).where(Goal.agreement_id == agreement_id).order_by(Goal.id).with_for_update()
    await evaluate(session, None, (await session.scalars(goals)).all(), now)


async def _evaluate_by(session: AsyncSession, caller: Caller, frameworks: Collection[str], now: datetime) -> None:
    await lock_goals(session, frameworks)
    measured = exists().where(GoalYardstick.goal_id == Goal.id, GoalYardstick.framework_id.in_(frameworks))
    goals = select(Goal).where(measured).order_by(Goal.id).with_for_update()
    await evaluate(session, caller, (await session.scalars(goals)).all(), now)


async def lock_goals(session: AsyncSession, frameworks: Iterable[str]) -> None:
    """Let nobody publish by these frameworks while a goal is recorded, or record one while somebody publishes."""
    for framework in sorted(frameworks):
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"goals of {framework}", 0))))


async def evaluate(session: AsyncSession, caller: Caller | None, goals: Sequence[Goal], now: datetime) -> None:
    """Evaluate every target of goals that are locked; what is found as before is not written again.

    While copies are built anew, a goal waits until its agreement is heard again.
    """
    agreements = await _agreements(session, goals)
    by_id = {goal.id: goal for goal in goals if goal.agreement_id in agreements}
    ids = list(by_id)
    laid_down = select(GoalYardstick).where(GoalYardstick.goal_id.in_(ids))
    rows = (await session.scalars(laid_down.order_by(GoalYardstick.goal_id, GoalYardstick.number))).all()
    published = await _published(session, rows, by_id, now)
    newest = await newest_evaluations(session, ids)
    for goal_id, of_goal in groupby(rows, key=lambda row: row.goal_id):
        goal, changed = by_id[goal_id], False
        for row, target, is_replaced, evidence in _targets(goal, list(of_goal), published):
            before = newest.get((goal.id, row.number, target.year))
            if is_replaced or evidence is not None or before is not None:
                verdict = _verdict(goal, row, target, is_replaced, evidence, agreements[goal.agreement_id])
                changed |= _keep(session, row, target, verdict, evidence, before, now)
        if changed:
            goal.version += 1
            await session.flush()
            await tell(session, caller, goal)


async def _published(
    session: AsyncSession, rows: Sequence[GoalYardstick], goals: dict[UUID, Goal], now: datetime
) -> dict[Source, Published]:
    """What is published of each source, read once for all goals."""
    asked: dict[Source, list[GoalYardstick]] = {}
    for row in rows:
        asked.setdefault(source_of(yardstick_of(row)), []).append(row)
    return {
        source: await published_of(
            session, source, map(yardstick_of, of_source), {goals[row.goal_id].school_id for row in of_source}, now
        )
        for source, of_source in asked.items()
    }


async def _agreements(session: AsyncSession, goals: Sequence[Goal]) -> dict[UUID, AgreementChanged]:
    found = select(Agreement).where(Agreement.id.in_({goal.agreement_id for goal in goals}))
    return {row.id: AgreementChanged.read(row.said) for row in await session.scalars(found)}


def _targets(
    goal: Goal, rows: list[GoalYardstick], published: dict[Source, Published]
) -> Iterator[tuple[GoalYardstick, Target, bool, Evidence | None]]:
    """Each target of each yardstick: whether another took its place, and else by what it is judged, if by anything."""
    for row in rows:
        yardstick = yardstick_of(row)
        for target in yardstick.targets:
            is_replaced = any(later.number > row.number and later.from_year <= target.year for later in rows)
            evidence = published[source_of(yardstick)].evidence(yardstick, goal.school_id, target.year)
            yield row, target, is_replaced, None if is_replaced else evidence


def _verdict(
    goal: Goal,
    row: GoalYardstick,
    target: Target,
    is_replaced: bool,
    evidence: Evidence | None,
    agreement: AgreementChanged,
) -> Verdict:
    if is_replaced:
        return Verdict("superseded", "substituted", Found(target=target))
    if evidence is None:
        return Verdict("not-measurable", "withdrawn", Found(target=target))
    verdict, day = judge(yardstick_of(row), target, evidence), date(target.year, JUNE, 30)
    if any(standing.status == "superseded" and standing.covers(day) for standing in agreement.standings):
        return replace(verdict, status="superseded", reason="agreement-superseded")
    if not agreement.in_force_on(day, goal.school_id):
        return replace(verdict, status="not-measurable", reason="agreement-not-in-force")
    return verdict


def _keep(
    session: AsyncSession,
    row: GoalYardstick,
    target: Target,
    verdict: Verdict,
    evidence: Evidence | None,
    before: GoalEvaluation | None,
    now: datetime,
) -> bool:
    """Write an evaluation; False if nothing is new: a newer file that says the same is none."""
    figure = evidence.figure if evidence is not None else None
    said = {
        "status": verdict.status,
        "reason": verdict.reason,
        "rating_id": figure.rating_id if figure else None,
        "revision": figure.revision if figure else None,
        "found": verdict.found.model_dump(mode="json"),
        "is_public": figure.is_public if figure else True,
    }
    if before is not None and all(_known(before, name) == value for name, value in said.items()):
        return False
    key = {"goal_id": row.goal_id, "yardstick": row.number, "year": target.year}
    read = {"input_version": figure.input_version if figure else None, "evaluated_at": now}
    session.add(GoalEvaluation(**key, number=before.number + 1 if before else 1, **said, **read))
    return True


def _known(before: GoalEvaluation, name: str) -> object:
    """What was written; of what was found, all that is told of it now, or a new word would make all of it new."""
    return Found.model_validate(before.found).model_dump(mode="json") if name == "found" else getattr(before, name)
