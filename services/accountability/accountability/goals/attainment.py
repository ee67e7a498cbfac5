"""How many targets of an agreement, an operator or a school are met, and each of them."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from kit.auth import Caller
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.agreements import Agreement
from accountability.goals.reading import Seen, outcomes, readable, yardsticks
from accountability.goals.schemas import AttainmentLine, OutcomeView, Target
from accountability.goals.tables import Goal, GoalYardstick

COLUMNS = list(AttainmentLine.model_json_schema()["properties"])


async def attainment(
    session: AsyncSession, caller: Caller, wanted: Sequence[ColumnElement[bool]], known_at: datetime, now: datetime
) -> list[AttainmentLine]:
    """How each target stood at a time, of the goals that the caller may know of and that are `wanted`."""
    query = readable(caller, now).where(Goal.recorded_at <= known_at, *wanted).order_by(Goal.id)
    goals = [Seen(*row) for row in await session.execute(query)]
    stand = await outcomes(session, goals, known_at)
    laid_down = await yardsticks(session, [seen.goal.id for seen in goals], known_at)
    return [
        _line(seen, laid_down[seen.goal.id][outcome.yardstick - 1], outcome)
        for seen in goals
        for outcome in stand[seen.goal.id]
    ]


def bound_by(organization_id: UUID) -> ColumnElement[bool]:
    """The condition on goals of agreements to which an organization is a party."""
    party = func.jsonb_build_array(func.jsonb_build_object("organizationId", str(organization_id)))
    return Goal.agreement_id.in_(select(Agreement.id).where(Agreement.said["parties"].op("@>")(party)))


def counts(lines: Sequence[AttainmentLine]) -> dict[str, int]:
    """How many targets stand how."""
    return dict(sorted(Counter(line.status for line in lines).items()))


def order(line: AttainmentLine) -> str:
    """The place of a line among all."""
    return f"{line.goal_id}/{line.yardstick:05}/{line.year}"


def _line(seen: Seen, row: GoalYardstick, outcome: OutcomeView) -> AttainmentLine:
    goal, computed, override = seen.goal, outcome.computed, outcome.override
    found = computed.found if computed is not None else None
    target = next(Target.model_validate(each) for each in row.targets if each["year"] == outcome.year)
    return AttainmentLine(
        goal_id=goal.id,
        agreement_id=goal.agreement_id,
        school_id=goal.school_id,
        school_name=seen.school_name,
        title=goal.title,
        year=outcome.year,
        yardstick=outcome.yardstick,
        measured_by=_measured_by(row),
        target=_words(row, target),
        status=outcome.status or "suppressed",
        measured=found.measured if found else None,
        coded=found.coded if found else None,
        n=found.n if found else None,
        reason=override.reason if override else (computed.reason if computed else None),
        decided_by=override.decided_by if override else None,
        evaluated_at=computed.evaluated_at if computed else None,
    )


def _measured_by(row: GoalYardstick) -> str:
    group = "" if row.student_group == "ALL" else f", {row.student_group}"
    return f"{row.framework_id}: {row.indicator or row.of}{group}, {row.comparison}"


def _words(row: GoalYardstick, target: Target) -> str:
    value: Any = target.label if target.label is not None else f"{target.value:g}"
    return f"{row.direction} {value}"
