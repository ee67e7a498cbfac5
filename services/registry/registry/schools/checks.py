"""What an edit of timelines may refer to: organizations and buildings that are there, identifiers that are free."""

from collections.abc import Sequence
from uuid import UUID

from contracts.registry import Assignment, Occupancy
from contracts.vocabulary import Alias, Period
from kit.errors import FieldError, Invalid
from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.buildings.tables import Building
from registry.dated import believed
from registry.organizations.actions import AliasTaken
from registry.organizations.tables import Organization
from registry.schools.consequences import Edit
from registry.schools.tables import SchoolAlias, SchoolOccupancy


class UnknownOrganization(Invalid):
    """No such organization"""

    type = "unknown-organization"


class UnknownBuilding(Invalid):
    """No such building"""

    type = "unknown-building"


class BuildingFull(Invalid):
    """The shares of a building come to more than the whole"""

    type = "building-full"


async def check_references(session: AsyncSession, edits: Sequence[Edit]) -> None:
    """Raise UnknownOrganization, UnknownBuilding, BuildingFull or AliasTaken for what the edits add."""
    assignments = [each for before, after in edits for each in after.assignments if each not in before.assignments]
    await _check_organizations(session, assignments)
    buildings = [
        (after.id, each) for before, after in edits for each in after.buildings if each not in before.buildings
    ]
    await _check_buildings(session, buildings)
    aliases = [(after.id, each) for before, after in edits for each in after.aliases if each not in before.aliases]
    await _check_aliases(session, aliases, [after.id for _, after in edits])


async def _check_organizations(session: AsyncSession, assignments: Sequence[Assignment]) -> None:
    if not assignments:
        return
    ids = {each.organization_id for each in assignments}
    found = select(Organization.id, Organization.dissolved_on).where(Organization.id.in_(ids))
    known = {row.id: row.dissolved_on for row in await session.execute(found)}
    errors = []
    for each in assignments:
        value, end = str(each.organization_id), known.get(each.organization_id)
        if each.organization_id not in known:
            errors.append(FieldError("organizationId", "unknown", "register the organization first", value=value))
        elif end is not None and (each.valid_to is None or each.valid_to > end):
            errors.append(FieldError("validTo", "dissolved", f"it is dissolved on {end}: end it by then", value=value))
    if errors:
        raise UnknownOrganization("There is no such organization at that time.", errors=errors)


async def _check_buildings(session: AsyncSession, added: Sequence[tuple[UUID, Occupancy]]) -> None:
    if not added:
        return
    ids = sorted({each.building_id for _, each in added})
    # Locked, so that two schools cannot move into the last half at once.
    found = set(
        await session.scalars(select(Building.id).where(Building.id.in_(ids)).order_by(Building.id).with_for_update())
    )
    errors = [
        FieldError("buildingId", "unknown", "register the building first", value=str(missing))
        for missing in ids
        if missing not in found
    ]
    if errors:
        raise UnknownBuilding("There is no such building.", errors=errors)
    moving = {school for school, _ in added}
    rows = await session.scalars(
        select(SchoolOccupancy).where(
            SchoolOccupancy.building_id.in_(ids), believed(SchoolOccupancy), SchoolOccupancy.school_id.not_in(moving)
        )
    )
    shares = [
        (row.building_id, Period(valid_from=row.during.lower, valid_to=row.during.upper), row.share) for row in rows
    ]
    shares += [(each.building_id, each, each.share) for _, each in added]
    for building, span, _ in shares:
        together = sum(s or 0 for b, other, s in shares if b == building and other.covers(span.valid_from))
        if together > 1.0001:
            error = FieldError("share", "too-much", f"on {span.valid_from} the shares come to {together:.4g}")
            raise BuildingFull(f"Building {building} has no such share left.", errors=[error])


async def _check_aliases(session: AsyncSession, added: Sequence[tuple[UUID, Alias]], editing: Sequence[UUID]) -> None:
    """An identifier may pass from one edited school to another; the database then has the last word."""
    if not added:
        return
    overlapping = [
        (SchoolAlias.system == alias.system)
        & (SchoolAlias.value == alias.value)
        & SchoolAlias.during.op("&&")(func.daterange(alias.valid_from, alias.valid_to, "[)"))
        for _, alias in added
    ]
    held = select(SchoolAlias).where(or_(*overlapping), believed(SchoolAlias), SchoolAlias.school_id.not_in(editing))
    errors = [
        FieldError(
            "aliases",
            "alias-taken",
            f"school {row.school_id} has it during {row.during.lower} to {row.during.upper or 'open'}",
            value=f"{row.system}|{row.value}",
        )
        for row in await session.scalars(held)
    ]
    if errors:
        raise AliasTaken("Another school has this identifier at that time.", errors=errors)
