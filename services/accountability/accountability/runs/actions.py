"""Run a framework: read columns, rate, write what every node gave."""

import asyncio
import hashlib
from dataclasses import dataclass

import polars as pl
from kit.auth import Caller
from kit.errors import FieldError, Forbidden, Invalid, NotFound
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.copying import copy_in, copy_out
from accountability.directory import may_steward
from accountability.engine import ENGINE_VERSION, CompiledFramework, compile_framework
from accountability.frameworks.document import Framework
from accountability.frameworks.tables import RegisteredFramework
from accountability.measures.tables import Indicator, MeasureImport, measures_of
from accountability.runs.schemas import NewRun
from accountability.runs.tables import Run

INPUT = pl.Schema(
    {
        "subject": pl.String,
        "indicator": pl.Int16,
        "value": pl.Float64,
        "category": pl.String,
        "n": pl.Float64,
        "participation": pl.Float64,
    }
)
UUID_LENGTH = 36
SUBJECT = (
    pl.col("subject").str.slice(0, UUID_LENGTH).alias("school_id"),
    pl.col("subject").str.slice(UUID_LENGTH + 1).replace("", "ALL").alias("student_group"),
)
"""A subject is a school or organization, or after a slash a group or level of it."""
OUTCOME = ["node", "value", "label", "points", "weight_declared", "weight_effective", "reason", "rule"]


@dataclass(frozen=True)
class _Results:
    outcomes: pl.DataFrame
    ratings: pl.DataFrame
    digest: str


async def start_run(session: AsyncSession, caller: Caller, body: NewRun) -> Run:
    """Rate every school that has measures in the year. Raises Forbidden, NotFound, Invalid."""
    if not await may_steward(session, caller):
        raise Forbidden("Only a district, a state agency or the platform's administrator rates.")
    registered = await session.get(RegisteredFramework, (body.framework, body.version))
    if registered is None:
        raise NotFound(f"There is no framework {body.framework} {body.version}: register it first.")
    framework = Framework.model_validate(registered.document)
    if body.school_year not in framework.school_years:
        valid = ", ".join(map(str, framework.school_years))
        error = FieldError(
            "schoolYear", "not-valid", f"the framework is valid for {valid}", value=str(body.school_year)
        )
        raise Invalid("The framework is not valid for this year.", errors=[error])
    compiled = compile_framework(framework)
    input_version = await _input_version(session, body)
    numbers = {
        row.number: row.code
        for row in await session.scalars(select(Indicator).where(Indicator.code.in_(compiled.codes())))
    }
    measures = await _measures(session, framework, body.school_year, input_version, sorted(numbers))
    if not len(measures):
        error = FieldError("schoolYear", "no-measures", "load the measures of this year first")
        raise Invalid("There is nothing to rate.", errors=[error])
    results = await asyncio.to_thread(_rate, compiled, measures, numbers)
    run: Run | None = await session.scalar(
        insert(Run)
        .values(
            framework_id=framework.id,
            framework_version=framework.version,
            framework_sha256=registered.sha256,
            engine_version=ENGINE_VERSION,
            input_version=input_version,
            school_year=body.school_year,
            data_year=body.school_year - framework.data_year_lag,
            schools=len(results.ratings),
            rated=int((results.ratings["status"] == "rated").sum()),
            digest=results.digest,
            client_id=caller.client_id,
        )
        .returning(Run)
    )
    assert run is not None
    number = pl.lit(run.number).alias("run")
    await copy_in(session, "outcome", results.outcomes.with_columns(number))
    await copy_in(session, "staged_rating", results.ratings.with_columns(number))
    return run


async def show_run(session: AsyncSession, run_id: object) -> Run:
    """A run. Raises NotFound."""
    run = await session.get(Run, run_id)
    if run is None:
        raise NotFound(f"There is no run {run_id}.")
    return run


async def _input_version(session: AsyncSession, body: NewRun) -> int:
    """The file of measures up to which a run reads. Raises Invalid if there is no such file yet."""
    # A file that is being loaded may have a lower number than the newest: the run waits, or it could not be repeated.
    await session.execute(select(func.pg_advisory_xact_lock_shared(measures_of(body.school_year))))
    newest = await session.scalar(select(func.coalesce(func.max(MeasureImport.number), 0))) or 0
    if body.input_version is not None and body.input_version > newest:
        error = FieldError("inputVersion", "unknown", f"the newest file of measures is {newest}")
        raise Invalid("There is no such file of measures.", errors=[error])
    return newest if body.input_version is None else body.input_version


async def _measures(
    session: AsyncSession, framework: Framework, school_year: int, version: int, indicators: list[int]
) -> pl.DataFrame:
    query = (
        "select case student_group when 'ALL' then school_id::text else school_id || '/' || student_group end,"
        " indicator, value, category, n, participation from measure where school_year = {}"
        " and import_number <= {} and (superseded_in is null or superseded_in > {})"
        " and student_group = any({}) and indicator = any({})"
    )
    values = [school_year, version, version, framework.student_groups, indicators]
    return await copy_out(session, query, values, INPUT)


def _rate(compiled: CompiledFramework, measures: pl.DataFrame, numbers: dict[int, str]) -> _Results:
    named = measures.with_columns(
        pl.col("indicator").replace_strict(list(numbers), list(numbers.values()), return_dtype=pl.String)
    )
    found = compiled.rate(named)
    outcomes = found.explanation.select(*SUBJECT, *OUTCOME)
    labels = compiled.framework.result.also
    as_json = pl.struct(labels).struct.json_encode() if labels else pl.lit("{}")
    ratings = found.ratings.select(*SUBJECT, "score", "rating", "status", "reason", as_json.alias("labels"))
    said = hashlib.sha256()
    for frame in (outcomes, ratings):
        for part in frame.iter_slices(100_000):
            said.update(part.write_csv().encode())
    return _Results(outcomes, ratings, said.hexdigest())
