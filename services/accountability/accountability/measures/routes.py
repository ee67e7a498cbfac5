"""HTTP for measures."""

from typing import Annotated
from uuid import UUID

from contracts.vocabulary import SchoolYear
from fastapi import APIRouter, Query, Request, Response
from kit.auth import Caller, require
from kit.bulk import check_content_type, spool
from kit.clock import Now, today_in
from kit.db import Snapshot, Transaction
from kit.errors import FieldError, Invalid
from kit.paging import Page, Paging, page
from kit.problems import problems
from pydantic import AwareDatetime
from sqlalchemy import select

from accountability.measures import actions, listing
from accountability.measures.reading import COLUMNS
from accountability.measures.schemas import MeasureImportReport, MeasureImportView, MeasureView
from accountability.measures.tables import Measure, MeasureImport
from accountability.visibility import holds_records_of, require_steward

LIMIT_BYTES = 200_000_000
MEDIA_TYPES = {"text/csv", "application/x-ndjson"}
EXAMPLE = ",".join(COLUMNS) + "\n400009,attendance,ALL,92.5,,120,96.5,111,120\n"
router = APIRouter(prefix="/v1/measures", tags=["measures"])
Reader = Annotated[Caller, require("measures:read")]
Writer = Annotated[Caller, require("measures:write")]


@router.post(
    "/imports",
    responses=problems(400, 413, 415),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "text/csv": {"schema": {"type": "string"}, "example": EXAMPLE},
                "application/x-ndjson": {"schema": {"type": "string"}},
            },
        }
    },
)
async def import_measures(
    request: Request,
    session: Transaction,
    caller: Writer,
    school_year: Annotated[SchoolYear, Query(alias="schoolYear", description="The rating year.")],
    data_year: Annotated[SchoolYear, Query(alias="dataYear", description="The year the figures are of.")],
    alias_system: Annotated[str, Query(alias="aliasSystem", max_length=40, pattern=r"^[^\x00]+$")],
    source: Annotated[str, Query(max_length=300, pattern=r"^[^\x00]+$")],
    dry_run: Annotated[bool, Query(alias="dryRun")] = False,
) -> MeasureImportReport:
    """Load a file of measures. Schools are named by their identifier in `aliasSystem`."""
    media_type = check_content_type(request, MEDIA_TYPES)
    async with spool(request, LIMIT_BYTES, MEDIA_TYPES) as path:
        return await actions.import_measures(
            session,
            caller,
            path,
            media_type,
            school_year=school_year,
            data_year=data_year,
            alias_system=alias_system,
            source=source,
            dry_run=dry_run,
        )


@router.get("/imports", responses=problems(400))
async def list_measure_imports(
    session: Snapshot, caller: Reader, asked: Paging, response: Response
) -> Page[MeasureImportView]:
    """The files of measures in the order in which they were loaded. A run names the last that it read."""
    await require_steward(session, caller, "reads measures")
    return await page(session, select(MeasureImport), [MeasureImport.number], asked, response, listing.import_shape)


@router.get("", responses=problems(400))
async def list_measures(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    now: Now,
    school_id: Annotated[UUID | None, Query(alias="schoolId")] = None,
    school_year: Annotated[SchoolYear | None, Query(alias="schoolYear")] = None,
    known_at: Annotated[AwareDatetime | None, Query(alias="knownAt", description="As it was known then.")] = None,
    input_version: Annotated[
        int | None, Query(alias="inputVersion", ge=0, lt=2**31, description="As it was known with this file.")
    ] = None,
) -> Page[MeasureView]:
    """The measures of a school or of a year, as known now, at a time, or as a run read them.

    They may be of few students: none but stewards read them, a district those of its own schools.
    """
    await require_steward(session, caller, "reads measures")
    errors = []
    if school_id is None and school_year is None:
        errors.append(FieldError("query.schoolId", "missing", "say which school or which `schoolYear`"))
    if known_at is not None and input_version is not None:
        errors.append(FieldError("query.knownAt", "ambiguous", "give either `knownAt` or `inputVersion`"))
    if errors:
        raise Invalid("Which measures are asked for is not clear.", errors=errors)
    held = await holds_records_of(session, caller, Measure.school_id, today_in("UTC", now))
    query = listing.known(known_at, input_version).where(held)
    for column, wanted in ((Measure.school_id, school_id), (Measure.school_year, school_year)):
        if wanted is not None:
            query = query.where(column == wanted)
    return await page(session, query, listing.KEYS, asked, response, listing.shape)
