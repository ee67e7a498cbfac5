"""HTTP for drafts."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.preconditions import IfMatch, etag
from kit.problems import problems

from shared_services.drafts import actions
from shared_services.drafts.schemas import DraftBody, DraftView
from shared_services.drafts.tables import Draft
from shared_services.requests.schemas import RequestView

router = APIRouter(prefix="/v1/requests/drafts", tags=["requests"])
Author = Annotated[Caller, require("requests:write")]


@router.post("", status_code=201, response_model=DraftView, responses=problems(400, 409))
async def begin_draft(body: DraftBody, session: Transaction, caller: Author, now: Now, once: Once) -> Response:
    """Keep a request that is not ready yet. Nobody but your organization sees it, and no clock runs."""

    async def work() -> DraftView:
        return await actions.begin_draft(session, caller, body, now)

    return await once(session, caller, work, headers=_headers)


@router.get("", responses=problems(400))
async def list_drafts(session: Snapshot, caller: Author, asked: Paging, response: Response) -> Page[DraftView]:
    """The drafts of your organization."""
    return await page(session, actions.drafts(caller), [Draft.id], asked, response, actions.shape)


@router.get("/{draft_id}", responses=problems(404))
async def show_draft(draft_id: UUID, session: Snapshot, caller: Author, response: Response) -> DraftView:
    """One draft."""
    view = await actions.find_draft(session, caller, draft_id)
    response.headers["ETag"] = etag(view.version)
    return view


@router.put("/{draft_id}", responses=problems(400, 404, 412, 428))
async def revise_draft(
    draft_id: UUID,
    body: DraftBody,
    session: Transaction,
    caller: Author,
    version: IfMatch,
    now: Now,
    response: Response,
) -> DraftView:
    """Write a draft anew, all of it."""
    view = await actions.revise_draft(session, caller, draft_id, body, version, now)
    response.headers["ETag"] = etag(view.version)
    return view


@router.delete("/{draft_id}", status_code=204, responses=problems(400, 404, 412, 428))
async def discard_draft(draft_id: UUID, session: Transaction, caller: Author, version: IfMatch) -> None:
    """Throw a draft away."""
    await actions.discard_draft(session, caller, draft_id, version)


@router.post(
    "/{draft_id}/submission",
    status_code=201,
    response_model=RequestView,
    responses=problems(400, 404, 409, 412, 428),
)
async def submit_draft(
    draft_id: UUID, session: Transaction, caller: Author, version: IfMatch, now: Now, once: Once
) -> Response:
    """Make a request of a draft: it keeps the id and gets a number, which acknowledges it and approves nothing."""

    async def work() -> RequestView:
        return await actions.submit_draft(session, caller, draft_id, version, now)

    return await once(
        session, caller, work, headers=lambda view: {"Location": f"/v1/requests/{view.id}", "ETag": etag(view.version)}
    )


def _headers(view: DraftView) -> dict[str, str]:
    return {"Location": f"/v1/requests/drafts/{view.id}", "ETag": etag(view.version)}
