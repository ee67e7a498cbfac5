"""HTTP for calendars and promises."""

from datetime import date
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Query, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.preconditions import IfMatch, etag
from kit.problems import problems
from pydantic import AwareDatetime
from sqlalchemy import Select, select

from shared_services.clocks.tables import Calendar, ContractPromise, ServicePromise, Versioned
from shared_services.service_levels import actions, contract_actions
from shared_services.service_levels.schemas import (
    CalendarReport,
    CalendarView,
    ContractPromiseEnd,
    ContractPromiseView,
    NewCalendar,
    NewContractPromise,
    NewPromises,
    PromisesView,
)

router = APIRouter(tags=["service levels"])
Reader = Annotated[Caller, require("catalog:read")]
Writer = Annotated[Caller, require("catalog:write")]
DistrictId = Annotated[UUID, Query(alias="districtId")]
KnownAt = Annotated[AwareDatetime | None, Query(alias="knownAt", description="The versions that were known then.")]
V = TypeVar("V", bound=Versioned)


@router.post("/v1/calendars", status_code=201, response_model=CalendarReport, responses=problems(400, 409))
async def append_calendar(body: NewCalendar, session: Transaction, caller: Writer, now: Now, once: Once) -> Response:
    """Lay down a district's working time anew. Open requests are dated by it; what was done stays as it was."""

    async def work() -> CalendarReport:
        return await actions.append_calendar(session, caller, body, now)

    return await once(session, caller, work)


@router.get("/v1/calendars", responses=problems(400))
async def list_calendars(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    district_id: DistrictId,
    known_at: KnownAt = None,
) -> Page[CalendarView]:
    """Every version of a district's calendar, the first one first; the last one holds."""
    query = _versions(Calendar, district_id, known_at)
    return await page(session, query, [Calendar.version], asked, response, actions.show_calendar)


@router.post("/v1/service-levels", status_code=201, response_model=PromisesView, responses=problems(400, 409))
async def append_promises(body: NewPromises, session: Transaction, caller: Writer, now: Now, once: Once) -> Response:
    """Lay down a district's classes of service and its priority matrix anew, for requests to come."""

    async def work() -> PromisesView:
        return await actions.append_promises(session, caller, body, now)

    return await once(session, caller, work)


@router.get("/v1/service-levels", responses=problems(400))
async def list_promises(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    district_id: DistrictId,
    known_at: KnownAt = None,
) -> Page[PromisesView]:
    """Every version of a district's promises, the first one first; the last one holds."""
    query = _versions(ServicePromise, district_id, known_at)
    return await page(session, query, [ServicePromise.version], asked, response, actions.show_promises)


@router.post(
    "/v1/service-levels/contracts", status_code=201, response_model=ContractPromiseView, responses=problems(400, 409)
)
async def promise_by_contract(
    body: NewContractPromise, session: Transaction, caller: Writer, now: Now, once: Once
) -> Response:
    """Lay down what an agreement promises its schools instead, for requests to come, with the clause that says so."""

    async def work() -> ContractPromiseView:
        return await contract_actions.promise_by_contract(session, caller, body, now)

    return await once(session, caller, work, headers=lambda view: {"ETag": etag(view.version)})


@router.get("/v1/service-levels/contracts", responses=problems(400))
async def list_contract_promises(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    district_id: Annotated[UUID | None, Query(alias="districtId")] = None,
    agreement_id: Annotated[UUID | None, Query(alias="agreementId")] = None,
    as_of: Annotated[date | None, Query(alias="asOf", description="Only what holds on this day.")] = None,
) -> Page[ContractPromiseView]:
    """What the agreements of your district, or those that you are a party to, promise instead."""
    query = select(ContractPromise).where(contract_actions.visible(caller))
    if district_id is not None:
        query = query.where(ContractPromise.district_id == district_id)
    if agreement_id is not None:
        query = query.where(ContractPromise.agreement_id == agreement_id)
    if as_of is not None:
        query = query.where(ContractPromise.during.contains(as_of))
    return await page(session, query, [ContractPromise.id], asked, response, contract_actions.shape)


@router.post("/v1/service-levels/contracts/{promise_id}/end", responses=problems(400, 404, 412, 428))
async def end_contract_promise(
    promise_id: UUID,
    body: ContractPromiseEnd,
    session: Transaction,
    caller: Writer,
    version: IfMatch,
    response: Response,
) -> ContractPromiseView:
    """End a contract's promise; requests that came in before keep it."""
    view = await contract_actions.end_contract_promise(session, caller, promise_id, body.valid_to, version)
    response.headers["ETag"] = etag(view.version)
    return view


def _versions(table: type[V], district_id: UUID, known_at: Any) -> Select[V]:
    query = select(table).where(table.district_id == district_id)
    return query if known_at is None else query.where(table.recorded_at <= known_at)
