"""HTTP for budgets."""

from datetime import date
from typing import Annotated
from uuid import UUID

from contracts.vocabulary import SchoolYear
from fastapi import APIRouter, Query, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.problems import problems
from pydantic import AwareDatetime

from shared_services.budgets import actions
from shared_services.budgets.schemas import BudgetStanding, BudgetView, NewBudget
from shared_services.budgets.tables import Budget

router = APIRouter(prefix="/v1/budgets", tags=["chargeback"])
Reader = Annotated[Caller, require("charges:read")]
Writer = Annotated[Caller, require("charges:write")]


@router.post("", status_code=201, response_model=BudgetView, responses=problems(400, 409))
async def lay_down_budget(body: NewBudget, session: Transaction, caller: Writer, now: Now, once: Once) -> Response:
    """Lay down what a school or a zone is to spend in a fiscal year; one for the same supersedes the one before."""

    async def work() -> BudgetView:
        return await actions.lay_down_budget(session, caller, body, now)

    return await once(session, caller, work)


@router.get("", responses=problems(400))
async def list_budgets(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    now: Now,
    fiscal_year: Annotated[SchoolYear | None, Query(alias="fiscalYear")] = None,
    school_id: Annotated[UUID | None, Query(alias="schoolId")] = None,
    zone_id: Annotated[UUID | None, Query(alias="zoneId")] = None,
    as_of: Annotated[date | None, Query(alias="asOf", description="Services up to this day; today, if absent.")] = None,
    known_at: Annotated[
        AwareDatetime | None, Query(alias="knownAt", description="Budgets and lines as they were known then.")
    ] = None,
) -> Page[BudgetStanding]:
    """Budgets beside what was spent: actual, committed by estimates, and what remains."""
    query = actions.budgets(caller, known_at)
    for column, value in ((Budget.fiscal_year, fiscal_year), (Budget.school_id, school_id), (Budget.zone_id, zone_id)):
        if value is not None:
            query = query.where(column == value)
    found: Page[Budget] = await page(session, query, [Budget.id], asked, response, lambda row: row)
    items = await actions.stand(session, found.items, as_of or now.date(), known_at)
    return Page(items=items, next_cursor=found.next_cursor)
