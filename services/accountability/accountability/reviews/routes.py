"""HTTP for reviews, the staged ratings in them, and correction requests."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.errors import NotFound
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.preconditions import IfMatch, etag
from kit.problems import problems
from kit.text import Code
from sqlalchemy import select

from accountability.ratings.explaining import steps_of
from accountability.reviews import actions, reading
from accountability.reviews.schemas import (
    CorrectionDecision,
    CorrectionRequestView,
    NewCorrectionRequest,
    ReviewView,
    StagedExplanation,
)
from accountability.reviews.tables import CorrectionRequest
from accountability.runs.actions import find_run
from accountability.runs.schemas import StagedRatingView
from accountability.runs.tables import StagedRating, Window

router = APIRouter(prefix="/v1", tags=["reviews"])
Previewer = Annotated[Caller, require("ratings:preview")]
Contester = Annotated[Caller, require("ratings:contest")]
Publisher = Annotated[Caller, require("ratings:publish")]
SUBJECT = [StagedRating.school_id, StagedRating.student_group]


@router.get("/runs/{run_id}/ratings", responses=problems(400, 404))
async def list_staged_ratings(
    run_id: UUID, session: Snapshot, caller: Previewer, asked: Paging, response: Response
) -> Page[StagedRatingView]:
    """A run's ratings as they would be published now, for its steward."""
    run = await find_run(session, caller, run_id)
    query = select(StagedRating).where(StagedRating.run == run.number)
    return await page(session, query, SUBJECT, asked, response, await reading.shaping(session, run))


@router.get("/reviews", responses=problems(400))
async def list_reviews(
    session: Snapshot, caller: Previewer, asked: Paging, response: Response, now: Now
) -> Page[ReviewView]:
    """The reviews that are open to you: of your schools, or of your runs."""
    return await page(session, reading.reviews(caller, now), [Window.id], asked, response, reading.shape)


@router.get("/reviews/{review_id}/ratings", responses=problems(400, 404))
async def list_reviewed_ratings(
    review_id: UUID, session: Snapshot, caller: Previewer, asked: Paging, response: Response, now: Now
) -> Page[StagedRatingView]:
    """What your schools would be rated. It is under embargo: nobody else sees it before publication."""
    window, run = await reading.find_review(session, caller, review_id, now)
    query = reading.reviewed(caller, window, now)
    return await page(session, query, SUBJECT, asked, response, await reading.shaping(session, run))


@router.get("/reviews/{review_id}/ratings/{school_id}/explanation", responses=problems(404))
async def explain_reviewed_rating(
    review_id: UUID,
    school_id: UUID,
    session: Snapshot,
    caller: Previewer,
    now: Now,
    student_group: Annotated[Code, Query(alias="studentGroup")] = "ALL",
) -> StagedExplanation:
    """Why one of your schools would have its rating: every figure and every step."""
    window, run = await reading.find_review(session, caller, review_id, now)
    own = reading.reviewed(caller, window, now)
    row = await session.scalar(
        own.where(StagedRating.school_id == school_id, StagedRating.student_group == student_group)
    )
    if row is None:
        raise NotFound(f"There is no rating of {school_id} for you to review.")
    shaped = (await reading.shaping(session, run))(row)
    return StagedExplanation(rating=shaped, **dict(await steps_of(session, run, school_id, student_group)))


@router.post(
    "/correction-requests", status_code=201, response_model=CorrectionRequestView, responses=problems(400, 404, 409)
)
async def request_correction(
    body: NewCorrectionRequest, session: Transaction, caller: Contester, now: Now, once: Once
) -> Response:
    """Ask that a figure of one of your schools be corrected, while its review is open."""

    async def work() -> CorrectionRequestView:
        return await actions.request_correction(session, caller, body, now)

    return await once(session, caller, work, headers=lambda view: {"ETag": etag(view.version)})


@router.get("/correction-requests", responses=problems(400))
async def list_correction_requests(
    session: Snapshot,
    caller: Previewer,
    asked: Paging,
    response: Response,
    open_only: Annotated[bool, Query(alias="openOnly")] = False,
) -> Page[CorrectionRequestView]:
    """The corrections that you asked for, or that were asked for of your runs."""
    query = actions.requests(caller)
    if open_only:
        query = query.where(CorrectionRequest.decision.is_(None))
    return await page(session, query, [CorrectionRequest.id], asked, response, actions.shape)


@router.post(
    "/correction-requests/{request_id}/decision",
    response_model=CorrectionRequestView,
    responses=problems(400, 404, 409, 412, 428),
)
async def decide_correction_request(
    request_id: UUID,
    body: CorrectionDecision,
    session: Transaction,
    caller: Publisher,
    version: IfMatch,
    now: Now,
    once: Once,
) -> Response:
    """Accept a correction, which then is among the measures, or deny it. Run again before you publish."""

    async def work() -> CorrectionRequestView:
        return await actions.decide_request(session, caller, request_id, body, version, now)

    return await once(session, caller, work, status=200, headers=lambda view: {"ETag": etag(view.version)})
