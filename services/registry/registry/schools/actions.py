"""What can be done with schools. Each action edits the timeline; how it is kept is one matter, in `keeping`."""

from datetime import date
from typing import Any
from uuid import UUID

from contracts.registry import Address, Assignment, Occupancy, SchoolChanged, SchoolFacts
from contracts.vocabulary import Alias, Period
from kit.auth import Caller
from kit.errors import FieldError, Invalid, NotFound
from kit.preconditions import require_version
from sqlalchemy.ext.asyncio import AsyncSession

from registry.organizations.actions import require_steward
from registry.pieces import ended, overlay
from registry.schools.keeping import lock_schools, revise
from registry.schools.schemas import (
    CorrectedFacts,
    NewAssignment,
    NewOccupancy,
    NewSchool,
    SchoolCorrection,
    SchoolPatch,
)
from registry.schools.tables import School, SchoolAssignment
from registry.schools.timelines import assignment_of


async def open_school(session: AsyncSession, caller: Caller, body: NewSchool, override: str | None) -> SchoolChanged:
    """Register a school. Raises Forbidden, AliasTaken, Overlap, UnknownOrganization, PeriodLocked."""
    await require_steward(session, caller)
    school = School(version=0)
    session.add(school)
    await session.flush()
    unheard_of = SchoolChanged(id=school.id, version=0, facts=[])
    return await revise(
        session,
        caller,
        unheard_of,
        override,
        facts=[_facts(body)],
        aliases=body.aliases,
        assignments=[_assignment(each) for each in body.assignments],
    )


async def change_school(
    session: AsyncSession, caller: Caller, school_id: UUID, patch: SchoolPatch, version: int, override: str | None
) -> SchoolChanged:
    """Change a school's facts from a date on. Raises Forbidden, NotFound, PreconditionFailed, Conflict."""
    known = await _lock(session, caller, school_id, version, patch.valid_from)
    if patch.valid_to is not None:
        _refuse_end_before_start(patch, patch.valid_to)
    facts = overlay(known.facts, _given(patch), patch.valid_from, patch.valid_to, patch.source)
    return await revise(session, caller, known, override, facts=facts)


async def correct_school(
    session: AsyncSession,
    caller: Caller,
    school_id: UUID,
    body: SchoolCorrection,
    version: int,
    override: str | None,
    day: date,
) -> SchoolChanged:
    """Say that what is known of a school was never so, but is as in `body`; what was believed stays readable.

    Raises Forbidden, NotFound, PreconditionFailed, Overlap, AliasTaken, UnknownOrganization, PeriodLocked.
    """
    known = await _lock(session, caller, school_id, version, day)
    return await revise(
        session,
        caller,
        known,
        override,
        body.reason,
        facts=sorted((_facts(each) for each in body.facts), key=lambda each: each.valid_from),
        aliases=body.aliases,
        assignments=[_assignment(each) for each in body.assignments],
        buildings=[_occupancy(each) for each in body.buildings],
    )


async def assign_organization(
    session: AsyncSession, caller: Caller, school_id: UUID, body: NewAssignment, version: int, override: str | None
) -> SchoolChanged:
    """Give an organization a role at a school. Raises Forbidden, NotFound, PreconditionFailed, Overlap."""
    known = await _lock(session, caller, school_id, version, body.valid_from)
    return await revise(session, caller, known, override, assignments=[*known.assignments, _assignment(body)])


async def end_assignment(
    session: AsyncSession,
    caller: Caller,
    school_id: UUID,
    assignment_id: UUID,
    valid_to: date,
    version: int,
    override: str | None,
) -> SchoolChanged:
    """End an assignment on a date; what it was before stays readable. Raises NotFound, Invalid."""
    known = await _lock(session, caller, school_id, version, valid_to)
    row = await session.get(SchoolAssignment, assignment_id)
    if row is None or row.school_id != school_id or row.superseded_at is not None:
        raise NotFound(f"There is no assignment {assignment_id} at this school.")
    ending = assignment_of(row)
    _refuse_end_before_start(ending, valid_to)
    assignments = ended(known.assignments, valid_to, lambda each: each == ending)
    return await revise(session, caller, known, override, assignments=assignments)


async def add_alias(
    session: AsyncSession, caller: Caller, school_id: UUID, alias: Alias, version: int, override: str | None
) -> SchoolChanged:
    """Give a school an identifier. Raises Forbidden, NotFound, PreconditionFailed, AliasTaken."""
    known = await _lock(session, caller, school_id, version, alias.valid_from)
    return await revise(session, caller, known, override, aliases=[*known.aliases, alias])


async def occupy_building(
    session: AsyncSession, caller: Caller, school_id: UUID, body: NewOccupancy, version: int, override: str | None
) -> SchoolChanged:
    """Let a school be in a building. Raises Forbidden, NotFound, Overlap, UnknownBuilding, BuildingFull."""
    known = await _lock(session, caller, school_id, version, body.valid_from)
    return await revise(session, caller, known, override, buildings=[*known.buildings, _occupancy(body)])


async def leave_building(
    session: AsyncSession,
    caller: Caller,
    school_id: UUID,
    building_id: UUID,
    valid_to: date,
    version: int,
    override: str | None,
) -> SchoolChanged:
    """Let a school be in a building until a date. Raises Forbidden, NotFound, Invalid."""
    known = await _lock(session, caller, school_id, version, valid_to)
    there = [each for each in known.buildings if each.building_id == building_id]
    leaving = next((each for each in there if each.valid_to is None or valid_to < each.valid_to), None)
    if leaving is None:
        raise NotFound(f"The school is not in building {building_id} on {valid_to}.")
    _refuse_end_before_start(leaving, valid_to)
    buildings = ended(known.buildings, valid_to, lambda each: each == leaving)
    return await revise(session, caller, known, override, buildings=buildings)


async def _lock(session: AsyncSession, caller: Caller, school_id: UUID, version: int, day: date) -> SchoolChanged:
    await require_steward(session, caller)
    known = (await lock_schools(session, caller, [school_id], day))[school_id]
    require_version(version, known.version)
    return known


def _refuse_end_before_start(piece: Period | SchoolPatch, valid_to: date) -> None:
    if valid_to <= piece.valid_from:
        message = f"what began on {piece.valid_from} ends after that day; what never was is corrected in the history"
        raise Invalid("The end lies before the start.", errors=[FieldError("validTo", "after-start", message)])


def _facts(body: NewSchool | CorrectedFacts) -> SchoolFacts:
    return SchoolFacts(**body.model_dump())


def _assignment(body: NewAssignment) -> Assignment:
    return Assignment(**body.model_dump())


def _occupancy(body: NewOccupancy) -> Occupancy:
    return Occupancy(**body.model_dump())


def _given(patch: SchoolPatch) -> dict[str, Any]:
    given = {name: getattr(patch, name) for name in patch.model_fields_set - {"valid_from", "valid_to", "source"}}
    if patch.address is not None:
        given["address"] = Address(**patch.address.model_dump())
    return given
