"""Steps in the life of a version: activated, suspended, retired; and superseded by another that is activated."""

from collections.abc import Sequence
from datetime import datetime

from kit.auth import Caller
from kit.errors import Forbidden, Invalid
from kit.journal import record
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.frameworks.document import Framework
from accountability.frameworks.history import note
from accountability.frameworks.indicators import define_indicators
from accountability.frameworks.lifecycle import IN_CHARGE, MOVES, Status, move_errors
from accountability.frameworks.schemas import NewStep
from accountability.frameworks.standing import own_version, owns, years_of
from accountability.frameworks.tables import FrameworkYear, RegisteredFramework
from accountability.frameworks.views import event


async def move_framework(
    session: AsyncSession, caller: Caller, framework_id: str, version: str, body: NewStep, expected: int, now: datetime
) -> RegisteredFramework:
    """Take a step in years of a version. Raises NotFound, Forbidden, PreconditionFailed, Invalid, Conflict."""
    row = await own_version(session, caller, framework_id, version, expected)
    await take_step(session, caller, row, body, now)
    return row


async def take_step(
    session: AsyncSession, caller: Caller, row: RegisteredFramework, body: NewStep, now: datetime
) -> None:
    """Take a step with a version that is locked. Raises Forbidden, Invalid, and Conflict for its indicators."""
    framework, years = Framework.model_validate(row.document), await years_of(session, row.id)
    asked = sorted(set(body.school_years or framework.school_years))
    own = {year.school_year: year.status for year in years if year.version == row.version}
    taken = [year for year in years if year.version != row.version and year.status in IN_CHARGE]
    errors = move_errors(
        framework, body.name, asked, own, {year.school_year: year.version for year in taken}, body.reason
    )
    if errors:
        raise Invalid(f"The version cannot take the step `{body.name}`; see `errors`.", errors=errors)
    if body.name == "activate":
        await define_indicators(session, framework)
        lost = [year for year in taken if year.school_year in asked]
        for version in sorted({year.version for year in lost}):
            other = await session.get_one(RegisteredFramework, (row.id, version))
            if not owns(caller, other):
                raise Forbidden(f"Version {version} is another organization's: only the platform takes its years.")
            await _set(session, caller, other, "supersede", "superseded", _years(lost, version), body.reason, now)
    await _set(session, caller, row, body.name, MOVES[body.name].target, asked, body.reason, now)


def _years(rows: Sequence[FrameworkYear], version: str) -> list[int]:
    return [row.school_year for row in rows if row.version == version]


async def _set(
    session: AsyncSession,
    caller: Caller,
    row: RegisteredFramework,
    step: str,
    status: Status,
    school_years: list[int],
    reason: str | None,
    now: datetime,
) -> None:
    """Write what a version is in these years, the step, and the event."""
    key = {"framework_id": row.id, "version": row.version}
    for school_year in school_years:
        await session.merge(FrameworkYear(**key, school_year=school_year, status=status, reason=reason, since=now))
    row.revision += 1
    note(session, caller, row, step, now, school_years, reason)
    await session.flush()
    years = [year for year in await years_of(session, row.id) if year.version == row.version]
    await record(session, event(row, years), caller=caller, reason=reason)
