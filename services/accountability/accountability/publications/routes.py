"""HTTP for publications."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Transaction
from kit.idempotency import Once
from kit.problems import problems

from accountability.publications import actions
from accountability.publications.schemas import NewPublication, PublicationView
from accountability.runs.actions import find_run

router = APIRouter(prefix="/v1/runs", tags=["runs"])
Publisher = Annotated[Caller, require("ratings:publish")]


@router.post("/{run_id}/publication", response_model=PublicationView, responses=problems(400, 404, 409))
async def publish_run(
    run_id: UUID, body: NewPublication, session: Transaction, caller: Publisher, now: Now, once: Once
) -> Response:
    """Publish a run's ratings. Those that change get a new revision, with the reason; the old stay readable."""
    run = await find_run(session, caller, run_id)

    async def work() -> PublicationView:
        return await actions.publish_run(session, caller, run, body, now)

    return await once(session, caller, work, status=200)
