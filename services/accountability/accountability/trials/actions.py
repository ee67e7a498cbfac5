"""Try a version on history: rate the same measures by it and by the version in charge, and keep what differs."""

import asyncio
from datetime import datetime
from uuid import UUID

import polars as pl
from kit.auth import Caller
from kit.clock import today_in
from kit.errors import FieldError, Invalid, NotFound
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.copying import copy_in
from accountability.coverage import coverage_of
from accountability.engine import compile_framework
from accountability.frameworks.document import Framework
from accountability.frameworks.standing import find_version, version_for
from accountability.measures.inputs import SUBJECT, input_version, measures_known
from accountability.trials.rules import SAID, compared, counts_of
from accountability.trials.schemas import NewTrial
from accountability.trials.tables import Trial
from accountability.visibility import require_steward, stewarded


async def try_framework(
    session: AsyncSession, caller: Caller, framework_id: str, body: NewTrial, now: datetime
) -> Trial:
    """Rate by two versions what a run of the caller's would rate. What comes of it can never be published.

    Raises Forbidden, NotFound, and Invalid where there is nothing to rate or nothing to compare with.
    """
    await require_steward(session, caller, "tries frameworks")
    tried = await find_version(session, caller, framework_id, body.version)
    against = await version_for(session, caller, framework_id, body.against, body.school_year, "against")
    known = await input_version(session, body.school_year, body.input_version)
    subjects = (await coverage_of(session, caller, today_in("UTC", now))).subjects
    versions = [Framework.model_validate(row.document) for row in (against, tried)]
    measures = [await _measures(session, version, body.school_year, known, subjects) for version in versions]
    if not any(map(len, measures)):
        error = FieldError("schoolYear", "no-measures", "load the measures of this year, or try another")
        raise Invalid("There is nothing to rate.", errors=[error])
    before, after = [
        await asyncio.to_thread(_rate, version, frame) for version, frame in zip(versions, measures, strict=True)
    ]
    changes = compared(before, after, versions[0])
    codes = {*versions[1].indicators, *versions[1].attributes}
    trial: Trial | None = await session.scalar(
        insert(Trial)
        .values(
            framework_id=framework_id,
            version=tried.version,
            sha256=tried.sha256,
            against_version=against.version,
            school_year=body.school_year,
            input_version=known,
            counts=counts_of(changes),
            unmeasured=sorted(codes - set(measures[1]["indicator"])),
            organization_id=caller.organization_id,
            client_id=caller.client_id,
            at=now,
        )
        .returning(Trial)
    )
    assert trial is not None
    await copy_in(session, "trial_rating", changes.with_columns(trial=pl.lit(trial.number)))
    return trial


async def find_trial(session: AsyncSession, caller: Caller, framework_id: str, trial_id: UUID) -> Trial:
    """A trial of the caller's. Raises Forbidden, NotFound."""
    await require_steward(session, caller, "sees trials")
    named = (Trial.id == trial_id) & (Trial.framework_id == framework_id)
    trial: Trial | None = await session.scalar(select(Trial).where(named, stewarded(caller, Trial.organization_id)))
    if trial is None:
        raise NotFound(f"There is no trial {trial_id} of yours.")
    return trial


async def _measures(
    session: AsyncSession, framework: Framework, school_year: int, known: int, subjects: frozenset[UUID] | None
) -> pl.DataFrame:
    codes = [*framework.indicators, *framework.attributes]
    return await measures_known(session, codes, framework.student_groups, school_year, known, subjects)


def _rate(framework: Framework, measures: pl.DataFrame) -> pl.DataFrame:
    ratings: pl.DataFrame = compile_framework(framework).rate(measures).ratings
    return ratings.select(*SUBJECT, *SAID)
