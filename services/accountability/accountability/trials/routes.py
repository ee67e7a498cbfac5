"""HTTP for trials: for stewards only, who see what of all schools is not public and never will be."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from kit.auth import Caller, require
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.idempotency import Once
from kit.paging import Page, Paging, page
from kit.problems import problems
from kit.spreadsheets import csv_file, wants_csv
from sqlalchemy import Select, func, select

from accountability.directory import Organization, School
from accountability.trials import actions
from accountability.trials.rules import Change
from accountability.trials.schemas import NewTrial, TrialRatingView, TrialView
from accountability.trials.tables import Trial, TrialRating
from accountability.visibility import require_steward, stewarded

router = APIRouter(prefix="/v1/frameworks/{framework_id}/trials", tags=["frameworks"])
Previewer = Annotated[Caller, require("ratings:preview")]
Runner = Annotated[Caller, require("ratings:run")]
Id = Annotated[str, Path(max_length=80, pattern=r"^[A-Za-z0-9.-]+$")]
FILE: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


@router.post("", status_code=201, response_model=TrialView, responses=problems(400, 404))
async def try_framework(
    framework_id: Id, body: NewTrial, session: Transaction, caller: Runner, now: Now, once: Once
) -> Response:
    """Rate a past year by a draft and by the version in charge, to see what would change. Nothing can be published."""

    async def work() -> TrialView:
        return _view(await actions.try_framework(session, caller, framework_id, body, now))

    path = f"/v1/frameworks/{framework_id}/trials"
    return await once(session, caller, work, headers=lambda made: {"Location": f"{path}/{made.id}"})


@router.get("", responses=problems(400))
async def list_trials(
    framework_id: Id, session: Snapshot, caller: Previewer, asked: Paging, response: Response
) -> Page[TrialView]:
    """Your trials of a framework, the oldest first."""
    await require_steward(session, caller, "sees trials")
    query = select(Trial).where(Trial.framework_id == framework_id, stewarded(caller, Trial.organization_id))
    return await page(session, query, [Trial.number], asked, response, _view)


@router.get("/{trial_id}", responses=problems(404))
async def show_trial(framework_id: Id, trial_id: UUID, session: Snapshot, caller: Previewer) -> TrialView:
    """A trial with its counts."""
    return _view(await actions.find_trial(session, caller, framework_id, trial_id))


@router.get("/{trial_id}/ratings", response_model=Page[TrialRatingView], responses=problems(400, 404) | FILE)
async def list_trial_ratings(
    framework_id: Id,
    trial_id: UUID,
    session: Snapshot,
    caller: Previewer,
    asked: Paging,
    request: Request,
    response: Response,
    change: Annotated[list[Change] | None, Query(description="Only these changes; may be repeated.")] = None,
    school_id: Annotated[UUID | None, Query(alias="schoolId")] = None,
    student_group: Annotated[str | None, Query(alias="studentGroup", max_length=80, pattern=r"^[^\x00]+$")] = None,
) -> Page[TrialRatingView] | Response:
    """What would change, school by school: a page as JSON, or all that match as CSV by `Accept`."""
    trial = await actions.find_trial(session, caller, framework_id, trial_id)
    query = _ratings(trial)
    if change is not None:
        query = query.where(TrialRating.change.in_(change))
    for column, wanted in ((TrialRating.school_id, school_id), (TrialRating.student_group, student_group)):
        if wanted is not None:
            query = query.where(column == wanted)
    keys = [TrialRating.school_id, TrialRating.student_group]
    response.headers["Vary"] = "Accept"
    if wants_csv(request):
        rows = [_shape(row).model_dump(by_alias=True) for row in await session.execute(query.order_by(*keys))]
        header = list(TrialRatingView.model_json_schema()["properties"])
        return csv_file(f"trial-{trial.number}.csv", header, (list(row.values()) for row in rows))
    return await page(session, query, keys, asked, response, _shape)


def _ratings(trial: Trial) -> Select[*tuple[Any, ...]]:
    named = func.coalesce(School.name, Organization.name, "").label("school_name")
    return (
        select(TrialRating, named)
        .outerjoin(School, School.id == TrialRating.school_id)
        .outerjoin(Organization, Organization.id == TrialRating.school_id)
        .where(TrialRating.trial == trial.number)
    )


def _shape(row: Any) -> TrialRatingView:
    names = set(TrialRatingView.model_fields) - {"school_name"}
    return TrialRatingView(school_name=row.school_name, **{name: getattr(row.TrialRating, name) for name in names})


def _view(trial: Trial) -> TrialView:
    names = ("id", "version", "sha256", "school_year", "input_version", "counts", "unmeasured", "at")
    shown = {name: getattr(trial, name) for name in names}
    return TrialView(framework=trial.framework_id, against=trial.against_version, **shown)
