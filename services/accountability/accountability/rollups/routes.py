"""HTTP for roll-ups and the rules by which schools count."""

from typing import Annotated, Any
from uuid import UUID

from contracts.vocabulary import SchoolYear
from fastapi import APIRouter, Query, Request, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.problems import problems
from kit.spreadsheets import csv_file, wants_csv
from pydantic import AwareDatetime
from sqlalchemy import select

from accountability.ratings.filters import NO_NUL
from accountability.rollups import actions, reading
from accountability.rollups.entitled import sees_in_full
from accountability.rollups.law import LawRule, laws
from accountability.rollups.schemas import (
    NewOfficialFigure,
    NewRollup,
    NewRollupRule,
    RollupRuleView,
    RollupSummary,
    RollupView,
    VersionSummary,
)
from accountability.rollups.tables import InclusionRule, Rollup, RollupVersion

router = APIRouter(prefix="/v1", tags=["roll-ups"])
Reader = Annotated[Caller, require("ratings:read")]
Publisher = Annotated[Caller, require("ratings:publish")]
District = Annotated[UUID | None, Query(alias="organizationId", description="The home district.")]
Version = Annotated[int | None, Query(ge=1, lt=2**31, description="The newest, if absent.")]
KnownAt = Annotated[AwareDatetime | None, Query(alias="knownAt", description="As it was known then.")]
AS_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


@router.post("/rollups", status_code=201, response_model=RollupView, responses=problems(400, 409))
async def roll_up(body: NewRollup, session: Transaction, caller: Publisher, now: Now, once: Once) -> Response:
    """Roll up a district's schools from what is published. It is computed anew whenever that changes."""

    async def work() -> RollupView:
        rollup = await actions.roll_up(session, caller, body, now)
        return reading.shape(rollup, await reading.version_of(session, rollup, None, None), in_full=True)

    return await once(session, caller, work)


@router.get("/rollups", responses=problems(400))
async def list_rollups(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    organization_id: District = None,
    school_year: Annotated[SchoolYear | None, Query(alias="schoolYear")] = None,
    framework: Annotated[str | None, Query(max_length=80, pattern=NO_NUL)] = None,
) -> Page[RollupSummary]:
    """Roll-ups, without their figures."""
    query, columns = select(Rollup), (Rollup.organization_id, Rollup.school_year, Rollup.framework_id)
    for column, wanted in zip(columns, (organization_id, school_year, framework), strict=True):
        if wanted is not None:
            query = query.where(column == wanted)
    return await page(session, query, [Rollup.id], asked, response, reading.summary)


@router.get("/rollups/{rollup_id}", response_model=RollupView, responses=problems(400, 404) | AS_CSV)
async def show_rollup(
    rollup_id: UUID,
    session: Snapshot,
    caller: Reader,
    request: Request,
    version: Version = None,
    known_at: KnownAt = None,
) -> RollupView | Response:
    """A roll-up as JSON or CSV. The district itself and the state see every figure, others those of enough students."""
    rollup = await actions.find_rollup(session, rollup_id)
    found = await reading.version_of(session, rollup, version, known_at)
    view = reading.shape(rollup, found, in_full=await sees_in_full(session, caller, rollup.organization_id))
    if not wants_csv(request):
        return view
    return csv_file(f"rollup-{rollup.school_year}.csv", reading.COLUMNS, reading.csv_rows(view))


@router.get("/rollups/{rollup_id}/versions", responses=problems(400, 404))
async def list_rollup_versions(
    rollup_id: UUID, session: Snapshot, caller: Reader, asked: Paging, response: Response
) -> Page[VersionSummary]:
    """All versions of a roll-up, the first one first: when and why each was computed."""
    rollup = await actions.find_rollup(session, rollup_id)
    query = select(RollupVersion).where(RollupVersion.rollup_id == rollup.id)
    return await page(session, query, [RollupVersion.version], asked, response, reading.version_summary)


@router.post(
    "/rollups/{rollup_id}/official-figures",
    status_code=201,
    response_model=RollupView,
    responses=problems(400, 404),
)
async def record_official_figure(
    rollup_id: UUID, body: NewOfficialFigure, session: Transaction, caller: Publisher, now: Now, once: Once
) -> Response:
    """Record what the state published of the district; the difference is itemized."""

    async def work() -> RollupView:
        rollup = await actions.record_official(session, caller, rollup_id, body, now)
        return reading.shape(rollup, await reading.version_of(session, rollup, None, None), in_full=True)

    return await once(session, caller, work)


@router.post("/rollup-rules", status_code=201, response_model=RollupRuleView, responses=problems(400))
async def record_rollup_rule(
    body: NewRollupRule, session: Transaction, caller: Publisher, now: Now, once: Once
) -> Response:
    """Record how a school, or all schools under an instrument, count in a district. It goes before the law's rule."""

    async def work() -> RollupRuleView:
        return await actions.record_rule(session, caller, body, now)

    return await once(session, caller, work)


@router.get("/rollup-rules", responses=problems(400))
async def list_rollup_rules(
    session: Snapshot, caller: Reader, asked: Paging, response: Response, organization_id: District = None
) -> Page[RollupRuleView]:
    """Recorded rules, the oldest first. A school's own goes before its instrument's, and then the newer."""
    query = select(InclusionRule)
    if organization_id is not None:
        query = query.where(InclusionRule.organization_id == organization_id)
    return await page(session, query, [InclusionRule.id], asked, response, actions.rule_shape)


@router.get("/rollup-rules/of-law")
async def list_rules_of_law(caller: Reader) -> list[LawRule]:
    """What laws and contracts say where nothing is recorded, with the source. Where none fits, no school counts."""
    return list(laws())
