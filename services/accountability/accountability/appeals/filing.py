"""File an appeal: the published rating is under appeal from then on."""

from datetime import datetime

from kit.auth import Caller
from kit.clock import today_in
from kit.errors import Conflict, Forbidden
from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.appeals.reading import Appealed, lock_rating, shape
from accountability.appeals.schemas import AppealView, NewAppeal
from accountability.appeals.tables import Appeal
from accountability.publications.revising import revise
from accountability.ratings.changes import Change
from accountability.ratings.lifecycle import stage_after
from accountability.ratings.tables import Rating
from accountability.runs.said import Said
from accountability.runs.tables import Run, Window
from accountability.runs.windows import is_open
from accountability.visibility import answers_for


class AppealsClosed(Conflict):
    """Appeals are not taken now"""

    type = "appeals-closed"


async def file_appeal(session: AsyncSession, caller: Caller, body: NewAppeal, now: datetime) -> AppealView:
    """Object to a rating of one's own school. Raises NotFound, AppealsClosed, Forbidden, NotInLife."""
    appealed = await lock_rating(session, body.rating_id)
    zone = await _open_in(session, appealed, now)
    mine = select(Rating.id).where(
        Rating.id == body.rating_id, answers_for(caller, Rating.school_id, today_in(zone, now))
    )
    if caller.organization_id is None or await session.scalar(mine) is None:
        raise Forbidden("Only who answers for a school appeals: its operator or its district.")
    newest = appealed.newest
    state = stage_after("file-appeal", newest.state)
    appeal = Appeal(
        version=1,
        revision=newest.revision,
        organization_id=caller.organization_id,
        client_id=caller.client_id,
        filed_at=now,
        **body.model_dump(),
    )
    session.add(appeal)
    change = Change(appealed.rating, newest, appealed.run, newest.rating_title, Said.of(newest), state)
    await revise(session, caller, [change], now)
    return shape(appeal)


async def _open_in(session: AsyncSession, appealed: Appealed, now: datetime) -> str:
    """The time zone of the window that is open. Raises AppealsClosed, saying until when it was."""
    of_rating = (
        select(Window)
        .join(Run, Run.number == Window.run)
        .where(
            Run.framework_id == appealed.run.framework_id,
            Run.school_year == appealed.run.school_year,
            or_(Run.organization_id.is_(None), Run.organization_id == appealed.run.organization_id),
            Run.published_at.is_not(None),
            Window.purpose == "appeals",
        )
    )
    zone = await session.scalar(of_rating.with_only_columns(Window.time_zone).where(is_open("appeals", now)).limit(1))
    if zone is None:
        last = await session.scalar(of_rating.with_only_columns(func.max(func.upper(Window.during))))
        until = f"the last day was the one before {last}" if last else "no days for them were set"
        raise AppealsClosed(f"Appeals against this rating are not taken now: {until}.")
    return zone
