"""HTTP for frameworks: authored as drafts, moved through their lives, read by version."""

import asyncio
from typing import Annotated

from contracts.vocabulary import SchoolYear
from fastapi import APIRouter, Path, Query, Request, Response
from kit.auth import Caller, require
from kit.bulk import check_content_type
from kit.clock import Now
from kit.db import Snapshot, Transaction
from kit.documents import DOCUMENT_BODY, MEDIA_TYPES
from kit.errors import FieldError, Invalid
from kit.paging import Page, Paging, page
from kit.preconditions import IfMatch, IfMatchOrNone, etag, not_modified
from kit.problems import problems
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.frameworks import actions, labels, moves, views
from accountability.frameworks.document import Framework
from accountability.frameworks.lifecycle import Status
from accountability.frameworks.reading import read
from accountability.frameworks.schemas import FrameworkSummary, FrameworkView, NewDisplayLabels, NewStep, StepView
from accountability.frameworks.standing import find_version, of_version, one_version, versions
from accountability.frameworks.tables import FrameworkStep, FrameworkYear, RegisteredFramework

router = APIRouter(prefix="/v1/frameworks", tags=["frameworks"])
Reader = Annotated[Caller, require("frameworks:read")]
Writer = Annotated[Caller, require("frameworks:write")]
Plain = Path(max_length=80, pattern=r"^[A-Za-z0-9.-]+$")
Id = Annotated[str, Plain]
Version = Annotated[str, Plain]
CHANGES = problems(400, 404, 409, 412, 428)


@router.post("", status_code=201, responses=problems(400, 409, 413, 415), openapi_extra=DOCUMENT_BODY)
async def register_framework(
    request: Request, response: Response, session: Transaction, caller: Writer, now: Now
) -> FrameworkView:
    """Register a version ready to run, as YAML or JSON: active in those of its years that no other version has.

    Errors point at the node. To try it on history first, PUT it as a draft.
    """
    row = await actions.register_framework(session, caller, await _read(request), now)
    response.headers["Location"] = f"/v1/frameworks/{row.id}/{row.version}"
    return await _shown(session, caller, row, response)


@router.put("/{framework_id}/{version}", responses=CHANGES | problems(413, 415), openapi_extra=DOCUMENT_BODY)
async def save_draft(
    framework_id: Id,
    version: Version,
    request: Request,
    response: Response,
    session: Transaction,
    caller: Writer,
    expected: IfMatchOrNone,
    now: Now,
) -> FrameworkView:
    """Keep a draft, as YAML or JSON, or replace it by `If-Match`. All errors at once, each with its JSON pointer."""
    framework = await _read(request)
    if errors := _misplaced(framework, {"id": framework_id, "version": version}):
        raise Invalid("The document is another one than the address says.", errors=errors)
    row = await actions.save_draft(session, caller, framework, expected, now)
    response.status_code = 201 if expected is None else 200
    return await _shown(session, caller, row, response)


@router.get("", responses=problems(400))
async def list_frameworks(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    framework: Annotated[str | None, Query(max_length=80, pattern=r"^[^\x00]+$")] = None,
    status: Annotated[Status | None, Query(description="What they are in a year, or in `schoolYear`.")] = None,
    school_year: Annotated[SchoolYear | None, Query(alias="schoolYear")] = None,
) -> Page[FrameworkSummary]:
    """The versions of frameworks with what they are in each year; drafts are seen by their owner."""
    query = versions(caller)
    if framework is not None:
        query = query.where(RegisteredFramework.id == framework)
    in_year = of_version() if school_year is None else of_version() & (FrameworkYear.school_year == school_year)
    if status == "draft":
        query = query.where(~exists().where(in_year))
    elif status is not None:
        query = query.where(exists().where(in_year, FrameworkYear.status == status))
    elif school_year is not None:
        query = query.where(RegisteredFramework.document["school_years"].contains([school_year]))
    keys = [RegisteredFramework.id, RegisteredFramework.version]
    return await page(session, query, keys, asked, response, views.summary)


@router.get("/{framework_id}/{version}", response_model=FrameworkView, responses=problems(404))
async def show_framework(
    framework_id: Id, version: Version, session: Snapshot, caller: Reader, request: Request, response: Response
) -> FrameworkView | Response:
    """One version, whole."""
    row = await find_version(session, caller, framework_id, version)
    if not_modified(request, response, row.revision):
        return Response(status_code=304, headers=dict(response.headers))
    return await _shown(session, caller, row, response)


@router.get("/{framework_id}/{version}/steps", responses=problems(400, 404))
async def list_framework_steps(
    framework_id: Id, version: Version, session: Snapshot, caller: Reader, asked: Paging, response: Response
) -> Page[StepView]:
    """Who did what with a version, when and why."""
    row = await find_version(session, caller, framework_id, version)
    query = select(FrameworkStep).where(FrameworkStep.framework_id == row.id, FrameworkStep.version == row.version)
    return await page(session, query, [FrameworkStep.number], asked, response, views.step)


@router.post("/{framework_id}/{version}/transitions", responses=CHANGES)
async def move_framework(
    framework_id: Id,
    version: Version,
    body: NewStep,
    session: Transaction,
    caller: Writer,
    expected: IfMatch,
    now: Now,
    response: Response,
) -> FrameworkView:
    """Activate, suspend or retire a version in some of its years. Activating takes the years from any other version."""
    row = await moves.move_framework(session, caller, framework_id, version, body, expected, now)
    return await _shown(session, caller, row, response)


@router.put("/{framework_id}/{version}/labels", responses=CHANGES)
async def rename_labels(
    framework_id: Id,
    version: Version,
    body: NewDisplayLabels,
    session: Transaction,
    caller: Writer,
    expected: IfMatch,
    now: Now,
    response: Response,
) -> FrameworkView:
    """Say how labels are called from now on. What was published keeps its label; this is shown beside it."""
    row = await labels.rename_labels(session, caller, framework_id, version, body, expected, now)
    return await _shown(session, caller, row, response)


async def _read(request: Request) -> Framework:
    check_content_type(request, MEDIA_TYPES)
    return await asyncio.to_thread(read, await request.body())


def _misplaced(framework: Framework, address: dict[str, str]) -> list[FieldError]:
    return [
        FieldError(name, "other-address", f"write `{said}`, or send it to another address", pointer=f"/{name}")
        for name, said in address.items()
        if getattr(framework, name) != said
    ]


async def _shown(session: AsyncSession, caller: Caller, row: RegisteredFramework, response: Response) -> FrameworkView:
    response.headers["ETag"] = etag(row.revision)
    return views.view((await session.execute(one_version(caller, row))).one())
