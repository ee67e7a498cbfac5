"""What follows from publications at once, in the transaction that makes them: one line for each follower."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from kit.auth import Caller
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.decisions.actions import flag_outdated
from accountability.goals.evaluating import evaluate_by_run, evaluate_goals
from accountability.ratings.changes import Change
from accountability.rollups.following import follow_ratings, follow_run
from accountability.runs.tables import Run

FOLLOWERS: Sequence[Callable[[AsyncSession, Caller, Sequence[Change], datetime], Awaitable[None]]] = (
    flag_outdated,
    evaluate_goals,
    follow_ratings,
)


async def follow(session: AsyncSession, caller: Caller, changes: Sequence[Change], now: datetime) -> None:
    """Let everybody know that these ratings were published or revised."""
    for follower in FOLLOWERS:
        await follower(session, caller, changes, now)


RUN_FOLLOWERS: Sequence[Callable[[AsyncSession, Caller, Run, datetime], Awaitable[None]]] = (
    evaluate_by_run,
    follow_run,
)


async def follow_unchanged(session: AsyncSession, caller: Caller, run: Run, now: datetime) -> None:
    """Let everybody know that a run was published by which no rating changes: what it read is public now."""
    for follower in RUN_FOLLOWERS:
        await follower(session, caller, run, now)
