"""Whose schools a file may change: a district's file its own, as everywhere else."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from kit.auth import Caller
from kit.errors import FieldError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.dated import among
from registry.imports.plan import Change
from registry.organizations.actions import sees_all_schools
from registry.schools.tables import School
from registry.schools.visibility import visible


async def foreign_rows(session: AsyncSession, caller: Caller, changes: Sequence[Change]) -> list[FieldError]:
    """Rows about schools that are there and that are not the caller's on the row's date."""
    if await sees_all_schools(session, caller):
        return []
    by_day: dict[date, set[UUID]] = {}
    for change in changes:
        if change.known is not None:
            by_day.setdefault(change.start, set()).add(change.known.id)
    own = set()
    for day, ids in by_day.items():
        mine = await visible(session, caller, day)
        own |= {(day, school) for school in await session.scalars(select(School.id).where(among(School.id, ids), mine))}
    return [
        FieldError(
            "aliasValue",
            "not-yours",
            f"on {change.start} this identifier is not one of a school of yours; leave the row out",
            change.row,
            change.data.alias_value,
        )
        for change in changes
        if change.known is not None and (change.start, change.known.id) not in own
    ]
