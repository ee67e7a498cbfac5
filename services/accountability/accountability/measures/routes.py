"""HTTP for measures."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from contracts.vocabulary import SchoolYear
from fastapi import APIRouter, Query, Request, Response
from kit.auth import Caller, require
from kit.bulk import check_content_type, spool
from kit.db import Snapshot, Transaction
from kit.errors import Forbidden
from kit.paging import Page, Paging, page
from kit.problems import problems
from pydantic import AwareDatetime
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import aliased

from accountability.directory import may_steward
from accountability.measures import actions
from accountability.measures.reading import COLUMNS
from accountability.measures.schemas import MeasureImportReport, MeasureView
from accountability.measures.tables import Indicator, Measure, MeasureImport

LIMIT_BYTES = 200_000_000
MEDIA_TYPES = {"text/csv", "application/x-ndjson"}
EXAMPLE = ",".join(COLUMNS) + "\n400009,survey,ALL,,Organized,120,96.5\n"
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


@router.get("", responses=problems(400))
async def list_measures(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    school_id: Annotated[UUID, Query(alias="schoolId")],
    school_year: Annotated[SchoolYear | None, Query(alias="schoolYear")] = None,
    known_at: Annotated[AwareDatetime | None, Query(alias="knownAt", description="As it was known then.")] = None,
) -> Page[MeasureView]:
    """The measures of a school, as known now or at a time. They may be of few students: none but stewards read them."""
    if not await may_steward(session, caller):
        raise Forbidden("Only a district, a state agency or the platform's administrator reads measures.")
    later = aliased(MeasureImport)
    query: Select[*tuple[Any, ...]] = (
        select(Measure, Indicator.code, MeasureImport.source, MeasureImport.recorded_at)
        .join(Indicator, Indicator.number == Measure.indicator)
        .join(MeasureImport, MeasureImport.number == Measure.import_number)
        .where(Measure.school_id == school_id)
    )
    if known_at is None:
        query = query.where(Measure.superseded_in.is_(None))
    else:
        query = query.outerjoin(later, later.number == Measure.superseded_in).where(
            MeasureImport.recorded_at <= known_at, or_(later.number.is_(None), later.recorded_at > known_at)
        )
    if school_year is not None:
        query = query.where(Measure.school_year == school_year)
    keys = [Measure.school_year, Measure.indicator, Measure.student_group]
    return await page(session, query, keys, asked, response, _shape)


def _shape(row: Any) -> MeasureView:
    measure: Measure = row.Measure
    recorded: datetime = row.recorded_at
    return MeasureView(
        school_id=measure.school_id,
        indicator=row.code,
        student_group=measure.student_group,
        school_year=measure.school_year,
        data_year=measure.data_year,
        value=measure.value,
        category=measure.category,
        n=measure.n,
        participation=measure.participation,
        source=row.source,
        recorded_at=recorded,
    )
