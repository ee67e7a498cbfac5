"""HTTP for obligations."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.problems import problems
from sqlalchemy import select

from shared_services.charges.tables import Obligation
from shared_services.obligations import actions
from shared_services.obligations.reading import stand, visible
from shared_services.obligations.schemas import NewObligation, NewRepayments, ObligationView, RepaymentReport

router = APIRouter(prefix="/v1/obligations", tags=["chargeback"])
Reader = Annotated[Caller, require("charges:read")]
Writer = Annotated[Caller, require("charges:write")]
AsOf = Annotated[date | None, Query(alias="asOf", description="How it stands on this day; today, if absent.")]


@router.post("", status_code=201, response_model=ObligationView, responses=problems(400, 409))
async def record_obligation(
    body: NewObligation, session: Transaction, caller: Writer, now: Now, once: Once
) -> Response:
    """Write down what an operator owes the district over years, with its schedule and the clause that says so."""

    async def work() -> ObligationView:
        return await actions.record_obligation(session, caller, body, now)

    return await once(session, caller, work, headers=lambda view: {"Location": f"/v1/obligations/{view.id}"})


@router.get("", responses=problems(400))
async def list_obligations(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    now: Now,
    school_id: Annotated[UUID | None, Query(alias="schoolId")] = None,
    as_of: AsOf = None,
) -> Page[ObligationView]:
    """What you owe or are owed, and what is left of each."""
    query = select(Obligation).where(visible(caller))
    if school_id is not None:
        query = query.where(Obligation.school_id == school_id)
    found: Page[Obligation] = await page(session, query, [Obligation.id], asked, response, lambda row: row)
    items = await stand(session, found.items, as_of or now.date())
    return Page(items=items, next_cursor=found.next_cursor)


@router.get("/{obligation_id}", responses=problems(404))
async def show_obligation(
    obligation_id: UUID, session: Snapshot, caller: Reader, now: Now, as_of: AsOf = None
) -> ObligationView:
    """One obligation: its schedule, what is repaid, overdue and left, and what falls due if it is not renewed."""
    return await actions.show_obligation(session, caller, obligation_id, as_of, now)


@router.post("/repayments", responses=problems(400, 409))
async def post_repayments(body: NewRepayments, session: Transaction, caller: Writer, now: Now) -> RepaymentReport:
    """Put every installment that is due onto the statement of who owes it. Sent again, it posts nothing twice."""
    return await actions.post_repayments(session, caller, body, now)
