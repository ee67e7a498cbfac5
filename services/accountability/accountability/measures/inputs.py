"""What is rated: the measures of a year as they were known with a file, as a frame with a row per subject and code."""

import asyncio
from collections.abc import Collection, Sequence
from uuid import UUID

import polars as pl
from kit.errors import FieldError, Invalid
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.copying import copy_out
from accountability.measures.tables import Indicator, MeasureImport, measures_of

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


async def input_version(session: AsyncSession, school_year: int, asked: int | None) -> int:
    """The file of measures up to which is read: `asked`, or the newest. Raises Invalid if there is no such file yet."""
    # A file that is being loaded may have a lower number than the newest: we wait, or it could not be repeated.
    await session.execute(select(func.pg_advisory_xact_lock_shared(measures_of(school_year))))
    newest = await session.scalar(select(func.coalesce(func.max(MeasureImport.number), 0))) or 0
    if asked is not None and asked > newest:
        error = FieldError("inputVersion", "unknown", f"the newest file of measures is {newest}")
        raise Invalid("There is no such file of measures.", errors=[error])
    return newest if asked is None else asked


async def measures_known(
    session: AsyncSession,
    codes: Sequence[str],
    groups: Sequence[str],
    school_year: int,
    version: int,
    subjects: Collection[UUID] | None,
) -> pl.DataFrame:
    """The measures of these indicators and groups, as known with the file `version`; indicators by their code.

    `subjects`: whose; None: everybody's.
    """
    known = await session.scalars(select(Indicator).where(Indicator.code.in_(codes)).order_by(Indicator.number))
    names = {row.number: row.code for row in known}
    query = (
        "select case student_group when 'ALL' then school_id::text else school_id || '/' || student_group end,"
        " indicator, value, category, n, participation from measure where school_year = {}"
        " and import_number <= {} and (superseded_in is null or superseded_in > {})"
        " and student_group = any({}) and indicator = any({})"
    )
    values: list[object] = [school_year, version, version, list(groups), list(names)]
    if subjects is not None:
        query, values = f"{query} and school_id = any({{}})", [*values, sorted(subjects)]
    frame = await copy_out(session, query, values, INPUT)
    named = pl.col("indicator").replace_strict(list(names), list(names.values()), return_dtype=pl.String)
    return await asyncio.to_thread(frame.with_columns, named)
