"""Which entries of the audit trail concern a caller: by what each of them says, so that no kind is left out.

A district reads what is said of itself, of the schools that it answers for today, of the zones that govern them, of
the agreements that it may read and all that rests on them, of what it owns, and of what holds for everybody.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from kit.auth import Caller
from kit.tables import journal
from sqlalchemy import ColumnElement, Select, Text, any_, literal, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from registry.agreements.tables import Agreement
from registry.agreements.visibility import readable
from registry.buildings.tables import BuildingFacts
from registry.dated import among, believed
from registry.organizations.actions import sees_all_schools, today_of
from registry.schools.tables import SchoolAssignment
from registry.snapshots.tables import TakenSnapshot

NAMES_ITSELF = ("organizationId", "districtId")
NAMES_A_SCHOOL, NAMES_SCHOOLS = "schoolId", ("schools", "predecessors", "successors")
ABOUT_A_SCHOOL = ("school", "entitlements")
FOR_EVERYBODY = ("rule", "reporting-period")
"""Kinds that hold for everybody where they name no organization: law, and what a state has locked."""


async def concerning(session: AsyncSession, caller: Caller, now: datetime) -> ColumnElement[bool]:
    """The condition on journal rows that the caller may read."""
    if await sees_all_schools(session, caller):
        return true()
    itself = [str(caller.organization_id)]
    schools = await _ids(session, await _answered_for(session, caller, now))
    governing = select(SchoolAssignment.organization_id).where(
        among(SchoolAssignment.school_id, map(UUID, schools)),
        SchoolAssignment.role == "zone",
        believed(SchoolAssignment),
    )
    zones = await _ids(session, governing)
    agreements = await _ids(session, select(Agreement.id).where(await readable(session, caller)))
    owned = select(BuildingFacts.building_id).where(BuildingFacts.owner_id == caller.organization_id)
    taken = select(TakenSnapshot.id).where(TakenSnapshot.organization_id == caller.organization_id)
    return or_(
        _about("organization", [*itself, *zones]),
        *(_about(kind, schools) for kind in ABOUT_A_SCHOOL),
        _about("agreement", agreements),
        _about("building", await _ids(session, owned)),
        _about("snapshot", await _ids(session, taken)),
        *(_says(member, itself) for member in NAMES_ITSELF),
        _says(NAMES_A_SCHOOL, schools),
        _says("zoneId", zones),
        _says("agreementId", agreements),
        *(journal.c.data[member].has_any(literal(schools, ARRAY(Text))) for member in NAMES_SCHOOLS),
        *(_of_nobody(kind) for kind in FOR_EVERYBODY),
    )


async def _answered_for(session: AsyncSession, caller: Caller, now: datetime) -> Select[Any]:
    return select(SchoolAssignment.school_id).where(
        SchoolAssignment.organization_id == caller.organization_id,
        SchoolAssignment.role == "accountable-lea",
        SchoolAssignment.during.contains(await today_of(session, caller, now)),
        believed(SchoolAssignment),
    )


async def _ids(session: AsyncSession, query: Select[Any]) -> list[str]:
    return sorted({str(each) for each in await session.scalars(query)})


def _about(kind: str, ids: Iterable[str]) -> ColumnElement[bool]:
    """Entries whose subject is one of these of a kind."""
    return among(journal.c.subject, [f"concordat.registry.{kind}.{each}" for each in ids])


def _says(member: str, ids: list[str]) -> ColumnElement[bool]:
    """Entries that name one of these."""
    named: ColumnElement[bool] = journal.c.data[member].astext == any_(literal(ids, ARRAY(Text)))
    return named


def _of_nobody(kind: str) -> ColumnElement[bool]:
    """Entries of a kind that name no organization."""
    none: ColumnElement[bool] = journal.c.data["organizationId"].astext.is_(None)
    return none & journal.c.subject.startswith(f"concordat.registry.{kind}.")
