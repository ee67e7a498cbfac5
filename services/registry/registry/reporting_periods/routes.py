"""HTTP for reporting periods."""

from typing import Annotated

from fastapi import APIRouter, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.problems import problems
from sqlalchemy import select

from registry.reporting_periods import actions
from registry.reporting_periods.schemas import NewReportingPeriod, ReportingPeriodView
from registry.reporting_periods.tables import ReportingPeriod

router = APIRouter(prefix="/v1/reporting-periods", tags=["reporting periods"])
Reader = Annotated[Caller, require("registry:read")]
Writer = Annotated[Caller, require("registry:write")]


@router.post("", status_code=201, response_model=ReportingPeriodView, responses=problems(400, 409))
async def lock_reporting_period(
    body: NewReportingPeriod, session: Transaction, caller: Writer, now: Now, once: Once
) -> Response:
    """Lock every day before a date: a change that reaches back into it is refused unless it says why."""

    async def work() -> ReportingPeriodView:
        return await actions.lock_reporting_period(session, caller, body, now)

    return await once(session, caller, work)


@router.get("", responses=problems(400))
async def list_reporting_periods(
    session: Snapshot, caller: Reader, asked: Paging, response: Response
) -> Page[ReportingPeriodView]:
    """The locks on one's own schools and on everybody's."""
    query = select(ReportingPeriod)
    if caller.organization_id is not None:
        mine = ReportingPeriod.organization_id == caller.organization_id
        query = query.where(mine | ReportingPeriod.organization_id.is_(None))
    return await page(
        session,
        query,
        [ReportingPeriod.id],
        asked,
        response,
        lambda row: ReportingPeriodView.model_validate(row, from_attributes=True),
    )
