"""HTTP for agreement goals."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.errors import FieldError, Invalid
from kit.idempotency import Once
from kit.paging import Page, Paging, page, page_of
from kit.preconditions import IfMatch, etag
from kit.problems import problems
from kit.spreadsheets import csv_file, wants_csv
from pydantic import AwareDatetime
from sqlalchemy import select

from accountability.goals import actions, attainment
from accountability.goals.reading import Seen, evaluation_shape, find_goal, readable, shapes
from accountability.goals.schemas import Attainment, EvaluationView, GoalView, NewGoal, NewOverride, NewSubstitution
from accountability.goals.tables import Goal, GoalEvaluation

router = APIRouter(prefix="/v1", tags=["goals"])
Reader = Annotated[Caller, require("goals:read")]
Writer = Annotated[Caller, require("goals:write")]
CSV_TOO: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
AgreementId = Annotated[UUID | None, Query(alias="agreementId")]
SchoolId = Annotated[UUID | None, Query(alias="schoolId")]


def _headers(view: GoalView) -> dict[str, str]:
    return {"Location": f"/v1/goals/{view.id}", "ETag": etag(view.version)}


@router.post("/goals", status_code=201, response_model=GoalView, responses=problems(400, 409))
async def record_goal(body: NewGoal, session: Transaction, caller: Writer, now: Now, once: Once) -> Response:
    """Record a goal that an agreement sets a school. It is evaluated at once, and whenever ratings are published."""

    async def work() -> GoalView:
        return await actions.record_goal(session, caller, body, now)

    return await once(session, caller, work, headers=_headers)


@router.get("/goals", responses=problems(400))
async def list_goals(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    now: Now,
    agreement_id: AgreementId = None,
    school_id: SchoolId = None,
) -> Page[GoalView]:
    """The goals of your schools, and all that were evaluated by published ratings."""
    query = readable(caller, now)
    for column, wanted in ((Goal.agreement_id, agreement_id), (Goal.school_id, school_id)):
        if wanted is not None:
            query = query.where(column == wanted)
    found: Page[Seen] = await page(session, query, [Goal.id], asked, response, lambda row: Seen(*row[:3]))
    return Page(items=await shapes(session, found.items), next_cursor=found.next_cursor)


@router.get("/goals/{goal_id}", responses=problems(404))
async def show_goal(goal_id: UUID, session: Snapshot, caller: Reader, now: Now, response: Response) -> GoalView:
    """A goal, all it was ever measured by, and how each year stands."""
    [view] = await shapes(session, [await find_goal(session, caller, goal_id, now)])
    response.headers["ETag"] = etag(view.version)
    return view


@router.get("/goals/{goal_id}/evaluations", responses=problems(400, 404))
async def list_goal_evaluations(
    goal_id: UUID, session: Snapshot, caller: Reader, asked: Paging, response: Response, now: Now
) -> Page[EvaluationView]:
    """Every evaluation of a goal with what it used: also those that a revised rating took the place of."""
    seen = await find_goal(session, caller, goal_id, now)
    query = select(GoalEvaluation).where(GoalEvaluation.goal_id == goal_id)
    keys = [GoalEvaluation.yardstick, GoalEvaluation.year, GoalEvaluation.number]
    return await page(session, query, keys, asked, response, lambda row: evaluation_shape(row, in_full=seen.in_full))


@router.post(
    "/goals/{goal_id}/substitutions",
    status_code=201,
    response_model=GoalView,
    responses=problems(400, 404, 409, 412, 428),
)
async def substitute_goal_yardstick(
    goal_id: UUID,
    body: NewSubstitution,
    session: Transaction,
    caller: Writer,
    now: Now,
    expected: IfMatch,
    once: Once,
) -> Response:
    """Measure a goal by something else from a year on, where what it was measured by is discontinued."""

    async def work() -> GoalView:
        return await actions.substitute_yardstick(session, caller, goal_id, expected, body, now)

    return await once(session, caller, work, headers=_headers)


@router.post(
    "/goals/{goal_id}/overrides", status_code=201, response_model=GoalView, responses=problems(400, 404, 409, 412, 428)
)
async def override_goal_outcome(
    goal_id: UUID, body: NewOverride, session: Transaction, caller: Writer, now: Now, expected: IfMatch, once: Once
) -> Response:
    """Decide how a year stands, with a reason. What is computed is shown beside it."""

    async def work() -> GoalView:
        return await actions.override_outcome(session, caller, goal_id, expected, body, now)

    return await once(session, caller, work, headers=_headers)


@router.get("/goal-attainment", response_model=Attainment, responses=CSV_TOO | problems(400))
async def report_goal_attainment(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    request: Request,
    response: Response,
    now: Now,
    agreement_id: AgreementId = None,
    school_id: SchoolId = None,
    organization_id: Annotated[
        UUID | None, Query(alias="organizationId", description="A party of the agreements: an operator, a district.")
    ] = None,
    known_at: Annotated[AwareDatetime | None, Query(alias="knownAt", description="As it stood then.")] = None,
) -> Attainment | Response:
    """How the goals of an agreement, an operator or a school stand: a page as JSON, all as CSV by `Accept`."""
    wanted = [
        condition
        for asked_for, condition in (
            (agreement_id, Goal.agreement_id == agreement_id),
            (school_id, Goal.school_id == school_id),
            (organization_id, attainment.bound_by(organization_id or UUID(int=0))),
        )
        if asked_for is not None
    ]
    if not wanted:
        error = FieldError("query.agreementId", "missing", "name an agreement, an `organizationId` or a `schoolId`")
        raise Invalid("Whose goals are asked for is not clear.", errors=[error])
    at = known_at or now
    if at > now:
        error = FieldError("query.knownAt", "future", "choose an instant that has passed", value=str(known_at))
        raise Invalid("Nothing is known of the future.", errors=[error])
    lines = await attainment.attainment(session, caller, wanted, at, now)
    response.headers["Vary"] = "Accept"
    if wants_csv(request):
        rows = (list(line.model_dump(by_alias=True).values()) for line in lines)
        return csv_file("goal-attainment.csv", attainment.COLUMNS, rows)
    shown = page_of(lines, attainment.order, asked, response)
    return Attainment(items=shown.items, next_cursor=shown.next_cursor, known_at=at, counts=attainment.counts(lines))
