"""Whose measures an organization rates: everybody's, or those of the schools that it answers for as their district.

The platform and state agencies rate everybody. A district rates itself and the schools whose accountable LEA it is on
the day on which it rates, or was of one that has none any more (a school that closed in June is rated in October), by
its own framework or by another's. What a framework says of a subject among others is then said among these alone: a
percentile rank in a district's run is one among the district's own schools.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from kit.auth import Caller
from sqlalchemy import ColumnElement, cast, func, select
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.directory import School
from accountability.visibility import holds_all_records

Scope = Literal["all-measured", "own"]

ON_THE_DAY = "@.validFrom <= $day && (@.validTo == null || @.validTo > $day)"


def _as_lea(condition: str) -> ColumnElement[str]:
    """The assignments of an accountable LEA for which `condition` is true."""
    return cast(f'$.assignments[*] ? (@.role == "accountable-lea" && {condition})', JSONPATH)


HAS_LEA = _as_lea(ON_THE_DAY)
IS_LEA = _as_lea(f"@.organizationId == $organization && {ON_THE_DAY}")
WAS_LEA = _as_lea("@.organizationId == $organization && @.validTo <= $day")


@dataclass(frozen=True)
class Coverage:
    """Which subjects are rated, schools and organizations; None: all that are measured, on no day in particular."""

    scope: Scope
    as_of: date | None = None
    subjects: frozenset[UUID] | None = None


async def coverage_of(session: AsyncSession, caller: Caller, day: date) -> Coverage:
    """What a steward rates on `day`."""
    if caller.organization_id is None or await holds_all_records(session, caller):
        return Coverage("all-measured")
    asked = func.jsonb_build_object("organization", str(caller.organization_id), "day", day.isoformat())
    of, was, has = (func.jsonb_path_exists(School.said, path, asked) for path in (IS_LEA, WAS_LEA, HAS_LEA))
    schools = await session.scalars(select(School.id).where(of | (was & ~has)))
    return Coverage("own", day, frozenset([caller.organization_id, *schools]))
