"""HTTP for files: schools in our own columns, schools and agencies as NCES publishes them."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from kit.auth import Caller, require
from kit.bulk import read_csv, spool
from kit.db import Transaction
from kit.errors import FieldError, Invalid
from kit.problems import problems
from pydantic import ValidationError

from registry.imports import ccd
from registry.imports.actions import import_schools as apply_schools
from registry.imports.schemas import COLUMNS, ImportReport
from registry.organizations.actions import organizations_by_alias, register_organizations, require_steward
from registry.reporting_periods.actions import OverrideReason

LIMIT_BYTES = 100_000_000
CSV = {"text/csv"}
router = APIRouter(prefix="/v1/imports", tags=["imports"])
Writer = Annotated[Caller, require("registry:write")]
DryRun = Annotated[bool, Query(alias="dryRun", description="Check and show the differences, write nothing.")]
ValidFrom = Annotated[date, Query(alias="validFrom", description="From when it holds, where a row does not say.")]
Source = Annotated[str, Query(min_length=1, max_length=300, pattern=r"^[^\x00]+$", description="Where it is written.")]
CSV_BODY = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": {"schema": {"type": "string"}, "example": ",".join(COLUMNS)}},
    }
}


@router.post("/schools", responses=problems(400, 409, 413, 415), openapi_extra=CSV_BODY)
async def import_schools(
    request: Request,
    session: Transaction,
    caller: Writer,
    valid_from: ValidFrom,
    source: Source,
    dry_run: DryRun = False,
    override: OverrideReason = None,
) -> ImportReport:
    """Create and change schools from a CSV file, by alias. Sent again, it changes nothing."""
    async with spool(request, LIMIT_BYTES, CSV) as path:
        return await apply_schools(
            session,
            caller,
            lambda: read_csv(path, COLUMNS),
            valid_from=valid_from,
            source=source,
            dry_run=dry_run,
            override=override,
        )


@router.post("/ccd/schools", responses=problems(400, 409, 413, 415), openapi_extra=CSV_BODY)
async def import_ccd_schools(
    request: Request,
    session: Transaction,
    caller: Writer,
    valid_from: ValidFrom,
    source: Source,
    dry_run: DryRun = False,
    override: OverrideReason = None,
) -> ImportReport:
    """Schools from an NCES CCD directory file. Their agencies must be there: import those first."""
    async with spool(request, LIMIT_BYTES, CSV) as path:
        return await apply_schools(
            session,
            caller,
            lambda: ccd.school_rows(path),
            valid_from=valid_from,
            source=source,
            dry_run=dry_run,
            override=override,
        )


@router.post("/ccd/leas", responses=problems(400, 409, 413, 415), openapi_extra=CSV_BODY)
async def import_ccd_leas(
    request: Request, session: Transaction, caller: Writer, valid_from: ValidFrom, dry_run: DryRun = False
) -> ImportReport:
    """Local education agencies from an NCES CCD directory file, by NCES identifier; those known stay as they are."""
    await require_steward(session, caller)
    errors: list[FieldError] = []
    found = {}
    async with spool(request, LIMIT_BYTES, CSV) as path:
        for number, row in ccd.read(path, ccd.LEA_FIELDS):
            try:
                found[row["leaid"]] = ccd.lea(row, valid_from)
            except ValidationError as wrong:
                errors += [
                    FieldError(str(error["loc"][-1]), error["type"], error["msg"], number) for error in wrong.errors()
                ]
    if errors:
        raise Invalid(f"{len(errors)} errors; nothing was written. See `errors`.", errors=errors[:1000])
    known = await organizations_by_alias(session, {("nces", leaid) for leaid in found})
    new = [body for leaid, body in found.items() if ("nces", leaid) not in known]
    if new and not dry_run:
        await register_organizations(session, caller, new)
    return ImportReport(
        dry_run=dry_run,
        rows=len(found),
        created=len(new),
        changed=0,
        unchanged=len(found) - len(new),
        differences=[],
    )
