"""HTTP for policies of suppression, and for figures in full, to those who may have them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.problems import problems
from sqlalchemy import select

from accountability.privacy import actions
from accountability.privacy.entitled import explain_in_full
from accountability.privacy.schemas import NewSuppressionPolicy, SuppressionPolicyView
from accountability.privacy.tables import SuppressionPolicy
from accountability.ratings.schemas import Explanation

router = APIRouter(prefix="/v1", tags=["privacy"])
Reader = Annotated[Caller, require("ratings:read")]
Previewer = Annotated[Caller, require("ratings:preview")]
Publisher = Annotated[Caller, require("ratings:publish")]


@router.post(
    "/suppression-policies", status_code=201, response_model=SuppressionPolicyView, responses=problems(400, 409)
)
async def lay_down_suppression_policy(
    body: NewSuppressionPolicy, session: Transaction, caller: Publisher, now: Now, once: Once
) -> Response:
    """Lay down which figures are hidden, from a year on. What is public already stays public."""

    async def work() -> SuppressionPolicyView:
        return await actions.lay_down_suppression_policy(session, caller, body, now)

    return await once(session, caller, work)


@router.get("/suppression-policies", responses=problems(400))
async def list_suppression_policies(
    session: Snapshot, caller: Reader, asked: Paging, response: Response
) -> Page[SuppressionPolicyView]:
    """All policies, the oldest first. Of two that hold, that of the framework counts, and then the newer."""
    return await page(session, select(SuppressionPolicy), [SuppressionPolicy.id], asked, response, actions.shape)


@router.get("/ratings/{rating_id}/full-explanation", responses=problems(404))
async def explain_rating_in_full(
    rating_id: UUID,
    session: Snapshot,
    caller: Previewer,
    now: Now,
    revision: Annotated[int | None, Query(ge=1, lt=2**31, description="The newest, if absent.")] = None,
) -> Explanation:
    """Why one of your schools has its rating, with all figures: for who rated it, its operator and its district.

    They hold the records of these students (34 CFR 99.31(a)(1)); the answer is not for others.
    """
    return await explain_in_full(session, caller, rating_id, revision, now)
