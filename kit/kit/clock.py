"""The time: instants in UTC, dates in the district's time zone. Rules never read it; routes pass it on."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def today_in(zone: str, now: datetime) -> date:
    """The date at `now` in an IANA time zone."""
    return now.astimezone(ZoneInfo(zone)).date()


async def _now(request: Request) -> datetime:
    clock: Clock = request.app.state.clock
    return clock()


Now = Annotated[datetime, Depends(_now)]
