"""HTTP for decisions."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.errors import NotFound
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.preconditions import etag
from kit.problems import problems
from sqlalchemy import select

from accountability.decisions import actions
from accountability.decisions.reading import outdated, readable, shapes
from accountability.decisions.schemas import DecisionView, NewDecision
from accountability.decisions.tables import Decision

router = APIRouter(prefix="/v1/decisions", tags=["decisions"])
Reader = Annotated[Caller, require("decisions:read")]
Writer = Annotated[Caller, require("decisions:write")]


@router.post("", status_code=201, response_model=DecisionView, responses=problems(400, 409))
async def record_decision(body: NewDecision, session: Transaction, caller: Writer, now: Now, once: Once) -> Response:
    """Record a decision about a school. The revisions that it relied on stay with it for ever."""

    async def work() -> DecisionView:
        return await actions.record_decision(session, caller, body, now)

    return await once(session, caller, work, headers=lambda made: {"Location": f"/v1/decisions/{made.id}"})


@router.get("", responses=problems(400))
async def list_decisions(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    now: Now,
    school_id: Annotated[UUID | None, Query(alias="schoolId")] = None,
    relied_on_outdated: Annotated[
        bool | None, Query(alias="reliedOnOutdated", description="Those for review, or those that are not.")
    ] = None,
) -> Page[DecisionView]:
    """The decisions that you recorded, and those about schools that you answer for, then or now."""
    query = select(Decision).where(readable(caller, now))
    if school_id is not None:
        query = query.where(Decision.school_id == school_id)
    if relied_on_outdated is not None:
        query = query.where(outdated() if relied_on_outdated else ~outdated())
    found: Page[Decision] = await page(session, query, [Decision.id], asked, response, lambda row: row)
    return Page(items=await shapes(session, found.items), next_cursor=found.next_cursor)


@router.get("/{decision_id}", responses=problems(404))
async def show_decision(
    decision_id: UUID, session: Snapshot, caller: Reader, now: Now, response: Response
) -> DecisionView:
    """A decision, with what it relied on and what became of that."""
    found = select(Decision).where(Decision.id == decision_id, readable(caller, now))
    decision = await session.scalar(found)
    if decision is None:
        raise NotFound(f"There is no decision {decision_id} of yours.")
    response.headers["ETag"] = etag(decision.version)
    return (await shapes(session, [decision]))[0]
