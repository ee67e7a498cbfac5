"""Whose measures a steward loads: the platform and state agencies everybody's, a district its own."""

from collections.abc import Mapping
from datetime import date

from kit.auth import Caller
from sqlalchemy import cast, func, select
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.directory import School
from accountability.visibility import holds_all_records

JULY = 7
WAS_LEA = cast(
    """$.assignments[*] ? (
        @.organizationId == $organization && @.role == "accountable-lea" && (@.validTo == null || @.validTo > $since)
    )""",
    JSONPATH,
)
"""The assignments by which a district answers for a school, or did since a day: a school that closed is still rated."""


async def loadable(
    session: AsyncSession, caller: Caller, identities: Mapping[str, str], data_year: int
) -> Mapping[str, str]:
    """Those of `identities` (identifier -> who is measured) whose figures of the data year the caller may load: of a
    district itself, and of the schools that were its own in that year or are since."""
    if await holds_all_records(session, caller):
        return identities
    since = date(data_year - 1, JULY, 1)
    asked = func.jsonb_build_object("organization", str(caller.organization_id), "since", since.isoformat())
    schools = await session.scalars(select(School.id).where(func.jsonb_path_exists(School.said, WAS_LEA, asked)))
    own = {str(caller.organization_id), *map(str, schools)}
    return {identifier: holder for identifier, holder in identities.items() if holder in own}
