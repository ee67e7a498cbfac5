"""Record goals, put another yardstick in the place of one that is no longer there, and decide instead of computing."""

from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.registry import AgreementChanged
from kit.auth import Caller
from kit.errors import Conflict, FieldError, Invalid, NotFound
from kit.preconditions import require_version
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.agreements import Agreement
from accountability.directory import School
from accountability.goals.evaluating import evaluate, lock_goals
from accountability.goals.law import require_allowed
from accountability.goals.reading import Seen, newest_evaluations, newest_overrides, shapes, yardstick_of, yardsticks
from accountability.goals.rules import faults
from accountability.goals.schemas import Approval, GoalView, NewGoal, NewOverride, NewSubstitution, Yardstick
from accountability.goals.tables import Goal, GoalOverride, GoalYardstick
from accountability.goals.telling import tell
from accountability.ratings.sources import source_faults
from accountability.visibility import require_steward, stewarded

JUDGED = {"met", "approaching", "not-met"}


class StillMeasured(Conflict):
    """What was measured keeps its yardstick"""

    type = "still-measured"


async def record_goal(session: AsyncSession, caller: Caller, body: NewGoal, now: datetime) -> GoalView:
    """Record a goal and evaluate it by what is published already.

    Raises Forbidden, Invalid, and ExtraGoalForbidden where the law allows no goals beyond the charter.
    """
    await require_steward(session, caller, "records goals")
    agreement, errors = await _agreement(session, caller, body)
    errors += await _yardstick_faults(session, caller, body.yardstick)
    if agreement is not None:
        require_allowed(agreement.instrument, body.laid_down_in)
    if errors:
        raise Invalid("The goal cannot be recorded; see `errors`.", errors=errors)
    await lock_goals(session, [body.yardstick.framework])
    owner = {"organization_id": caller.organization_id, "client_id": caller.client_id, "recorded_at": now}
    goal = Goal(version=1, **body.model_dump(exclude={"yardstick"}), **owner)
    session.add(goal)
    await session.flush()
    first = min(target.year for target in body.yardstick.targets)
    return await _lay_down(session, caller, goal, body.yardstick, 1, first, None, now)


async def substitute_yardstick(
    session: AsyncSession, caller: Caller, goal_id: UUID, version: int, body: NewSubstitution, now: datetime
) -> GoalView:
    """Measure a goal by something else from a year on, as somebody approved; both stay shown.

    Raises NotFound, PreconditionFailed, Invalid, and StillMeasured if a year from then on was judged by the one before.
    """
    goal = await _lock_goal(session, caller, goal_id, version)
    errors = await _yardstick_faults(session, caller, body.yardstick)
    early = [target.year for target in body.yardstick.targets if target.year < body.from_year]
    if early:
        message = f"its targets begin with the year {body.from_year}, from which it holds"
        errors.append(FieldError("yardstick.targets", "before-from-year", message, value=str(min(early))))
    if errors:
        raise Invalid("The yardstick cannot be used; see `errors`.", errors=errors)
    await lock_goals(session, [body.yardstick.framework])
    evaluated = await newest_evaluations(session, [goal.id])
    judged = [year for (_, _, year), row in evaluated.items() if year >= body.from_year and row.status in JUDGED]
    if judged:
        mend = f"substitute from a year after {max(judged)}, or override a year with a reason"
        raise StillMeasured(f"The goal was measured for {max(judged)}: {mend}.", years=sorted(judged))
    laid_down = (await yardsticks(session, [goal.id]))[goal.id]
    goal.version += 1
    approval = Approval(**body.model_dump(include=set(Approval.model_fields)))
    return await _lay_down(session, caller, goal, body.yardstick, len(laid_down) + 1, body.from_year, approval, now)


