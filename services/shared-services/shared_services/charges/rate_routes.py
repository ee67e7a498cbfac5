"""HTTP for rates and the laws on them."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from kit.auth import Caller, require
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.preconditions import IfMatch, etag, not_modified
from kit.problems import problems
from kit.text import Code
from sqlalchemy import select

from shared_services.charges import rates
from shared_services.charges.rate_schemas import (
    ChargingRuleView,
    NewChargingRule,
    NewRate,
    RateEnd,
    RateProof,
    RateView,
)
from shared_services.charges.tables import ChargingRule, Rate

router = APIRouter(prefix="/v1", tags=["chargeback"])
Reader = Annotated[Caller, require("charges:read")]
Writer = Annotated[Caller, require("charges:write")]
DistrictId = Annotated[UUID | None, Query(alias="districtId")]


@router.post("/rates", status_code=201, response_model=RateView, responses=problems(400, 409))
async def publish_rate(body: NewRate, session: Transaction, caller: Writer, once: Once) -> Response:
    """Publish a rate for a period. A price that a law forbids is refused with the clause that says so."""

    async def work() -> RateView:
        return await rates.publish_rate(session, caller, body)

    return await once(
        session, caller, work, headers=lambda view: {"Location": f"/v1/rates/{view.id}", "ETag": etag(view.version)}
    )


@router.get("/rates", responses=problems(400))
async def list_rates(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    district_id: DistrictId = None,
    offering: Annotated[Code | None, Query(description="An offering's code.")] = None,
    as_of: Annotated[date | None, Query(alias="asOf", description="Only the rates that hold on this day.")] = None,
) -> Page[RateView]:
    """Rates with their method and cost basis. They are public: whoever pays may compare."""
    query = select(Rate)
    if district_id is not None:
        query = query.where(Rate.district_id == district_id)
    if offering is not None:
        query = query.where(Rate.offering == offering)
    if as_of is not None:
        query = query.where(Rate.during.contains(as_of))
    return await page(session, query, [Rate.id], asked, response, rates.shape)


@router.get("/rates/{rate_id}", response_model=RateView, responses=problems(404))
async def show_rate(
    rate_id: UUID, session: Snapshot, caller: Reader, request: Request, response: Response
) -> RateView | Response:
    """One rate."""
    view = await rates.show_rate(session, rate_id)
    if not_modified(request, response, view.version):
        return Response(status_code=304, headers=dict(response.headers))
    return view


@router.get("/rates/{rate_id}/proof", responses=problems(404))
async def prove_rate(rate_id: UUID, session: Snapshot, caller: Reader) -> RateProof:
    """Whether a rate keeps the laws on it: not above cost, under a cap. One that breaks a law charges nothing."""
    return await rates.prove_rate(session, rate_id)


@router.post("/rates/{rate_id}/end", responses=problems(400, 404, 409, 412, 428))
async def end_rate(
    rate_id: UUID, body: RateEnd, session: Transaction, caller: Writer, version: IfMatch, response: Response
) -> RateView:
    """End a rate after the last day that it was charged for. To change a price, end the rate and publish the next."""
    view = await rates.end_rate(session, caller, rate_id, body.valid_to, version)
    response.headers["ETag"] = etag(view.version)
    return view


@router.post("/charging-rules", status_code=201, response_model=ChargingRuleView, responses=problems(400, 409))
async def set_charging_rule(body: NewChargingRule, session: Transaction, caller: Writer, once: Once) -> Response:
    """Write down what a law says about a district's prices: not above cost, or a cap on a fee."""

    async def work() -> ChargingRuleView:
        return await rates.set_charging_rule(session, caller, body)

    return await once(session, caller, work)


@router.get("/charging-rules", responses=problems(400))
async def list_charging_rules(
    session: Snapshot, caller: Reader, asked: Paging, response: Response, district_id: DistrictId = None
) -> Page[ChargingRuleView]:
    """What laws say about districts' prices."""
    query = select(ChargingRule)
    if district_id is not None:
        query = query.where(ChargingRule.district_id == district_id)
    return await page(session, query, [ChargingRule.id], asked, response, rates.shape_rule)
