"""Whose ratings a caller answers for, and whose it rates.

A school's operator and its district (the accountable LEA) on a date answer for the school, an organization for itself.
A run and what comes of it is stewarded by the organization that ran it, and by the platform.
"""

from datetime import date, datetime
from typing import Any

from kit.auth import Caller
from kit.errors import Forbidden
from sqlalchemy import (
    ColumnElement,
    Date,
    SQLColumnExpression,
    Text,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from accountability.directory import Organization, School, may_steward

ANSWERING = cast(
    """$.assignments[*] ? (
        @.organizationId == $organization && (@.role == "operator" || @.role == "accountable-lea")
        && @.validFrom <= $day && (@.validTo == null || @.validTo > $day)
    )""",
    JSONPATH,
)
"""The assignments by which an organization answers on a day for what a school is rated."""


def answers_for(caller: Caller, school_id: Any, day: date | SQLColumnExpression[date]) -> ColumnElement[bool]:
    """The condition that the caller answers on `day` for the school or organization in the column `school_id`."""
    if caller.organization_id is None:
        return false()
    asked = func.jsonb_build_object("organization", str(caller.organization_id), "day", cast(day, Text))
    assigned = exists().where(School.id == school_id, func.jsonb_path_exists(School.said, ANSWERING, asked))
    return or_(school_id == caller.organization_id, assigned.correlate_except(School))


def day_in(zone: InstrumentedAttribute[str], now: datetime) -> ColumnElement[date]:
    """The date at `now` in the time zone of a row."""
    return cast(func.timezone(zone, literal(now)), Date)


def stewarded(caller: Caller, owner_id: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """The condition on rows that belong to the organization in the column `owner_id` (none: the platform)."""
    return true() if caller.organization_id is None else owner_id == caller.organization_id


async def holds_all_records(session: AsyncSession, caller: Caller) -> bool:
    """True for the platform and state agencies: whatever is measured is theirs to see."""
    if caller.organization_id is None:
        return True
    types = await session.scalar(select(Organization.types).where(Organization.id == caller.organization_id))
    return "state-agency" in (types or [])


async def holds_records_of(
    session: AsyncSession, caller: Caller, school_id: Any, day: date | SQLColumnExpression[date]
) -> ColumnElement[bool]:
    """The condition that the caller holds the records of the students of the school in the column `school_id`.

    The platform and state agencies hold all, everybody else those of the schools that it answers for on `day`.
    """
    if await holds_all_records(session, caller):
        return true()
    return answers_for(caller, school_id, day)


async def require_steward(session: AsyncSession, caller: Caller, does: str) -> None:
    """Raise Forbidden for all but the platform, districts and state agencies; `does`: what only they do."""
    if not await may_steward(session, caller):
        raise Forbidden(f"Only a district, a state agency or the platform's administrator {does}.")
