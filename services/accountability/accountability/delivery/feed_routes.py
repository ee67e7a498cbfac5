"""HTTP for the change feed of ratings: how far it goes, what was withdrawn, what was corrected."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.journal import newest_change_version
from kit.paging import Page, Paging, page
from kit.preconditions import IfMatch
from kit.problems import problems
from kit.tables import journal

from accountability.delivery.correcting import corrections, with_before
from accountability.delivery.schemas import ChangeVersions, Correction, NewWithdrawal, RatingKey, Tombstone
from accountability.delivery.withdrawing import tombstone, tombstones, withdraw_rating
from accountability.ratings.filters import ChangeVersion
from accountability.ratings.reading import Query as Rows
from accountability.ratings.reading import shape
from accountability.ratings.schemas import RatingView

router = APIRouter(prefix="/v1", tags=["delivery"])
Reader = Annotated[Caller, require("ratings:read")]
Publisher = Annotated[Caller, require("ratings:publish")]
Least = Annotated[ChangeVersion, Query(alias="minChangeVersion")]
Most = Annotated[ChangeVersion, Query(alias="maxChangeVersion")]


@router.get("/ratings/available-change-versions")
async def show_available_change_versions(session: Snapshot, caller: Reader) -> ChangeVersions:
    """How far changes can be pulled. Ask first, pull up to `newestChangeVersion`, and next time go on from there."""
    return ChangeVersions(oldest_change_version=0, newest_change_version=await newest_change_version(session))


@router.get("/ratings/deletes", responses=problems(400))
async def list_deleted_ratings(
    session: Snapshot, caller: Reader, asked: Paging, response: Response, least: Least = None, most: Most = None
) -> Page[Tombstone]:
    """Ratings that were withdrawn, in the order of change versions; not those that were published again since."""
    query = _between(tombstones(), least, most)
    return await page(session, query, [journal.c.change_version], asked, response, tombstone)


@router.get("/rating-corrections", responses=problems(400))
async def list_rating_corrections(
    session: Snapshot, caller: Reader, asked: Paging, response: Response, least: Least = None, most: Most = None
) -> Page[Correction]:
    """Published ratings that say something else than before: both, and why, in the order of change versions."""
    query = _between(corrections().where(journal.c.change_version.is_not(None)), least, most)
    found: Page[RatingView] = await page(session, query, [journal.c.change_version], asked, response, shape)
    return Page(items=await with_before(session, found.items), next_cursor=found.next_cursor)


@router.post("/ratings/{rating_id}/withdrawal", response_model=RatingKey, responses=problems(400, 404, 409, 412, 428))
async def withdraw_published_rating(
    rating_id: UUID,
    body: NewWithdrawal,
    session: Transaction,
    caller: Publisher,
    version: IfMatch,
    now: Now,
    once: Once,
) -> Response:
    """Take back a rating of one of your runs that should never have been public. Its run may publish it again."""

    async def work() -> RatingKey:
        return await withdraw_rating(session, caller, rating_id, body.reason, version, now)

    return await once(session, caller, work, status=200)


def _between(query: Rows, least: int | None, most: int | None) -> Rows:
    if least is not None:
        query = query.where(journal.c.change_version >= least)
    if most is not None:
        query = query.where(journal.c.change_version <= most)
    return query
