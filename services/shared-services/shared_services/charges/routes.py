"""HTTP for the ledger's lines; with the rates above them and the statements below, all of chargeback."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.preconditions import IfMatch, etag
from kit.problems import problems

from shared_services.charges import accrual, corrections, estimates, posting, reading
from shared_services.charges.rate_routes import router as rates
from shared_services.charges.schemas import (
    AccrualReport,
    Allocation,
    Approval,
    ChargeView,
    Corrected,
    Correction,
    NewAccrual,
    NewAllocation,
    NewCharge,
    NewTrueUp,
    Waiver,
)
from shared_services.charges.statement_routes import router as statements
from shared_services.charges.tables import Charge
from shared_services.charges.vocabulary import ChargeStatus

charges = APIRouter(prefix="/v1/charges", tags=["chargeback"])
Reader = Annotated[Caller, require("charges:read")]
Writer = Annotated[Caller, require("charges:write")]


@charges.post("", status_code=201, response_model=ChargeView, responses=problems(400, 409))
async def post_charge(body: NewCharge, session: Transaction, caller: Writer, now: Now, once: Once) -> Response:
    """Charge a service to a school by the rate of that day, or credit it; or estimate what it will cost."""

    async def work() -> ChargeView:
        return await posting.post_charge(session, caller, body, now)

    return await once(session, caller, work, headers=_headers)


@charges.post("/allocations", status_code=201, response_model=Allocation, responses=problems(400, 409))
async def allocate_charge(body: NewAllocation, session: Transaction, caller: Writer, now: Now, once: Once) -> Response:
    """Charge one sum to several schools. The parts add up to it exactly; cents left over go to the largest
    remainders, and among equal ones to the lowest school id."""

    async def work() -> Allocation:
        return await posting.allocate_charge(session, caller, body, now)

    return await once(session, caller, work)


@charges.post("/waivers", status_code=201, response_model=ChargeView, responses=problems(400, 409))
async def waive_charge(body: Waiver, session: Transaction, caller: Writer, now: Now, once: Once) -> Response:
    """Let a request cost nothing; it stands on the statement at zero."""

    async def work() -> ChargeView:
        return await posting.waive_charge(session, caller, body, now)

    return await once(session, caller, work, headers=_headers)


@charges.post("/accruals", responses=problems(400, 409))
async def accrue_requests(body: NewAccrual, session: Transaction, caller: Writer, now: Now) -> AccrualReport:
    """Charge completed requests that have no line yet. Sent again, even at the same time, it charges nothing twice."""
    return await accrual.accrue_requests(session, caller, body, now)


@charges.get("", responses=problems(400))
async def list_charges(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    school_id: Annotated[UUID | None, Query(alias="schoolId")] = None,
    request_id: Annotated[UUID | None, Query(alias="requestId")] = None,
    status: Annotated[list[ChargeStatus] | None, Query(description="One or several.")] = None,
) -> Page[ChargeView]:
    """The lines that you pay or are paid."""
    query = reading.lines(reading.visible(caller))
    if school_id is not None:
        query = query.where(Charge.school_id == school_id)
    if request_id is not None:
        query = query.where(Charge.request_id == request_id)
    if status is not None:
        query = query.where(reading.STATUS.in_(status))
    return await page(session, query, [Charge.id], asked, response, reading.shape)


@charges.get("/{charge_id}", responses=problems(404))
async def show_charge(charge_id: UUID, session: Snapshot, caller: Reader, response: Response) -> ChargeView:
    """One line, with how far it is: closed months, disputes and payments move its status, not its version."""
    view = await reading.find_charge(session, reading.visible(caller), charge_id)
    response.headers["ETag"] = etag(view.version)
    return view


@charges.post("/{charge_id}/approval", responses=problems(400, 404, 409, 412, 428))
async def decide_estimate(
    charge_id: UUID, body: Approval, session: Transaction, caller: Writer, version: IfMatch, response: Response
) -> ChargeView:
    """Approve or decline an estimate, as its payer; the district may withdraw it."""
    view = await estimates.decide_estimate(session, caller, charge_id, body, version)
    response.headers["ETag"] = etag(view.version)
    return view


@charges.post("/{charge_id}/accrual", responses=problems(400, 404, 409, 412, 428))
async def accrue_charge(
    charge_id: UUID, session: Transaction, caller: Writer, version: IfMatch, response: Response
) -> ChargeView:
    """Put an approved estimate on the ledger: the work is done."""
    view = await estimates.accrue_charge(session, caller, charge_id, version)
    response.headers["ETag"] = etag(view.version)
    return view


@charges.post("/{charge_id}/corrections", status_code=201, response_model=Corrected, responses=problems(400, 404, 409))
async def correct_charge(
    charge_id: UUID, body: Correction, session: Transaction, caller: Writer, now: Now, once: Once
) -> Response:
    """Reverse a line and post it again as it should have been: two new lines on the open month, the first stays."""

    async def work() -> Corrected:
        return await corrections.correct_charge(session, caller, charge_id, body, now)

    return await once(session, caller, work)


@charges.post("/{charge_id}/true-ups", status_code=201, response_model=ChargeView, responses=problems(400, 404, 409))
async def true_up(
    charge_id: UUID, body: NewTrueUp, session: Transaction, caller: Writer, now: Now, once: Once
) -> Response:
    """Add what a line lacks after a count, or give back what it has too much."""

    async def work() -> ChargeView:
        return await corrections.true_up(session, caller, charge_id, body, now)

    return await once(session, caller, work, headers=_headers)


def _headers(view: ChargeView) -> dict[str, str]:
    return {"Location": f"/v1/charges/{view.id}", "ETag": etag(view.version)}


router = APIRouter()
for part in (rates, charges, statements):
    router.include_router(part)
