"""The school that has an identifier on a date: what is asked most, so the statement is put together once."""

from functools import cache
from typing import Any

from kit.auth import Caller
from sqlalchemy import Date, DateTime, Select, Text, Uuid, bindparam, exists
from sqlalchemy.ext.asyncio import AsyncSession

from registry.schools.reading import holding, schools_at, shape
from registry.schools.schemas import SchoolView
from registry.schools.tables import SchoolAlias
from registry.schools.visibility import visible_by_itself
from registry.standpoint import Standpoint

DAY: Any = bindparam("day", type_=Date)
KNOWN_AT: Any = bindparam("known_at", type_=DateTime(timezone=True))
ORGANIZATION: Any = bindparam("organization_id", type_=Uuid)


async def schools_identified(
    session: AsyncSession, caller: Caller, at: Standpoint, system: str, value: str
) -> list[SchoolView]:
    """The school of this identifier at a standpoint, if there is one that `caller` may see."""
    asked = {"day": at.day, "known_at": at.known_at, "organization_id": caller.organization_id}
    statement = _statement(back=at.known_at is not None, everybody=caller.organization_id is None)
    rows = await session.execute(statement, asked | {"system": system, "value": value})
    return [shape(row) for row in rows]


@cache
def _statement(*, back: bool, everybody: bool) -> Select[Any]:
    at = Standpoint(DAY, KNOWN_AT if back else None)
    named = (SchoolAlias.system == bindparam("system", type_=Text), SchoolAlias.value == bindparam("value", type_=Text))
    return schools_at(at).where(
        exists().where(holding(SchoolAlias, at), *named),
        visible_by_itself(None if everybody else ORGANIZATION, at.day, at.known_at),
    )
