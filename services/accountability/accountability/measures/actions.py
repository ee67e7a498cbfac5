"""Load measures: check whole columns, copy them in, supersede what they correct."""

import asyncio
import hashlib
from pathlib import Path

from kit.auth import Caller
from kit.errors import FieldError, Invalid
from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.copying import copy_in
from accountability.directory import identities
from accountability.measures import incoming
from accountability.measures.loadable import loadable
from accountability.measures.reading import batches
from accountability.measures.rules import KEPT, Errors, Limits, Reference, check, key, repeated
from accountability.measures.schemas import MeasureImportReport
from accountability.measures.tables import Indicator, MeasureImport, measures_of
from accountability.visibility import require_steward


async def import_measures(
    session: AsyncSession,
    caller: Caller,
    path: Path,
    media_type: str,
    *,
    school_year: int,
    data_year: int,
    alias_system: str,
    source: str,
    dry_run: bool,
) -> MeasureImportReport:
    """Append a file's measures; a row that is already known adds nothing, a changed one supersedes.

    Raises Forbidden, and Invalid with the errors of the whole file; then nothing is written.
    """
    await require_steward(session, caller, "loads measures")
    if data_year > school_year:
        error = FieldError("query.dataYear", "after-school-year", "figures are of the rating year or of one before")
        raise Invalid("The data year lies after the rating year.", errors=[error])
    known = await identities(session, alias_system)
    own = await loadable(session, caller, known, data_year)
    reference = Reference(own, await _limits(session), others=known)
    rows = await _receive(session, path, media_type, reference)
    # Two files for one year would each miss what the other adds.
    await session.execute(select(func.pg_advisory_xact_lock(measures_of(school_year))))
    added, corrected = await incoming.news(session, school_year)
    report = MeasureImportReport(
        import_number=None,
        dry_run=dry_run,
        rows=rows,
        added=added,
        corrected=corrected,
        unchanged=rows - added - corrected,
    )
    if dry_run or not added + corrected:
        return report
    sha256 = await asyncio.to_thread(_digest, path)
    number = await session.scalar(
        insert(MeasureImport)
        .values(source=source, sha256=sha256, client_id=caller.client_id)
        .returning(MeasureImport.number)
    )
    assert number is not None
    await incoming.keep(session, number, school_year, data_year)
    return report.model_copy(update={"import_number": number})


async def _receive(session: AsyncSession, path: Path, media_type: str, reference: Reference) -> int:
    """Copy the file's rows, batch by batch, into the table `incoming`; their number. Raises Invalid with all errors."""
    await incoming.create(session)
    errors, keys, reading = Errors(), [], batches(path, media_type)
    while (batch := await asyncio.to_thread(next, reading, None)) is not None:
        kept = await asyncio.to_thread(check, batch, reference, errors)
        keys.append(key(kept))
        if not errors.count:
            await copy_in(session, incoming.NAME, kept.select(KEPT))
    if keys:
        await asyncio.to_thread(repeated, keys, errors)
    if errors.count:
        message = f"{errors.count} errors; nothing was written. See `errors`."
        raise Invalid(message, errors=errors.shown, errorCount=errors.count)
    await session.execute(text(f"analyze {incoming.NAME}"))
    return sum(map(len, keys))


async def _limits(session: AsyncSession) -> dict[str, Limits]:
    return {
        row.code: Limits(row.number, row.kind, row.minimum, row.maximum, row.categories)
        for row in await session.scalars(select(Indicator))
    }


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
