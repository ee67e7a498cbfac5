"""Which schools a list asks for: what query parameters say about the schools of a standpoint."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from contracts.vocabulary import Arrangement, AssignmentRole
from fastapi import Depends, Query
from kit.auth import Caller
from sqlalchemy import ColumnElement, Select, exists
from sqlalchemy.ext.asyncio import AsyncSession

from registry.schools.reading import holding
from registry.schools.tables import SchoolAlias, SchoolAssignment, SchoolFacts, SchoolOccupancy
from registry.schools.visibility import visible
from registry.standpoint import Standpoint

Plain = Query(max_length=60, pattern=r"^[^\x00]*$")


@dataclass(frozen=True)
class Wanted:
    """What the schools asked for have in common; None: anything."""

    facts: dict[str, Any]
    assignment: dict[str, Any]
    occupancy: dict[str, Any]
    alias: dict[str, Any]

    @property
    def identifier(self) -> tuple[str, str] | None:
        """The identifier, if a whole one is all that is asked for."""
        others = [*self.facts.values(), *self.assignment.values(), *self.occupancy.values()]
        system, value = self.alias["system"], self.alias["value"]
        return None if system is None or value is None or any(each is not None for each in others) else (system, value)

    async def of(self, session: AsyncSession, query: Select[Any], caller: Caller, at: Standpoint) -> Select[Any]:
        """Those of `query` (over School and SchoolFacts) that are wanted and that `caller` may see."""
        mine = await visible(session, caller, at.day, at.known_at)
        query = query.where(mine, *_equal(SchoolFacts, self.facts))
        related = ((SchoolAssignment, self.assignment), (SchoolOccupancy, self.occupancy), (SchoolAlias, self.alias))
        for table, columns in related:
            if given := _equal(table, columns):
                query = query.where(exists().where(holding(table, at), *given))
        return query


def _equal(table: Any, columns: dict[str, Any]) -> list[ColumnElement[bool]]:
    return [getattr(table, name) == value for name, value in columns.items() if value is not None]


async def _wanted(
    arrangement: Arrangement | None = None,
    state: Annotated[
        str | None, Query(pattern="^[A-Z]{2}$", description="Where it stands, as in its address.", examples=["TX"])
    ] = None,
    organization_id: Annotated[UUID | None, Query(alias="organizationId")] = None,
    role: Annotated[AssignmentRole | None, Query(description="Goes with organizationId.")] = None,
    building_id: Annotated[UUID | None, Query(alias="buildingId")] = None,
    alias_system: Annotated[str | None, Query(alias="aliasSystem"), Plain] = None,
    alias_value: Annotated[str | None, Query(alias="aliasValue"), Plain] = None,
) -> Wanted:
    return Wanted(
        facts={"arrangement": arrangement, "state": state},
        assignment={"organization_id": organization_id, "role": role},
        occupancy={"building_id": building_id},
        alias={"system": alias_system, "value": alias_value},
    )


Asked = Annotated[Wanted, Depends(_wanted)]
