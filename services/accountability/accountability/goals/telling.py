"""Tell the others how a goal stands: only of goals that are published, and nothing that is hidden."""

from contracts.accountability import GoalEvaluated, GoalYear
from kit.auth import Caller
from kit.journal import record
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.goals.reading import Seen, is_published, outcomes
from accountability.goals.schemas import OutcomeView
from accountability.goals.tables import Goal


async def tell(session: AsyncSession, caller: Caller | None, goal: Goal) -> None:
    """Say how the goal stands, once it was evaluated by a published rating."""
    if await session.scalar(select(Goal.id).where(Goal.id == goal.id, is_published())) is None:
        return
    found = await outcomes(session, [Seen(goal, "", in_full=False)])
    years = [
        _year(outcome) for outcome in found[goal.id] if outcome.computed is not None or outcome.override is not None
    ]
    names = ("id", "version", "agreement_id", "school_id", "title")
    said = {name: getattr(goal, name) for name in names}
    await record(session, GoalEvaluated(**said, years=years), caller=caller)


def _year(outcome: OutcomeView) -> GoalYear:
    computed, override = outcome.computed, outcome.override
    return GoalYear(
        year=outcome.year,
        yardstick=outcome.yardstick,
        status=None if outcome.status == "pending" else outcome.status,
        reason=computed.reason if computed is not None and override is None else None,
        rating_id=computed.rating_id if computed else None,
        revision=computed.revision if computed else None,
        decided_by=override.decided_by if override else None,
    )
