"""HTTP for deadlines: what is owed by which day, who stands how, an organization's feed, and what was filed."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page, page_of
from kit.periods import Day
from kit.problems import problems
from sqlalchemy import select

from registry.agreements.visibility import require_reader
from registry.dated import believed
from registry.deadlines import actions
from registry.deadlines.feed import MEDIA_TYPE, feed_of, tag_of
from registry.deadlines.owed import Kind, State
from registry.deadlines.reading import Asked, deadlines_of
from registry.deadlines.schemas import DeadlineView, FilingView, NewFiling, TrackLine
from registry.deadlines.tables import Filing
from registry.deadlines.track import tracked
from registry.organizations.actions import show_organization
from registry.standpoint import KnownAt, Looking

router = APIRouter(prefix="/v1/deadlines", tags=["deadlines"])
filings = APIRouter(prefix="/v1/agreements/{agreement_id}/filings", tags=["deadlines"])
feeds = APIRouter(prefix="/v1/organizations/{organization_id}", tags=["deadlines"])
Reader = Annotated[Caller, require("registry:read")]
Writer = Annotated[Caller, require("registry:write")]
ICS: dict[int | str, dict[str, Any]] = {200: {"content": {"text/calendar": {"schema": {"type": "string"}}}}}


async def _asked(
    organization_id: Annotated[
        UUID | None, Query(alias="organizationId", description="A party of the agreement; it owes, or is concerned.")
    ] = None,
    school_id: Annotated[UUID | None, Query(alias="schoolId")] = None,
    agreement_id: Annotated[UUID | None, Query(alias="agreementId")] = None,
    kind: Annotated[Kind | None, Query()] = None,
    state: Annotated[State | None, Query(description="`due`: within 30 days; `overdue`: the list of the late.")] = None,
    due_from: Annotated[Day | None, Query(alias="from", description="Due on this day or later.")] = None,
    due_to: Annotated[
        Day | None, Query(alias="to", description="Due through this day; 18 months ahead if absent.")
    ] = None,
) -> Asked:
    return Asked(organization_id, school_id, agreement_id, kind, state, due_from, due_to)


Wanted = Annotated[Asked, Depends(_asked)]


@router.get("", responses=problems(400))
async def list_deadlines(
    session: Snapshot, caller: Reader, wanted: Wanted, asked: Paging, response: Response, looking: Looking
) -> Page[DeadlineView]:
    """What agreements ask for by which day, computed for a date, the earliest first."""
    found = await deadlines_of(session, caller, await looking.of(session, caller), wanted)
    return page_of(found.deadlines, _order, asked, response)


@router.get("/on-track", responses=problems(400))
async def list_agreements_on_track(
    session: Snapshot, caller: Reader, wanted: Wanted, asked: Paging, response: Response, looking: Looking
) -> Page[TrackLine]:
    """How each agreement stands: on track, delayed, or incomplete when something is overdue for over a quarter."""
    found = await deadlines_of(session, caller, await looking.of(session, caller), wanted)
    return page_of(list(tracked(found.deadlines)), lambda line: str(line.agreement_id), asked, response)


@feeds.get("/deadlines.ics", response_class=Response, responses=problems(404) | ICS)
async def show_deadline_feed(
    organization_id: UUID, session: Snapshot, caller: Reader, request: Request, looking: Looking
) -> Response:
    """An organization's deadlines as an iCalendar feed, as far as the caller may read the agreements.

    It takes an access token like everything else. A calendar program that cannot send one subscribes to a copy that a
    scheduled job fetches with `If-None-Match`.
    """
    at = await looking.of(session, caller)
    organization = await show_organization(session, organization_id)
    found = await deadlines_of(session, caller, at, Asked(organization_id=organization_id))
    feed = feed_of(organization.name, found.deadlines, found.recorded_at)
    headers = {"ETag": tag_of(feed)}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    named = {"Content-Disposition": f'inline; filename="deadlines-{organization_id}.ics"'}
    return Response(feed, media_type=MEDIA_TYPE, headers=headers | named)


@filings.post("", status_code=201, response_model=FilingView, responses=problems(400, 404, 409))
async def record_filing(
    agreement_id: UUID, body: NewFiling, session: Transaction, caller: Writer, now: Now, once: Once
) -> Response:
    """Record that a report was filed, that a notice or report was acknowledged, or that something was waived."""

    async def work() -> FilingView:
        return await actions.record_filing(session, caller, agreement_id, body, now)

    return await once(session, caller, work)


@filings.get("", responses=problems(400, 404))
async def list_filings(
    agreement_id: UUID,
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    known_at: KnownAt = None,
) -> Page[FilingView]:
    """What was filed, acknowledged and waived under an agreement, as known at an instant."""
    await require_reader(session, caller, agreement_id)
    query = select(Filing).where(Filing.agreement_id == agreement_id, believed(Filing, known_at))
    return await page(session, query, [Filing.id], asked, response, actions.filing_view)


@filings.post("/{filing_id}/withdraw", responses=problems(404))
async def withdraw_filing(agreement_id: UUID, filing_id: UUID, session: Transaction, caller: Writer) -> FilingView:
    """Take back a filing that was recorded in error; the deadline is open again."""
    return await actions.withdraw_filing(session, caller, agreement_id, filing_id)


def _order(deadline: DeadlineView) -> str:
    return f"{deadline.due_on} {deadline.agreement_id} {deadline.key}"
