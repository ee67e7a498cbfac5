"""The school that has an identifier on a date: what is asked most, so it is one statement, put together once."""

from functools import cache
from typing import Any

from fastapi import Response
from kit.auth import Caller
from kit.db import Database, compiled
from sqlalchemy import Compiled, Date, DateTime, Text, Uuid, bindparam, exists

from registry.schools.reading import holding, schools_at
from registry.schools.tables import SchoolAlias
from registry.schools.visibility import visible_by_itself
from registry.standpoint import Standpoint

DAY: Any = bindparam("day", type_=Date)
KNOWN_AT: Any = bindparam("known_at", type_=DateTime(timezone=True))
ORGANIZATION: Any = bindparam("organization_id", type_=Uuid)


async def page_of_identified(database: Database, caller: Caller, at: Standpoint, system: str, value: str) -> Response:
    """The page of the school that has this identifier at a standpoint, if there is one that `caller` may see.

    PostgreSQL writes a school as it is shown (`Page[SchoolView]`): nothing is left to do than to send it.
    """
    asked = {"day": at.day, "known_at": at.known_at, "organization_id": caller.organization_id}
    statement = _statement(back=at.known_at is not None, everybody=caller.organization_id is None)
    rows = await database.read_at_once(statement, asked | {"system": system, "value": value})
    items = ",".join(row.said for row in rows)
    return Response(f'{{"items":[{items}],"nextCursor":null}}', media_type="application/json")


@cache
def _statement(*, back: bool, everybody: bool) -> Compiled:
    at = Standpoint(DAY, KNOWN_AT if back else None)
    named = (SchoolAlias.system == bindparam("system", type_=Text), SchoolAlias.value == bindparam("value", type_=Text))
    asked = schools_at(at).where(
        exists().where(holding(SchoolAlias, at), *named),
        visible_by_itself(None if everybody else ORGANIZATION, at.day, at.known_at),
    )
    return compiled(asked)
