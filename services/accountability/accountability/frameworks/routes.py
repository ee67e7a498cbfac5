"""HTTP for frameworks."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Request, Response
from kit.auth import Caller, require
from kit.bulk import check_content_type
from kit.db import Snapshot, Transaction
from kit.errors import BadRequest
from kit.paging import Page, Paging, page
from kit.problems import problems
from sqlalchemy import select

from accountability.frameworks import actions
from accountability.frameworks.reading import read
from accountability.frameworks.schemas import FrameworkSummary, FrameworkView
from accountability.frameworks.tables import RegisteredFramework

router = APIRouter(prefix="/v1/frameworks", tags=["frameworks"])
Reader = Annotated[Caller, require("frameworks:read")]
Writer = Annotated[Caller, require("frameworks:write")]
MEDIA_TYPES = {"application/yaml", "application/json"}


@router.post(
    "",
    status_code=201,
    responses=problems(400, 409, 413, 415),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/yaml": {"schema": {"type": "string"}},
                "application/json": {"schema": {"type": "object"}},
            },
        }
    },
)
async def register_framework(
    request: Request, response: Response, session: Transaction, caller: Writer
) -> FrameworkView:
    """Register a version of a framework, as YAML or JSON. Errors point at the node."""
    check_content_type(request, MEDIA_TYPES)
    framework = await asyncio.to_thread(read, await request.body())
    view = await actions.register_framework(session, caller, framework)
    response.headers["Location"] = f"/v1/frameworks/{view.id}/{view.version}"
    return view


@router.get("", responses=problems(400))
async def list_frameworks(
    session: Snapshot, caller: Reader, asked: Paging, response: Response
) -> Page[FrameworkSummary]:
    """The registered frameworks."""
    keys = [RegisteredFramework.id, RegisteredFramework.version]
    return await page(session, select(RegisteredFramework), keys, asked, response, _summary)


@router.get("/{framework_id}/{version}", responses=problems(404))
async def show_framework(framework_id: str, version: str, session: Snapshot, caller: Reader) -> FrameworkView:
    """One version, whole."""
    if "\x00" in framework_id + version:
        raise BadRequest("Names have no NUL characters.")
    return await actions.show_framework(session, framework_id, version)


def _summary(row: RegisteredFramework) -> FrameworkSummary:
    return FrameworkSummary(**actions.view(row).model_dump(exclude={"document"}))
