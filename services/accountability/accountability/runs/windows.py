"""The days on which schools review a run, or appeal what was published of it."""

from datetime import datetime

from kit.auth import Caller
from kit.periods import period
from sqlalchemy import ColumnElement, exists
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.runs.schemas import NewWindow, Purpose, WindowView
from accountability.runs.tables import Run, Window
from accountability.visibility import day_in


async def open_window(session: AsyncSession, caller: Caller, run: Run, body: NewWindow, now: datetime) -> WindowView:
    """Give schools days for a purpose."""
    window = Window(
        run=run.number,
        purpose=body.purpose,
        during=period(body.opens_on, body.closes_on),
        time_zone=body.time_zone,
        client_id=caller.client_id,
        opened_at=now,
    )
    session.add(window)
    await session.flush()
    return shape(window)


def is_open(purpose: Purpose, now: datetime) -> ColumnElement[bool]:
    """The condition on windows that serve `purpose` and hold the day at `now`."""
    return (Window.purpose == purpose) & Window.during.contains(day_in(Window.time_zone, now))


def has_open(run: object, purpose: Purpose, now: datetime) -> ColumnElement[bool]:
    """The condition that such a window of the run with this number is open."""
    return exists().where(Window.run == run, is_open(purpose, now))


def shape(window: Window) -> WindowView:
    """A window as shown."""
    opens_on, closes_on = window.during.lower, window.during.upper
    assert opens_on is not None
    assert closes_on is not None
    shown = {"opens_on": opens_on, "closes_on": closes_on}
    names = ("id", "purpose", "time_zone", "opened_at")
    return WindowView.model_validate(shown | {name: getattr(window, name) for name in names})
