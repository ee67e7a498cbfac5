"""HTTP for what is said of finished work."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.periods import Day
from kit.preconditions import IfMatch
from kit.problems import problems

from shared_services.closures import actions
from shared_services.closures.report import report_closures
from shared_services.closures.schemas import ClosureReport, ClosureView, Finding, Opinion

router = APIRouter(prefix="/v1", tags=["closure"])
Reader = Annotated[Caller, require("requests:read")]
Dispatcher = Annotated[Caller, require("requests:manage")]


@router.get("/requests/{request_id}/closure", responses=problems(404))
async def show_closure(request_id: UUID, session: Snapshot, caller: Reader) -> ClosureView:
    """Why the work was needed, how content the school is, and how often it was reopened."""
    return await actions.show_closure(session, caller, request_id)


@router.post("/requests/{request_id}/closure/root-cause", responses=problems(400, 404, 409, 412, 428))
async def note_root_cause(
    request_id: UUID, body: Finding, session: Transaction, caller: Reader, version: IfMatch, now: Now
) -> ClosureView:
    """Say why finished work was needed, as its provider (`requests:manage`)."""
    return await actions.note_root_cause(session, caller, request_id, body, version, now)


@router.post("/requests/{request_id}/closure/satisfaction", responses=problems(400, 404, 409, 412, 428))
async def rate_work(
    request_id: UUID, body: Opinion, session: Transaction, caller: Reader, version: IfMatch, now: Now
) -> ClosureView:
    """Say how content the school is with finished work, as its requester (`requests:write`)."""
    return await actions.rate_work(session, caller, request_id, body, version, now)


@router.get("/closure-reports", responses=problems(400))
async def report_on_closures(
    session: Snapshot,
    caller: Dispatcher,
    district_id: Annotated[UUID, Query(alias="districtId")],
    first_month: Annotated[Day, Query(alias="firstMonth", description="Any day of the first month.")],
    end_month: Annotated[Day, Query(alias="endMonth", description="Any day of the month after the last one.")],
) -> ClosureReport:
    """How well a district's work was closed: reopened, rated, and why it was needed, by offering."""
    return await report_closures(session, caller, district_id, first_month, end_month)
