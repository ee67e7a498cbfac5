"""HTTP for series of requests."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.problems import problems

from shared_services.series import actions
from shared_services.series.schemas import NewSeries, SeriesEnd, SeriesView

router = APIRouter(prefix="/v1/request-series", tags=["requests"])
Reader = Annotated[Caller, require("requests:read")]
Writer = Annotated[Caller, require("requests:write")]


@router.post("", status_code=201, response_model=SeriesView, responses=problems(400, 409))
async def start_series(body: NewSeries, session: Transaction, caller: Writer, now: Now, once: Once) -> Response:
    """Ask for a service again and again: a recurring route, preventive maintenance.

    It ends by itself for the days on which the school is closed or no longer entitled.
    """

    async def work() -> SeriesView:
        return await actions.start_series(session, caller, body, now)

    return await once(session, caller, work, headers=lambda view: {"Location": f"/v1/request-series/{view.id}"})


@router.get("/{series_id}", responses=problems(404))
async def show_series(series_id: UUID, session: Snapshot, caller: Reader) -> SeriesView:
    """A series and its requests."""
    return await actions.show_series(session, caller, series_id)


@router.post("/{series_id}/end", responses=problems(400, 404))
async def end_series(series_id: UUID, body: SeriesEnd, session: Transaction, caller: Writer, now: Now) -> SeriesView:
    """Cancel what of a series has not begun, from a day on."""
    return await actions.end_series(session, caller, series_id, body, now)
