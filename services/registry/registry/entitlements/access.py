"""Who may lay down a school's terms: the platform, and the district whose services they are about."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from kit.auth import Caller
from kit.errors import Forbidden, NotFound
from sqlalchemy import ColumnElement, exists, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from registry.agreements.visibility import types_of
from registry.dated import believed
from registry.entitlements.tables import ElectionWindow
from registry.organizations.actions import sees_all_schools
from registry.schools.tables import School, SchoolAssignment
from registry.schools.visibility import visible


async def require_own_school(session: AsyncSession, caller: Caller, school_id: UUID, days: Sequence[date]) -> None:
    """Raise NotFound unless the school is the caller's on one of `days`, Forbidden unless as its district."""
    await require_school(session, caller, school_id, days)
    await require_givers(session, caller, school_id, [None])


async def require_school(session: AsyncSession, caller: Caller, school_id: UUID, days: Sequence[date]) -> None:
    """Raise NotFound unless the school is the caller's on one of `days`."""
    mine = or_(*[await visible(session, caller, day) for day in days])
    if await session.scalar(select(School.id).where(School.id == school_id, mine)) is None:
        raise NotFound(f"There is no school {school_id} of yours.")


async def require_givers(session: AsyncSession, caller: Caller, school_id: UUID, givers: Iterable[UUID | None]) -> None:
    """Raise Forbidden unless the caller is every district of `givers`; None: the one that answers for the school."""
    others = set(givers) - {caller.organization_id}
    if caller.organization_id is None or not others:
        return
    if others != {None}:
        raise Forbidden("What another district gives a school is laid down by that district, or by the platform.")
    answers = select(SchoolAssignment.id).where(
        SchoolAssignment.school_id == school_id,
        SchoolAssignment.organization_id == caller.organization_id,
        SchoolAssignment.role == "accountable-lea",
        believed(SchoolAssignment),
    )
    if await session.scalar(answers.limit(1)) is None:
        raise Forbidden("This is laid down by the district that answers for the school, or by the platform.")


async def require_district(session: AsyncSession, caller: Caller, district_id: UUID) -> None:
    """Raise Forbidden unless the caller is this district, or the platform."""
    own = caller.organization_id == district_id and "district" in await types_of(session, caller)
    if caller.organization_id is not None and not own:
        raise Forbidden("This is decided by the district itself, or by the platform.")


async def windows_of(session: AsyncSession, caller: Caller) -> ColumnElement[bool]:
    """The condition on `ElectionWindow` rows of a caller: its own, and those of the districts of its schools."""
    if await sees_all_schools(session, caller):
        return true()
    answering, working = aliased(SchoolAssignment), aliased(SchoolAssignment)
    own: ColumnElement[bool] = ElectionWindow.district_id == caller.organization_id
    return own | exists().where(
        answering.organization_id == ElectionWindow.district_id,
        answering.role == "accountable-lea",
        answering.school_id == working.school_id,
        working.organization_id == caller.organization_id,
        believed(answering),
        believed(working),
    )


async def require_own_window(session: AsyncSession, caller: Caller, window_id: UUID) -> None:
    """Raise NotFound unless the window is of the caller's district or of that of its schools."""
    mine = await windows_of(session, caller)
    if await session.scalar(select(ElectionWindow.id).where(ElectionWindow.id == window_id, mine)) is None:
        raise unknown_window(window_id)


def unknown_window(window_id: UUID) -> NotFound:
    """The refusal of a window that is not there for the caller."""
    return NotFound(f"There is no election window {window_id} of yours.")
