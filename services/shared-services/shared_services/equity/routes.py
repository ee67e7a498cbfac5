"""HTTP for equity reports."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.problems import problems
from kit.spreadsheets import csv_file
from sqlalchemy import select

from shared_services.equity import actions
from shared_services.equity.rules import DIMENSIONS
from shared_services.equity.schemas import Cell, EquityReportView, NewEquityReport
from shared_services.equity.tables import EquityReport

router = APIRouter(prefix="/v1/equity-reports", tags=["equity"])
Reader = Annotated[Caller, require("requests:read")]
Manager = Annotated[Caller, require("requests:manage")]
FIGURES = (
    "requests",
    "responseHoursMedian",
    "responseHoursP90",
    "completionHoursMedian",
    "completionHoursP90",
    "responseOpenHoursMedian",
    "responseOpenHoursP90",
    "completionOpenHoursMedian",
    "completionOpenHoursP90",
    "suppressed",
)
CSV_TOO: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


@router.post("", status_code=201, response_model=EquityReportView, responses=problems(400, 409))
async def release_equity_report(
    body: NewEquityReport, session: Transaction, caller: Manager, now: Now, once: Once
) -> Response:
    """Release a report of months that are over. Each month is reported on once, and what is released stays as it is."""

    async def work() -> EquityReportView:
        return await actions.release_report(session, caller, body, now)

    return await once(session, caller, work, headers=lambda view: {"Location": f"/v1/equity-reports/{view.id}"})


@router.get("", responses=problems(400))
async def list_equity_reports(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    district_id: Annotated[UUID | None, Query(alias="districtId")] = None,
) -> Page[EquityReportView]:
    """The reports of your district, and of districts for which you ran a school in one of the months."""
    query = select(EquityReport).where(actions.visible(caller))
    if district_id is not None:
        query = query.where(EquityReport.district_id == district_id)
    return await page(session, query, [EquityReport.id], asked, response, actions.shape)


@router.get("/{report_id}", response_model=EquityReportView, responses=CSV_TOO | problems(404))
async def show_equity_report(
    report_id: UUID, session: Snapshot, caller: Reader, request: Request, response: Response
) -> EquityReportView | Response:
    """One report, as JSON or, by `Accept`, as CSV with the names of operators and networks."""
    view = await actions.show_report(session, caller, report_id)
    response.headers["Vary"] = "Accept"
    if "text/csv" not in request.headers.get("accept", ""):
        return view
    names = await actions.names_of(session, view)
    file = csv_file(
        f"equity-{view.first_month:%Y-%m}.csv", [*DIMENSIONS, *FIGURES], (_row(cell, names) for cell in view.cells)
    )
    file.headers["Vary"] = "Accept"
    return file


def _row(cell: Cell, names: dict[str, str]) -> list[object]:
    said = cell.model_dump(mode="json", by_alias=True)
    group = [cell.by.get(name, "all") for name in DIMENSIONS]
    return [*(names.get(value, value) for value in group), *(said[name] for name in FIGURES)]
