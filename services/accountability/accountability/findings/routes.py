"""HTTP for findings: what to look at before a year is rated."""

from datetime import date
from typing import Annotated
from uuid import UUID

from contracts.vocabulary import SchoolYear
from fastapi import APIRouter, Depends, Query, Response
from kit.auth import Caller, require
from kit.clock import Now, today_in
from kit.db import Snapshot
from kit.errors import FieldError, Invalid
from kit.paging import Page, Paging, page
from kit.problems import problems
from kit.text import Code
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.coverage import coverage_of
from accountability.findings import reading
from accountability.findings.rules import RULES, Severity
from accountability.findings.schemas import Finding, FindingsSummary
from accountability.findings.scope import Scope, scope_of_framework, scope_of_year
from accountability.frameworks.document import Framework
from accountability.frameworks.standing import version_for
from accountability.visibility import require_steward

router = APIRouter(prefix="/v1/measures/findings", tags=["measures"])
Reader = Annotated[Caller, require("measures:read")]


async def _subjects(session: AsyncSession, caller: Caller, school_id: UUID | None, day: date) -> frozenset[UUID] | None:
    """Whose measures a run of the caller's would read, or of these the ones of a school."""
    covered = (await coverage_of(session, caller, day)).subjects
    if school_id is None:
        return covered
    return frozenset({school_id}) if covered is None else covered & {school_id}


async def _scope(
    session: Snapshot,
    caller: Reader,
    now: Now,
    school_year: Annotated[SchoolYear, Query(alias="schoolYear", description="The rating year.")],
    framework: Annotated[Code | None, Query(description="By what it is to be rated; none: all measures.")] = None,
    version: Annotated[Code | None, Query(description="Absent: the one that is active in the year.")] = None,
    input_version: Annotated[
        int | None, Query(alias="inputVersion", ge=0, lt=2**31, description="As known with this file; absent: now.")
    ] = None,
    school_id: Annotated[UUID | None, Query(alias="schoolId")] = None,
) -> tuple[Scope, str | None, str | None]:
    await require_steward(session, caller, "reads findings: they may be of few students")
    subjects = await _subjects(session, caller, school_id, today_in("UTC", now))
    if framework is None:
        return await scope_of_year(session, school_year, input_version, subjects), None, None
    row = await version_for(session, caller, framework, version, school_year)
    document = Framework.model_validate(row.document)
    return await scope_of_framework(session, document, school_year, input_version, subjects), row.id, row.version


Asked = Annotated[tuple[Scope, str | None, str | None], Depends(_scope, scope="function")]


@router.get("", responses=problems(400, 404))
async def list_findings(
    session: Snapshot,
    caller: Reader,
    asked: Paging,
    response: Response,
    scoped: Asked,
    severity: Annotated[Severity | None, Query()] = None,
    rule: Annotated[Code | None, Query(description="One rule by its id, as the summary lists them.")] = None,
) -> Page[Finding]:
    """What is wrong or doubtful with the measures of a year, rule by rule, the gravest first.

    A district reads what is found about its own schools, the platform and state agencies read all.
    """
    if rule is not None and rule not in {known.id for known in RULES}:
        ids = ", ".join(known.id for known in RULES)
        raise Invalid("There is no such rule.", errors=[FieldError("query.rule", "unknown", f"the rules are {ids}")])
    wanted = [known for known in RULES if severity in (None, known.severity) and rule in (None, known.id)]
    if not wanted:
        return Page(items=[])
    rows = reading.findings(scoped[0], wanted)
    keys = [rows.c.rule, rows.c.school_id, rows.c.indicator, rows.c.student_group]
    return await page(session, await reading.shown_to(session, caller, rows), keys, asked, response, reading.shape)


@router.get("/summary", responses=problems(400, 404))
async def summarize_findings(session: Snapshot, caller: Reader, scoped: Asked) -> FindingsSummary:
    """Every rule with how much it finds in what a run of yours would read, and whether it would be refused."""
    return await reading.summary(session, *scoped)
