"""HTTP for appeals."""

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

from accountability.appeals import deciding, filing, reading
from accountability.appeals.schemas import AppealDecision, AppealView, NewAppeal
from accountability.appeals.tables import Appeal

router = APIRouter(prefix="/v1/appeals", tags=["appeals"])
Reader = Annotated[Caller, require("ratings:read")]
Contester = Annotated[Caller, require("ratings:contest")]
Publisher = Annotated[Caller, require("ratings:publish")]


@router.post("", status_code=201, response_model=AppealView, responses=problems(400, 404, 409))
async def file_appeal(body: NewAppeal, session: Transaction, caller: Contester, now: Now, once: Once) -> Response:
    """Object to a published rating of one of your schools, while appeals are taken. It shows as under appeal."""

    async def work() -> AppealView:
        return await filing.file_appeal(session, caller, body, now)

    return await once(session, caller, work, headers=lambda view: {"ETag": etag(view.version)})


@router.get("", responses=problems(400))
async def list_appeals(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    rating_id: Annotated[UUID | None, Query(alias="ratingId")] = None,
    open_only: Annotated[bool, Query(alias="openOnly")] = False,
) -> Page[AppealView]:
    """The appeals that you filed, and those against what your runs gave."""
    query = reading.appeals(caller)
    if rating_id is not None:
        query = query.where(Appeal.rating_id == rating_id)
    if open_only:
        query = query.where(Appeal.decision.is_(None))
    return await page(session, query, [Appeal.id], asked, response, reading.shape)


@router.get("/{appeal_id}", responses=problems(404))
async def show_appeal(appeal_id: UUID, session: Snapshot, caller: Reader, response: Response) -> AppealView:
    """An appeal of yours."""
    appeal = await session.scalar(reading.appeals(caller).where(Appeal.id == appeal_id))
    if appeal is None:
        raise NotFound(f"There is no appeal {appeal_id} of yours.")
    response.headers["ETag"] = etag(appeal.version)
    return reading.shape(appeal)


@router.post("/{appeal_id}/decision", response_model=AppealView, responses=problems(400, 404, 409, 412, 428))
async def decide_appeal(
    appeal_id: UUID,
    body: AppealDecision,
    session: Transaction,
    caller: Publisher,
    version: IfMatch,
    now: Now,
    once: Once,
) -> Response:
    """Decide an appeal. One that is upheld is published as a revision, to all who heard of the rating before."""

    async def work() -> AppealView:
        return await deciding.decide_appeal(session, caller, appeal_id, body, version, now)

    return await once(session, caller, work, status=200, headers=lambda view: {"ETag": etag(view.version)})
