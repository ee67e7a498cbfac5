"""What can be done with buildings: register and change them, each fact from a date on."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from contracts.registry import Address, BuildingChanged, BuildingFacts
from kit.auth import Caller
from kit.errors import FieldError, Invalid, NotFound
from kit.journal import record
from kit.periods import period
from kit.preconditions import require_version
from sqlalchemy import Select, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.buildings import tables
from registry.buildings.authority import require_owner
from registry.buildings.schemas import BuildingPatch, NewBuilding
from registry.dated import believed, recording_instant, supersede
from registry.organizations.actions import require_steward
from registry.organizations.tables import Organization
from registry.pieces import overlay
from registry.standpoint import Standpoint

ADDRESS = tuple(Address.model_fields)


class UnknownOwner(Invalid):
    """No such organization"""

    type = "unknown-organization"


async def register_building(session: AsyncSession, caller: Caller, body: NewBuilding) -> BuildingChanged:
    """Register a building. Raises Forbidden, UnknownOwner."""
    await require_steward(session, caller)
    building = tables.Building(version=0)
    session.add(building)
    await session.flush()
    return await _keep(session, caller, building, [], [BuildingFacts(**body.model_dump())])


async def change_building(
    session: AsyncSession, caller: Caller, building_id: UUID, patch: BuildingPatch, version: int
) -> BuildingChanged:
    """Change a building's facts from a date on. Raises Forbidden, NotFound, PreconditionFailed, UnknownOwner."""
    await require_steward(session, caller)
    locked = select(tables.Building).where(tables.Building.id == building_id).with_for_update()
    building = await session.scalar(locked)
    if building is None:
        raise NotFound(f"There is no building {building_id}.")
    known = await _facts(session, building_id)
    await require_owner(session, caller, building_id, [facts for _, facts in known])
    require_version(version, building.version)
    given = {name: getattr(patch, name) for name in patch.model_fields_set - {"valid_from", "source"}}
    if patch.address is not None:
        given["address"] = Address(**patch.address.model_dump())
    edited = overlay([facts for _, facts in known], given, patch.valid_from, None, patch.source)
    return await _keep(session, caller, building, known, edited)


async def history_of(session: AsyncSession, building_id: UUID, at: Standpoint) -> BuildingChanged:
    """Everything known of a building at an instant. Raises NotFound."""
    version = await session.scalar(version_at(at).where(tables.Building.id == building_id))
    if not version:
        raise NotFound(f"There is no building {building_id}.")
    facts = [facts for _, facts in await _facts(session, building_id, at)]
    return BuildingChanged(id=building_id, version=version, facts=facts)


def version_at(at: Standpoint) -> Select[Any]:
    """The version of each building at a standpoint: every change of one leaves a fact with its own instant."""
    if at.known_at is None:
        return select(tables.Building.version)
    facts = tables.BuildingFacts
    known = select(func.count(facts.recorded_at.distinct()))
    counted = known.where(facts.building_id == tables.Building.id, facts.recorded_at <= at.known_at)
    return select(counted.correlate(tables.Building).scalar_subquery()).select_from(tables.Building)


def facts_of(row: tables.BuildingFacts) -> BuildingFacts:
    """A row of facts as they are said."""
    plain = set(BuildingFacts.model_fields) - {"address", "valid_from", "valid_to"}
    return BuildingFacts(
        valid_from=row.during.lower,
        valid_to=row.during.upper,
        address=Address(**{name: getattr(row, name) for name in ADDRESS}),
        **{name: getattr(row, name) for name in plain},
    )


async def _facts(
    session: AsyncSession, building_id: UUID, at: Standpoint | None = None
) -> list[tuple[UUID, BuildingFacts]]:
    table = tables.BuildingFacts
    held = believed(table, at.known_at if at else None)
    rows = await session.scalars(
        select(table).where(table.building_id == building_id, held).order_by(func.lower(table.during))
    )
    return [(row.id, facts_of(row)) for row in rows]


async def _keep(
    session: AsyncSession,
    caller: Caller,
    building: tables.Building,
    known: Sequence[tuple[UUID, BuildingFacts]],
    edited: Sequence[BuildingFacts],
) -> BuildingChanged:
    before = [facts for _, facts in known]
    if before == list(edited):
        return BuildingChanged(id=building.id, version=building.version, facts=before)
    await _refuse_unknown_owner(session, {facts.owner_id for facts in edited})
    at = await recording_instant(session)
    await supersede(session, tables.BuildingFacts, [row_id for row_id, facts in known if facts not in edited], at)
    added = [facts for facts in edited if facts not in before]
    await session.execute(insert(tables.BuildingFacts), [_columns(building.id, f) | {"recorded_at": at} for f in added])
    building.version += 1
    await session.flush()
    event = BuildingChanged(id=building.id, version=building.version, facts=list(edited))
    was = event.model_copy(update={"facts": before, "version": building.version - 1}) if before else None
    said_before = was.model_dump(mode="json", by_alias=True) if was else None
    await record(session, event, caller=caller, before=said_before)
    return event


def _columns(building_id: UUID, facts: BuildingFacts) -> dict[str, Any]:
    plain = facts.model_dump(exclude={"valid_from", "valid_to", "address"})
    during = period(facts.valid_from, facts.valid_to)
    return {"building_id": building_id, "during": during, **plain, **facts.address.model_dump()}


async def _refuse_unknown_owner(session: AsyncSession, owners: set[UUID]) -> None:
    known = set(await session.scalars(select(Organization.id).where(Organization.id.in_(owners))))
    errors = [
        FieldError("ownerId", "unknown", "register the organization first", value=str(owner))
        for owner in owners - known
    ]
    if errors:
        raise UnknownOwner("There is no such organization.", errors=errors)
