"""Put a figure right among the measures: a new row supersedes the old one, which stays."""

import hashlib

from kit.auth import Caller
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.measures.tables import Indicator, Measure, MeasureImport, measures_of
from accountability.reviews.schemas import Claim
from accountability.reviews.tables import CorrectionRequest
from accountability.runs.tables import Run

KEPT = ("school_id", "school_year", "data_year", "indicator", "student_group", *Claim.model_fields)
"""What a corrected measure takes from the one before. Whatever else that was made of, it no longer is."""


async def correct(session: AsyncSession, caller: Caller, request: CorrectionRequest, run: Run) -> int:
    """Append the claimed figure; the number of the file of measures that it counts as."""
    await session.execute(select(func.pg_advisory_xact_lock(measures_of(run.school_year))))
    claimed = {name: found for name in Claim.model_fields if (found := getattr(request, name)) is not None}
    indicator = await session.scalar(select(Indicator.number).where(Indicator.code == request.indicator))
    key = {
        "school_id": request.school_id,
        "school_year": run.school_year,
        "indicator": indicator,
        "student_group": request.student_group,
    }
    source = {"source": f"Correction request {request.id}, accepted", "client_id": caller.client_id}
    digest = hashlib.sha256(repr((key, claimed)).encode()).hexdigest()
    number: int | None = await session.scalar(
        insert(MeasureImport).values(sha256=digest, **source).returning(MeasureImport.number)
    )
    assert number is not None
    current = select(Measure).filter_by(superseded_in=None, **key)
    before = await session.scalar(current)
    kept = {name: getattr(before, name) for name in KEPT} if before else key | {"data_year": run.data_year}
    await session.execute(
        update(Measure)
        .filter_by(superseded_in=None, **key)
        .values(superseded_in=number)
        .execution_options(synchronize_session=False)
    )
    await session.execute(insert(Measure).values(kept | claimed | {"import_number": number}))
    return number
