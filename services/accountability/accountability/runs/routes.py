"""HTTP for runs."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.errors import Forbidden
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.problems import problems
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.directory import may_steward
from accountability.ratings.actions import publish_run as publish
from accountability.runs import actions
from accountability.runs.schemas import NewPublication, NewRun, PublicationView, RunView, StagedRatingView
from accountability.runs.tables import Run, StagedRating

router = APIRouter(prefix="/v1/runs", tags=["runs"])
Runner = Annotated[Caller, require("ratings:run")]
Previewer = Annotated[Caller, require("ratings:preview")]
Publisher = Annotated[Caller, require("ratings:publish")]


@router.post("", status_code=201, response_model=RunView, responses=problems(400, 404, 409))
async def start_run(body: NewRun, session: Transaction, caller: Runner, once: Once) -> Response:
    """Rate the schools that have measures in a year. The ratings are staged, not published."""

    async def work() -> RunView:
        return view(await actions.start_run(session, caller, body))

    return await once(session, caller, work, headers=lambda made: {"Location": f"/v1/runs/{made.id}"})


@router.get("", responses=problems(400))
async def list_runs(session: Snapshot, caller: Runner, asked: Paging, response: Response) -> Page[RunView]:
    """Runs, the oldest first; what they gave is under embargo until published."""
    await _check_steward(session, caller)
    return await page(session, select(Run), [Run.number], asked, response, view)


@router.get("/{run_id}", responses=problems(404))
async def show_run(run_id: UUID, session: Snapshot, caller: Runner) -> RunView:
    """A run."""
    await _check_steward(session, caller)
    return view(await actions.show_run(session, run_id))


@router.get("/{run_id}/ratings", responses=problems(400, 404))
async def list_staged_ratings(
    run_id: UUID, session: Snapshot, caller: Previewer, asked: Paging, response: Response
) -> Page[StagedRatingView]:
    """A run's ratings before publication, for those who publish."""
    await _check_steward(session, caller)
    run = await actions.show_run(session, run_id)
    query = select(StagedRating).where(StagedRating.run == run.number)
    return await page(session, query, [StagedRating.school_id, StagedRating.student_group], asked, response, _staged)


@router.post("/{run_id}/publication", responses=problems(400, 404, 409))
async def publish_run(
    run_id: UUID, body: NewPublication, session: Transaction, caller: Publisher, now: Now
) -> PublicationView:
    """Publish a run's ratings. Those that change get a new revision, with the reason; the old stay readable."""
    run = await actions.show_run(session, run_id)
    return await publish(session, caller, run, body.reason, now)


async def _check_steward(session: AsyncSession, caller: Caller) -> None:
    if not await may_steward(session, caller):
        raise Forbidden("Only a district, a state agency or the platform's administrator sees runs.")


def view(run: Run) -> RunView:
    """A run as shown."""
    return RunView(
        id=run.id,
        framework=run.framework_id,
        version=run.framework_version,
        school_year=run.school_year,
        data_year=run.data_year,
        framework_sha256=run.framework_sha256,
        engine_version=run.engine_version,
        input_version=run.input_version,
        schools=run.schools,
        rated=run.rated,
        digest=run.digest,
        created_at=run.created_at,
        published_at=run.published_at,
    )


def _staged(row: StagedRating) -> StagedRatingView:
    return StagedRatingView.model_validate(row, from_attributes=True)
