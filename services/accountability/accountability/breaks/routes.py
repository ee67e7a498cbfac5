"""HTTP for breaks."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.problems import problems
from sqlalchemy import select

from accountability.breaks import actions
from accountability.breaks.schemas import NewSeriesBreak, SeriesBreakView
from accountability.breaks.tables import SeriesBreak

router = APIRouter(prefix="/v1/series-breaks", tags=["comparisons"])
Reader = Annotated[Caller, require("ratings:read")]
Publisher = Annotated[Caller, require("ratings:publish")]


@router.post("", status_code=201, response_model=SeriesBreakView, responses=problems(400, 409))
async def record_series_break(
    body: NewSeriesBreak, session: Transaction, caller: Publisher, now: Now, once: Once
) -> Response:
    """Record that figures are not comparable from a year on: another test, other cuts, another way of counting."""

    async def work() -> SeriesBreakView:
        return await actions.record_series_break(session, caller, body, now)

    return await once(session, caller, work)


@router.get("", responses=problems(400))
async def list_series_breaks(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    framework: Annotated[str | None, Query(max_length=80, pattern=r"^[^\x00]*$")] = None,
) -> Page[SeriesBreakView]:
    """The breaks that are known. No growth is measured and no line is drawn across one."""
    query = select(SeriesBreak)
    if framework is not None:
        query = query.where(SeriesBreak.framework_id == framework)
    return await page(session, query, [SeriesBreak.id], asked, response, actions.shape)
