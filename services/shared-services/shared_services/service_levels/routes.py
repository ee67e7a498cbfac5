"""HTTP for calendars and promises."""

from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Query, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.problems import problems
from pydantic import AwareDatetime
from sqlalchemy import Select, select

from shared_services.clocks.tables import Calendar, ServicePromise, Versioned
from shared_services.service_levels import actions
from shared_services.service_levels.schemas import CalendarReport, CalendarView, NewCalendar, NewPromises, PromisesView

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


def _versions(table: type[V], district_id: UUID, known_at: Any) -> Select[V]:
    query = select(table).where(table.district_id == district_id)
    return query if known_at is None else query.where(table.recorded_at <= known_at)
