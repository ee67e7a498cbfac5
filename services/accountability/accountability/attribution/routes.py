"""HTTP for attributions and the scorecards of operators."""

from typing import Annotated
from uuid import UUID

from contracts.vocabulary import SchoolYear
from fastapi import APIRouter, Query, Request, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page, page_of
from kit.problems import problems
from kit.spreadsheets import csv_file, wants_csv
from sqlalchemy import select

from accountability.attribution import actions
from accountability.attribution.schemas import (
    AttributionRuleView,
    AttributionView,
    NewAttributionRule,
    ScorecardLine,
)
from accountability.attribution.tables import AttributionRule

router = APIRouter(prefix="/v1", tags=["attribution"])
Reader = Annotated[Caller, require("ratings:read")]
Publisher = Annotated[Caller, require("ratings:publish")]
Year = Annotated[SchoolYear | None, Query(alias="schoolYear", description="The rating year.")]
COLUMNS = (
    "school",
    "framework",
    "schoolYear",
    "dataYear",
    "rating",
    "score",
    "notRated",
    "attributed",
    "basis",
    "held",
)


@router.post("/attributions/rules", status_code=201, response_model=AttributionRuleView, responses=problems(400))
async def record_attribution_rule(
    body: NewAttributionRule, session: Transaction, caller: Publisher, now: Now, once: Once
) -> Response:
    """Record how a district's schools whose operator changes in a year are attributed. The newest rule holds."""

    async def work() -> AttributionRuleView:
        return await actions.record_rule(session, caller, body, now)

    return await once(session, caller, work)


@router.get("/attributions/rules", responses=problems(400))
async def list_attribution_rules(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    organization_id: Annotated[UUID | None, Query(alias="organizationId", description="The district.")] = None,
) -> Page[AttributionRuleView]:
    """Recorded rules, the oldest first."""
    query = select(AttributionRule)
    if organization_id is not None:
        query = query.where(AttributionRule.organization_id == organization_id)
    return await page(session, query, [AttributionRule.id], asked, response, actions.rule_shape)


@router.get("/attributions", responses=problems(400, 404))
async def show_attribution(
    session: Snapshot,
    caller: Reader,
    school_id: Annotated[UUID, Query(alias="schoolId")],
    data_year: Annotated[SchoolYear, Query(alias="dataYear", description="The year that figures are of.")],
) -> AttributionView:
    """To which operator a school's year of data counts, by which rule, and the days that were counted."""
    return await actions.attribution_of(session, school_id, data_year)


@router.get("/operator-scorecards/{organization_id}", response_model=Page[ScorecardLine], responses=problems(400, 404))
async def show_operator_scorecard(
    organization_id: UUID,
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    request: Request,
    response: Response,
    school_year: Year = None,
) -> Page[ScorecardLine] | Response:
    """Published ratings of the schools that an operator ran in their years of data, and which count to it.

    JSON by page, or all as CSV. For the operator itself, for districts as to their schools, and for the state.
    """
    lines = await actions.scorecard_of(session, caller, organization_id, school_year)
    if not wants_csv(request):
        return page_of(lines, lambda line: str(line.rating_id), asked, response)
    return csv_file("operator-scorecard.csv", COLUMNS, [_row(line) for line in lines])


def _row(line: ScorecardLine) -> tuple[object, ...]:
    said = line.attribution
    held = [f"{each.organization_id}: {each.days} of {said.days} days" for each in said.held]
    year = (line.school_name, line.framework, line.school_year, said.data_year)
    return (*year, line.rating, line.score, line.reason_code, line.attributed, said.basis, held)
