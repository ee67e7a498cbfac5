"""HTTP for runs. What they gave is under embargo: they exist for nobody but their stewards."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.problems import problems
from sqlalchemy import Select, cast, func, select
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.frameworks.tables import RegisteredFramework
from accountability.runs import actions, windows
from accountability.runs.schemas import CoverageView, NewRun, NewWindow, Override, RunState, RunView, WindowView
from accountability.runs.tables import Run, Window
from accountability.visibility import require_steward, stewarded

router = APIRouter(prefix="/v1/runs", tags=["runs"])
Runner = Annotated[Caller, require("ratings:run")]
Previewer = Annotated[Caller, require("ratings:preview")]
Publisher = Annotated[Caller, require("ratings:publish")]
RANKS = cast('$.nodes.* ? (@.kind == "percentile")', JSONPATH)
"""The nodes of a framework that say where a subject stands among others."""


@router.post("", status_code=201, response_model=RunView, responses=problems(400, 404, 409))
async def start_run(
    body: NewRun, session: Transaction, caller: Runner, now: Now, once: Once, request: Request
) -> Response:
    """Rate whoever has measures in a year: a district itself and its own schools, a state agency or the platform all.

    The ratings are staged, not published.
    """

    async def work() -> RunView:
        run = await actions.start_run(session, caller, body, now, request.app.state.spark_master)
        return await _shown(session, run, now)

    return await once(session, caller, work, headers=lambda made: {"Location": f"/v1/runs/{made.id}"})


@router.get("", responses=problems(400))
async def list_runs(session: Snapshot, caller: Runner, asked: Paging, response: Response, now: Now) -> Page[RunView]:
    """Your runs, the oldest first."""
    await require_steward(session, caller, "sees runs")
    query = _runs(now).where(stewarded(caller, Run.organization_id))
    return await page(session, query, [Run.number], asked, response, _shape)


@router.get("/{run_id}", responses=problems(404))
async def show_run(run_id: UUID, session: Snapshot, caller: Runner, now: Now) -> RunView:
    """A run."""
    return await _shown(session, await actions.find_run(session, caller, run_id), now)


@router.post("/{run_id}/windows", status_code=201, response_model=WindowView, responses=problems(400, 404))
async def open_window(
    run_id: UUID, body: NewWindow, session: Transaction, caller: Publisher, now: Now, once: Once
) -> Response:
    """Give schools days to review this run, or to appeal what is published of it."""
    run = await actions.find_run(session, caller, run_id)

    async def work() -> WindowView:
        return await windows.open_window(session, caller, run, body, now)

    return await once(session, caller, work)


@router.get("/{run_id}/windows", responses=problems(400, 404))
async def list_windows(
    run_id: UUID, session: Snapshot, caller: Previewer, asked: Paging, response: Response
) -> Page[WindowView]:
    """The windows of a run, for its steward."""
    run = await actions.find_run(session, caller, run_id)
    query = select(Window).where(Window.run == run.number)
    return await page(session, query, [Window.id], asked, response, windows.shape)


async def _shown(session: AsyncSession, run: Run, now: datetime) -> RunView:
    return _shape((await session.execute(_runs(now).where(Run.number == run.number))).one())


def _runs(now: datetime) -> Select[*tuple[Any, ...]]:
    by_version = (RegisteredFramework.id == Run.framework_id) & (RegisteredFramework.version == Run.framework_version)
    ranks = func.jsonb_path_exists(RegisteredFramework.document, RANKS)
    in_review = windows.has_open(Run.number, "review", now)
    return select(Run, in_review.label("in_review"), ranks.label("ranks")).join(RegisteredFramework, by_version)


def _shape(row: Any) -> RunView:
    run: Run = row.Run
    before: RunState = "school-review" if row.in_review else "staged"
    return RunView(
        id=run.id,
        framework=run.framework_id,
        version=run.framework_version,
        school_year=run.school_year,
        data_year=run.data_year,
        framework_sha256=run.framework_sha256,
        engine_version=run.engine_version,
        input_version=run.input_version,
        covers=CoverageView(
            scope=run.covers,
            as_of=run.covers_as_of,
            subjects=run.covers_subjects,
            ranks_among=run.covers if row.ranks else None,
        ),
        schools=run.schools,
        rated=run.rated,
        digest=run.digest,
        override=Override.model_validate(run.override) if run.override else None,
        created_at=run.created_at,
        published_at=run.published_at,
        organization_id=run.organization_id,
        state=run.published_as or before,
    )
