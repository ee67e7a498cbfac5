"""HTTP for ratings."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from kit.auth import Caller, require
from kit.db import Snapshot
from kit.errors import NotFound
from kit.paging import Page, Paging, page
from kit.preconditions import not_modified
from kit.problems import problems
from kit.streaming import FORMS, JSON, VARY, Streamed, accepted_form
from kit.tables import journal
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.delivery.forms import PARQUET
from accountability.delivery.sending import parquet_file
from accountability.ratings.explaining import explain
from accountability.ratings.filters import Filtered
from accountability.ratings.reading import published, shape
from accountability.ratings.schemas import Explanation, RatingView
from accountability.ratings.tables import Rating, RatingRevision

router = APIRouter(prefix="/v1/ratings", tags=["ratings"])
Reader = Annotated[Caller, require("ratings:read")]


@router.get("", response_model=Page[RatingView], responses=problems(400) | FORMS)
async def list_ratings(
    session: Snapshot, caller: Reader, asked: Paging, filters: Filtered, request: Request, response: Response
) -> Page[RatingView] | Response:
    """Published ratings: a page as JSON, or all that match as NDJSON, CSV or Parquet by `Accept`.

    A puller starts with `minChangeVersion=0`, keeps the highest `changeVersion` it has seen, and later asks for
    `minChangeVersion` one above it.
    """
    order: Any = journal.c.change_version if filters.pulling else Rating.id
    form = accepted_form(request, PARQUET)
    if form == PARQUET:
        return await parquet_file(request.app.state.database, filters.query().order_by(order))
    if form != JSON:
        return Streamed(request.app.state.database, filters.query().order_by(order), form)
    response.headers.update(VARY)
    return await page(session, filters.query(), [order], asked, response, shape)


@router.get("/{rating_id}", response_model=RatingView, responses=problems(404))
async def show_rating(
    rating_id: UUID, session: Snapshot, caller: Reader, request: Request, response: Response
) -> RatingView | Response:
    """A published rating, in its newest revision."""
    view = await _rating(session, rating_id)
    if not_modified(request, response, view.revision):
        return Response(status_code=304, headers=dict(response.headers))
    return view


@router.get("/{rating_id}/revisions", responses=problems(400, 404))
async def list_revisions(
    rating_id: UUID, session: Snapshot, caller: Reader, asked: Paging, response: Response
) -> Page[RatingView]:
    """All that was ever published of a rating, the first revision first."""
    await _rating(session, rating_id)
    query = published(newest_only=False).where(Rating.id == rating_id)
    return await page(session, query, [RatingRevision.revision], asked, response, shape)


@router.get("/{rating_id}/explanation", responses=problems(404))
async def explain_rating(
    rating_id: UUID,
    session: Snapshot,
    caller: Reader,
    revision: Annotated[int | None, Query(ge=1, lt=2**31, description="The newest, if absent.")] = None,
) -> Explanation:
    """Why a school has this rating: every step, with the rule and where it is written."""
    return await explain(session, await _rating(session, rating_id, revision))


async def _rating(session: AsyncSession, rating_id: UUID, revision: int | None = None) -> RatingView:
    query = published(newest_only=revision is None).where(Rating.id == rating_id, Rating.withdrawn_at.is_(None))
    if revision is not None:
        query = query.where(RatingRevision.revision == revision)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NotFound(f"There is no published rating {rating_id}{f' in revision {revision}' if revision else ''}.")
    return shape(row)
