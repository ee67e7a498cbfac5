"""HTTP for closed months, statements, settlements and disputes."""

from datetime import date
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
from kit.spreadsheets import csv_file
from sqlalchemy import and_, exists, or_, select

from shared_services.charges import disputes, ledger, statements
from shared_services.charges.reading import visible
from shared_services.charges.statement_schemas import (
    BillingPeriodView,
    DisputeDecision,
    DisputeView,
    NewBillingPeriod,
    NewDispute,
    NewSettlement,
    SettlementView,
    StatementView,
)
from shared_services.charges.tables import BillingPeriod, Charge, Dispute

router = APIRouter(prefix="/v1", tags=["chargeback"])
Reader = Annotated[Caller, require("charges:read")]
Writer = Annotated[Caller, require("charges:write")]
Month = Annotated[date, Query(description="Any day of the month.", ge="1900-01-01", le="2200-12-31")]
DistrictId = Annotated[UUID, Query(alias="districtId")]
CSV_ANSWER: dict[int | str, dict[str, object]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}

NETTING = (
    "month",
    "payerId",
    "payerName",
    "schoolId",
    "schoolName",
    "includedUses",
    "creditsCents",
    "purchasesCents",
    "repaymentsCents",
    "adjustmentsCents",
    "netCents",
    "disputedCents",
    "currency",
    "status",
)
"""The columns that finance nets pass-through payments by."""


@router.post("/billing-periods", status_code=201, response_model=BillingPeriodView, responses=problems(400, 409))
async def close_month(body: NewBillingPeriod, session: Transaction, caller: Writer, now: Now, once: Once) -> Response:
    """Close a month that is over, and every earlier one: what comes late goes to the next, with its own date."""

    async def work() -> BillingPeriodView:
        return await ledger.close_month(session, caller, body, now)

    return await once(session, caller, work)


@router.get("/billing-periods", responses=problems(400))
async def list_billing_periods(
    session: Snapshot, caller: Reader, asked: Paging, response: Response, district_id: DistrictId
) -> Page[BillingPeriodView]:
    """The months that a district has closed, for itself and for whoever has lines of it."""
    lines = exists().where(visible(caller), Charge.district_id == BillingPeriod.district_id)
    own = BillingPeriod.district_id == caller.organization_id
    query = select(BillingPeriod).where(BillingPeriod.district_id == district_id)
    if caller.organization_id is not None:
        query = query.where(or_(own, lines))
    return await page(session, query, [BillingPeriod.id], asked, response, _period)


@router.get("/statements", responses=problems(400))
async def list_statements(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    month: Month,
    school_id: Annotated[UUID | None, Query(alias="schoolId")] = None,
    payer_id: Annotated[UUID | None, Query(alias="payerId")] = None,
) -> Page[StatementView]:
    """The statements of a month by school and payer: credits, included use at zero, purchases, adjustments, net."""
    seen = visible(caller)
    if school_id is not None:
        seen = and_(seen, Charge.school_id == school_id)
    if payer_id is not None:
        seen = and_(seen, Charge.payer_id == payer_id)
    return await statements.list_statements(session, seen, month, asked, response)


@router.get("/statements/netting", response_class=Response, responses=CSV_ANSWER | problems(409))
async def export_netting(session: Snapshot, caller: Reader, month: Month, district_id: DistrictId) -> Response:
    """A closed month as CSV: what to take off each payer's pass-through payment, by school."""
    found = await statements.netting(session, caller, district_id, month)
    said = [one.model_dump(mode="json", by_alias=True) for one in found]
    return csv_file(f"netting-{month:%Y-%m}.csv", NETTING, ([one[name] for name in NETTING] for one in said))


@router.post("/statements/settlements", status_code=201, response_model=SettlementView, responses=problems(400, 409))
async def settle(body: NewSettlement, session: Transaction, caller: Writer, now: Now, once: Once) -> Response:
    """Write down that a payer's closed month was netted or paid."""

    async def work() -> SettlementView:
        return await statements.settle(session, caller, body, now)

    return await once(session, caller, work)


@router.post(
    "/charges/{charge_id}/disputes", status_code=201, response_model=DisputeView, responses=problems(400, 404, 409)
)
async def raise_dispute(
    charge_id: UUID, body: NewDispute, session: Transaction, caller: Writer, now: Now, once: Once
) -> Response:
    """Object to a billed line, as its payer. The district decides within 30 days."""

    async def work() -> DisputeView:
        return await disputes.raise_dispute(session, caller, charge_id, body, now)

    return await once(session, caller, work, headers=lambda view: {"ETag": etag(view.version)})


@router.get("/disputes", responses=problems(400))
async def list_disputes(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    open_only: Annotated[bool, Query(alias="openOnly")] = False,
) -> Page[DisputeView]:
    """The disputes on lines that you pay or are paid."""
    query = disputes.disputes(caller)
    if open_only:
        query = query.where(Dispute.decision.is_(None))
    return await page(session, query, [Dispute.id], asked, response, disputes.shape)


@router.post("/disputes/{dispute_id}/decision", responses=problems(400, 404, 409, 412, 428))
async def decide_dispute(
    dispute_id: UUID,
    body: DisputeDecision,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    now: Now,
    response: Response,
) -> DisputeView:
    """Decide a dispute, as its responder. An upheld one reverses the line and posts it again."""
    view = await disputes.decide_dispute(session, caller, dispute_id, body, version, now)
    response.headers["ETag"] = etag(view.version)
    return view


def _period(row: BillingPeriod) -> BillingPeriodView:
    return BillingPeriodView.model_validate(row, from_attributes=True)
