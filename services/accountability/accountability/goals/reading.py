"""Goals as they are read: in full by those whom they bind, by others as far as it is published and not hidden."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from kit.auth import Caller
from kit.clock import today_in
from kit.errors import NotFound
from sqlalchemy import ColumnElement, Select, exists, or_, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.directory import School
from accountability.goals.schemas import (
    Approval,
    EvaluationView,
    Found,
    GoalView,
    OutcomeView,
    OverrideView,
    Yardstick,
    YardstickView,
)
from accountability.goals.tables import Goal, GoalEvaluation, GoalOverride, GoalYardstick
from accountability.visibility import answers_for, stewarded

Line = tuple[UUID, int, int]
"""A goal, one of its yardsticks, and a year."""


class Seen(NamedTuple):
    """A goal, what its school is called, and whether the caller sees all figures."""

    goal: Goal
    school_name: str
    in_full: bool


def entitled(caller: Caller, now: datetime) -> ColumnElement[bool]:
    """The condition on goals that the caller recorded, or whose school answers to it now: they have its records."""
    return or_(stewarded(caller, Goal.organization_id), answers_for(caller, Goal.school_id, today_in("UTC", now)))


def is_published() -> ColumnElement[bool]:
    """The condition that a goal was evaluated by a published rating: from then on everybody may know of it."""
    return exists().where(GoalEvaluation.goal_id == Goal.id, GoalEvaluation.rating_id.is_not(None))


def readable(caller: Caller, now: datetime) -> Select[*tuple[Any, ...]]:
    """The goals that a caller may know of, with `school_name` and `in_full`."""
    mine = entitled(caller, now)
    return (
        select(Goal, School.name.label("school_name"), mine.label("in_full"))
        .join(School, School.id == Goal.school_id)
        .where(or_(mine, is_published()))
    )


async def find_goal(session: AsyncSession, caller: Caller, goal_id: UUID, now: datetime) -> Seen:
    """A goal that the caller may know of. Raises NotFound."""
    row = (await session.execute(readable(caller, now).where(Goal.id == goal_id))).one_or_none()
    if row is None:
        raise NotFound(f"There is no goal {goal_id} that is yours or published.")
    return Seen(*row)


def yardstick_of(row: GoalYardstick) -> Yardstick:
    """A yardstick as it was laid down."""
    said = {name: getattr(row, name) for name in Yardstick.model_fields.keys() - {"framework"}}
    return Yardstick.model_validate(said | {"framework": row.framework_id})


async def newest_evaluations(
    session: AsyncSession, goals: Sequence[UUID], known_at: datetime | None = None
) -> dict[Line, GoalEvaluation]:
    """The evaluation of each target that counts, or that counted at a time."""
    lines = (GoalEvaluation.goal_id, GoalEvaluation.yardstick, GoalEvaluation.year)
    query = select(GoalEvaluation).where(
        GoalEvaluation.goal_id.in_(goals), true() if known_at is None else GoalEvaluation.evaluated_at <= known_at
    )
    rows = await session.scalars(query.ext(distinct_on(*lines)).order_by(*lines, GoalEvaluation.number.desc()))
    return {(row.goal_id, row.yardstick, row.year): row for row in rows}


async def newest_overrides(
    session: AsyncSession, goals: Sequence[UUID], known_at: datetime | None = None
) -> dict[tuple[UUID, int], GoalOverride]:
    """What people decided of each year of a goal, unless they took it back."""
    query = select(GoalOverride).where(
        GoalOverride.goal_id.in_(goals), true() if known_at is None else GoalOverride.recorded_at <= known_at
    )
    newest = {(row.goal_id, row.year): row for row in await session.scalars(query.order_by(GoalOverride.id))}
    return {year: row for year, row in newest.items() if row.status is not None}


async def yardsticks(
    session: AsyncSession, goals: Sequence[UUID], known_at: datetime | None = None
) -> dict[UUID, list[GoalYardstick]]:
    """All that each goal was ever measured by, the first first."""
    query = select(GoalYardstick).where(
        GoalYardstick.goal_id.in_(goals), true() if known_at is None else GoalYardstick.recorded_at <= known_at
    )
    found: dict[UUID, list[GoalYardstick]] = {}
    for row in await session.scalars(query.order_by(GoalYardstick.goal_id, GoalYardstick.number)):
        found.setdefault(row.goal_id, []).append(row)
    return found


def evaluation_shape(row: GoalEvaluation, *, in_full: bool) -> EvaluationView:
    """An evaluation as shown; without what is hidden, unless `in_full`."""
    suppressed, found = not (in_full or row.is_public), Found.model_validate(row.found)
    code = None if found.coded is None else Found(coded=found.coded)
    hidden = {"status": None, "reason": None, "found": code} if suppressed else {}
    names = EvaluationView.model_fields.keys() - {"suppressed", "found"}
    said = {name: getattr(row, name) for name in names} | {"found": found}
    return EvaluationView.model_validate(said | hidden | {"suppressed": suppressed})


async def outcomes(
    session: AsyncSession, goals: Sequence[Seen], known_at: datetime | None = None
) -> dict[UUID, list[OutcomeView]]:
    """How every target of these goals stands, or stood at a time, by yardstick and year."""
    ids = [seen.goal.id for seen in goals]
    evaluated, decided = (
        await newest_evaluations(session, ids, known_at),
        await newest_overrides(session, ids, known_at),
    )
    laid_down = await yardsticks(session, ids, known_at)
    return {
        seen.goal.id: [
            _outcome(row, target.year, evaluated, decided, seen.in_full)
            for row in laid_down.get(seen.goal.id, [])
            for target in sorted(yardstick_of(row).targets, key=lambda target: target.year)
        ]
        for seen in goals
    }


def _outcome(
    row: GoalYardstick,
    year: int,
    evaluated: dict[Line, GoalEvaluation],
    decided: dict[tuple[UUID, int], GoalOverride],
    in_full: bool,
) -> OutcomeView:
    found = evaluated.get((row.goal_id, row.number, year))
    computed = None if found is None else evaluation_shape(found, in_full=in_full)
    hidden = computed is not None and computed.suppressed
    # A target that another took the place of stays superseded, whatever is decided of the year.
    override = (
        None if hidden or (found is not None and found.reason == "substituted") else decided.get((row.goal_id, year))
    )
    status: Any = "pending" if computed is None else computed.status
    return OutcomeView(
        year=year,
        yardstick=row.number,
        status=status if override is None else override.status,
        computed=computed,
        override=None if override is None else OverrideView.model_validate(override, from_attributes=True),
    )


async def shapes(session: AsyncSession, goals: Sequence[Seen]) -> list[GoalView]:
    """Goals as shown."""
    laid_down = await yardsticks(session, [seen.goal.id for seen in goals])
    stand = await outcomes(session, goals)
    names = GoalView.model_fields.keys() - {"yardsticks", "outcomes", "school_name"}
    return [
        GoalView(
            school_name=seen.school_name,
            yardsticks=[_yardstick_shape(row, stand[seen.goal.id]) for row in laid_down[seen.goal.id]],
            outcomes=stand[seen.goal.id],
            **{name: getattr(seen.goal, name) for name in names},
        )
        for seen in goals
    ]


def _yardstick_shape(row: GoalYardstick, outcomes: Sequence[OutcomeView]) -> YardstickView:
    """A yardstick; without where the way begins, if what is measured on it is hidden: that is of the same few."""
    said = yardstick_of(row).model_dump() | {
        name: getattr(row, name) for name in ("number", "from_year", "recorded_at")
    }
    evaluated = [each.computed for each in outcomes if each.yardstick == row.number]
    if any(each is not None and each.suppressed for each in evaluated):
        said["baseline"] = None
    return YardstickView.model_validate(
        said | {"approval": None if row.approval is None else Approval.model_validate(row.approval)}
    )
