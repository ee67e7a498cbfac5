"""Run a framework: read columns, rate, write what every node gave."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import polars as pl
from kit.auth import Caller
from kit.clock import today_in
from kit.errors import FieldError, Invalid, NotFound
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.copying import copy_in
from accountability.coverage import Scope, coverage_of
from accountability.engine import ENGINE_VERSION, compile_framework
from accountability.findings.reading import require_no_errors
from accountability.findings.scope import scope_of_framework
from accountability.frameworks.document import Framework
from accountability.frameworks.standing import find_version, require_in_charge
from accountability.measures.inputs import input_version, measures_known
from accountability.runs.rating import rate
from accountability.runs.schemas import NewRun
from accountability.runs.tables import Run
from accountability.visibility import require_steward, stewarded

NOBODY: Mapping[Scope, str] = {
    "all-measured": "load the measures of this year first",
    "own": "load the measures of this year first; a district rates itself and the schools whose accountable LEA it is"
    " today, as the registry says",
}
"""What to do where a run covers nobody who is measured."""


async def start_run(
    session: AsyncSession, caller: Caller, body: NewRun, now: datetime, spark_master: str | None
) -> Run:
    """Rate whoever has measures in the year, a district its own; where the framework is suspended, without ratings.

    Raises Forbidden, NotFound, Invalid, and Conflict for a version that is not in charge or for errors in the measures.
    """
    await require_steward(session, caller, "rates")
    registered = await find_version(session, caller, body.framework, body.version)
    framework = Framework.model_validate(registered.document)
    if body.school_year not in framework.school_years:
        valid = ", ".join(map(str, framework.school_years))
        error = FieldError(
            "schoolYear", "not-valid", f"the framework is valid for {valid}", value=str(body.school_year)
        )
        raise Invalid("The framework is not valid for this year.", errors=[error])
    in_charge = await require_in_charge(session, framework.id, framework.version, body.school_year)
    compiled = compile_framework(framework)
    known = await input_version(session, body.school_year, body.input_version)
    coverage = await coverage_of(session, caller, today_in("UTC", now))
    measures = await measures_known(
        session, compiled.codes(), framework.student_groups, body.school_year, known, coverage.subjects
    )
    if not len(measures):
        error = FieldError("schoolYear", "no-measures", NOBODY[coverage.scope], value=str(body.school_year))
        raise Invalid("There is nothing to rate.", errors=[error])
    scope = await scope_of_framework(session, framework, body.school_year, body.input_version, coverage.subjects)
    errors = await require_no_errors(session, caller, scope, body.override_findings)
    results = await asyncio.to_thread(rate, compiled, measures, in_charge.status == "suspended", spark_master)
    run: Run | None = await session.scalar(
        insert(Run)
        .values(
            framework_id=framework.id,
            framework_version=framework.version,
            framework_sha256=registered.sha256,
            engine_version=ENGINE_VERSION,
            input_version=known,
            school_year=body.school_year,
            data_year=body.school_year - framework.data_year_lag,
            covers=coverage.scope,
            covers_as_of=coverage.as_of,
            covers_subjects=results.ratings["school_id"].n_unique(),
            schools=len(results.ratings),
            rated=int((results.ratings["status"] == "rated").sum()),
            digest=results.digest,
            client_id=caller.client_id,
            organization_id=caller.organization_id,
            override={"reason": body.override_findings, "errors": errors} if errors else None,
        )
        .returning(Run)
    )
    assert run is not None
    number = pl.lit(run.number).alias("run")
    await copy_in(session, "outcome", results.outcomes.with_columns(number))
    await copy_in(session, "staged_rating", results.ratings.with_columns(number))
    return run


async def find_run(session: AsyncSession, caller: Caller, run_id: UUID) -> Run:
    """A run that the caller stewards. Raises Forbidden, NotFound."""
    await require_steward(session, caller, "sees runs")
    run = await session.scalar(select(Run).where(Run.id == run_id, stewarded(caller, Run.organization_id)))
    if run is None:
        raise NotFound(f"There is no run {run_id} of yours.")
    return run