async def override_outcome(
    session: AsyncSession, caller: Caller, goal_id: UUID, version: int, body: NewOverride, now: datetime
) -> GoalView:
    """Decide how a year stands, whatever is computed. Raises NotFound, PreconditionFailed, Invalid."""
    goal = await _lock_goal(session, caller, goal_id, version)
    laid_down = (await yardsticks(session, [goal.id]))[goal.id]
    years = sorted({target.year for row in laid_down for target in yardstick_of(row).targets})
    if body.year not in years:
        message = f"its targets are for {', '.join(map(str, years))}"
        raise Invalid(
            "The goal has no target for this year.",
            errors=[FieldError("year", "no-target", message, value=str(body.year))],
        )
    decided = await newest_overrides(session, [goal.id])
    if body.status is None and (goal.id, body.year) not in decided:
        error = FieldError("status", "nothing-decided", "what is computed counts already; name a status")
        raise Invalid("There is nothing to take back.", errors=[error])
    session.add(GoalOverride(goal_id=goal.id, client_id=caller.client_id, recorded_at=now, **body.model_dump()))
    goal.version += 1
    await session.flush()
    await tell(session, caller, goal)
    return await _view(session, goal)


async def _lay_down(
    session: AsyncSession,
    caller: Caller,
    goal: Goal,
    yardstick: Yardstick,
    number: int,
    from_year: int,
    approval: Approval | None,
    now: datetime,
) -> GoalView:
    """Add a yardstick, and evaluate the goal."""
    said: dict[str, Any] = yardstick.model_dump(mode="json", exclude={"framework"})
    row = GoalYardstick(
        goal_id=goal.id,
        number=number,
        from_year=from_year,
        framework_id=yardstick.framework,
        approval=None if approval is None else approval.model_dump(mode="json"),
        client_id=goal.client_id if approval is None else caller.client_id,
        recorded_at=now,
        **said,
    )
    session.add(row)
    await session.flush()
    await evaluate(session, caller, [goal], now)
    await session.flush()
    return await _view(session, goal)


async def _agreement(
    session: AsyncSession, caller: Caller, body: NewGoal
) -> tuple[AgreementChanged | None, list[FieldError]]:
    """The agreement, if the caller is bound by it and it covers the school; else what is wrong."""
    row = await session.get(Agreement, body.agreement_id)
    agreement = None if row is None else AgreementChanged.read(row.said)
    is_party = agreement is not None and caller.organization_id in {each.organization_id for each in agreement.parties}
    if agreement is None or not (caller.organization_id is None or is_party):
        message = "no executed agreement of yours is known here by this identifier"
        return None, [FieldError("agreementId", "unknown", message, value=str(body.agreement_id))]
    if body.school_id not in {covered.school_id for covered in agreement.schools}:
        message = "the agreement does not cover this school"
        return agreement, [FieldError("schoolId", "not-covered", message, value=str(body.school_id))]
    if await session.get(School, body.school_id) is None:
        message = "no such school is known here"
        return agreement, [FieldError("schoolId", "unknown", message, value=str(body.school_id))]
    return agreement, []


async def _yardstick_faults(session: AsyncSession, caller: Caller, yardstick: Yardstick) -> list[FieldError]:
    named = await source_faults(session, caller, yardstick.framework, yardstick.indicator, "yardstick.")
    return [*faults(yardstick), *named]


async def _lock_goal(session: AsyncSession, caller: Caller, goal_id: UUID, version: int) -> Goal:
    await require_steward(session, caller, "changes goals")
    mine = select(Goal).where(Goal.id == goal_id, stewarded(caller, Goal.organization_id))
    goal = await session.scalar(mine.with_for_update())
    if goal is None:
        raise NotFound(f"There is no goal {goal_id} of yours.")
    require_version(version, goal.version)
    return goal


async def _view(session: AsyncSession, goal: Goal) -> GoalView:
    school = await session.get_one(School, goal.school_id)
    [view] = await shapes(session, [Seen(goal, school.name, in_full=True)])
    return view
