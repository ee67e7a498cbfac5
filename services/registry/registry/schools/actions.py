"""What can be done with schools."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from contracts.vocabulary import Alias
from kit.auth import Caller
from kit.errors import Conflict, FieldError, Invalid, NotFound
from kit.journal import record
from kit.periods import Overlap, Piece, period, splice
from kit.preconditions import require_version
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from contracts import registry as said
from registry.organizations.actions import AliasTaken, require_steward
from registry.organizations.tables import Organization
from registry.schools.schemas import NewAssignment, NewSchool, SchoolPatch
from registry.schools.tables import School, SchoolAlias, SchoolAssignment, SchoolFacts
from registry.schools.timelines import ADDRESS, PLAIN, facts_of, timelines
from registry.schools.visibility import visible

ONE_AT_A_TIME = {"accountable-lea", "operator", "zone"}
"""Roles of which a school has at most one at any instant."""


class UnknownOrganization(Invalid):
    """No such organization"""

    type = "unknown-organization"


def fact_columns(facts: Any) -> dict[str, Any]:
    """The columns that keep facts (`contracts.registry.SchoolFacts` or a body)."""
    plain = {name: getattr(facts, name) for name in (*PLAIN, "source")}
    return plain | {name: getattr(facts.address, name) for name in ADDRESS}


async def open_school(session: AsyncSession, caller: Caller, body: NewSchool) -> said.SchoolChanged:
    """Register a school. Raises Forbidden, AliasTaken, Overlap, UnknownOrganization."""
    await require_steward(session, caller)
    school = School(version=1)
    session.add(school)
    await session.flush()
    session.add(SchoolFacts(school_id=school.id, during=period(body.valid_from, None), **fact_columns(body)))
    await _add_aliases(session, school.id, body.aliases)
    for assignment in body.assignments:
        await _assign(session, school.id, assignment)
    return await _say(session, caller, school.id)


async def change_school(
    session: AsyncSession, caller: Caller, school_id: UUID, patch: SchoolPatch, version: int, now: datetime
) -> said.SchoolChanged:
    """Change a school's facts from a date on. Raises Forbidden, NotFound, PreconditionFailed, Conflict."""
    await require_steward(session, caller)
    before = await _lock(session, caller, school_id, version, patch.valid_from)
    rows = {row.during.lower: row for row in await _live_facts(session, school_id)}
    pieces = [Piece(start, row.during.upper, fact_columns(facts_of(row))) for start, row in rows.items() if start]
    current = next((row for row in rows.values() if row.during.contains(patch.valid_from)), None)
    if current is None:
        raise Conflict(f"Nothing is known of the school on {patch.valid_from}; choose a later date.")
    changed = fact_columns(facts_of(current).model_copy(update=_given(patch)))
    superseded, added = splice(pieces, changed, patch.valid_from)
    await supersede(session, SchoolFacts, [rows[piece.start].id for piece in superseded], now)
    for piece in added:
        session.add(SchoolFacts(school_id=school_id, during=period(piece.start, piece.end), **piece.value))
    return await _say(session, caller, school_id, before)


async def assign_organization(
    session: AsyncSession, caller: Caller, school_id: UUID, body: NewAssignment, version: int
) -> said.SchoolChanged:
    """Give an organization a role at a school. Raises Forbidden, NotFound, PreconditionFailed, Overlap."""
    await require_steward(session, caller)
    before = await _lock(session, caller, school_id, version, body.valid_from)
    await _assign(session, school_id, body)
    return await _say(session, caller, school_id, before)


async def end_assignment(
    session: AsyncSession,
    caller: Caller,
    school_id: UUID,
    assignment_id: UUID,
    valid_to: date,
    version: int,
    now: datetime,
) -> said.SchoolChanged:
    """End an assignment on a date; what it was before stays readable. Raises NotFound, Invalid."""
    await require_steward(session, caller)
    before = await _lock(session, caller, school_id, version, valid_to)
    row = await session.get(SchoolAssignment, assignment_id)
    if row is None or row.school_id != school_id or row.superseded_at is not None:
        raise NotFound(f"There is no assignment {assignment_id} at this school.")
    start = row.during.lower
    if start is None or valid_to <= start:
        message = f"an assignment that began on {start} ends after that day"
        raise Invalid("The end lies before the start.", errors=[FieldError("validTo", "after-start", message)])
    await supersede(session, SchoolAssignment, [row.id], now)
    session.add(
        SchoolAssignment(
            school_id=school_id,
            organization_id=row.organization_id,
            role=row.role,
            source=row.source,
            during=period(start, valid_to),
        )
    )
    return await _say(session, caller, school_id, before)


async def add_alias(
    session: AsyncSession, caller: Caller, school_id: UUID, alias: Alias, version: int
) -> said.SchoolChanged:
    """Give a school an identifier. Raises Forbidden, NotFound, PreconditionFailed, AliasTaken."""
    await require_steward(session, caller)
    before = await _lock(session, caller, school_id, version, alias.valid_from)
    await _add_aliases(session, school_id, [alias])
    return await _say(session, caller, school_id, before)


async def _lock(session: AsyncSession, caller: Caller, school_id: UUID, version: int, day: date) -> dict[str, Any]:
    mine = await visible(session, caller, day)
    school = await session.scalar(select(School).where(School.id == school_id, mine).with_for_update())
    if school is None:
        raise NotFound(f"There is no school {school_id} of yours on {day}.")
    require_version(version, school.version)
    before = (await timelines(session, [school_id]))[0].model_dump(mode="json", by_alias=True)
    school.version += 1
    return before


async def _say(
    session: AsyncSession, caller: Caller, school_id: UUID, before: dict[str, Any] | None = None
) -> said.SchoolChanged:
    await session.flush()
    event = (await timelines(session, [school_id]))[0]
    await record(session, event, caller=caller, before=before)
    return event


async def _live_facts(session: AsyncSession, school_id: UUID) -> Sequence[SchoolFacts]:
    live = SchoolFacts.school_id == school_id, SchoolFacts.superseded_at.is_(None)
    return (await session.scalars(select(SchoolFacts).where(*live).order_by(func.lower(SchoolFacts.during)))).all()


async def supersede(session: AsyncSession, table: Any, ids: Sequence[UUID], now: datetime) -> None:
    """Mark dated rows as no longer believed since `now`; they stay readable."""
    await session.execute(update(table).where(table.id.in_(ids)).values(superseded_at=now))


async def _add_aliases(session: AsyncSession, school_id: UUID, aliases: Sequence[Alias]) -> None:
    for alias in aliases:
        held = await session.scalar(
            select(SchoolAlias).where(
                SchoolAlias.system == alias.system,
                SchoolAlias.value == alias.value,
                SchoolAlias.superseded_at.is_(None),
                SchoolAlias.during.op("&&")(func.daterange(alias.valid_from, alias.valid_to, "[)")),
            )
        )
        if held is not None:
            message = f"school {held.school_id} has it during {held.during.lower} to {held.during.upper or 'open'}"
            error = FieldError("aliases", "alias-taken", message, value=f"{alias.system}|{alias.value}")
            raise AliasTaken("Another school has this identifier at that time.", errors=[error])
        session.add(
            SchoolAlias(
                school_id=school_id,
                system=alias.system,
                value=alias.value,
                during=period(alias.valid_from, alias.valid_to),
            )
        )
        await session.flush()


async def _assign(session: AsyncSession, school_id: UUID, body: NewAssignment) -> None:
    if await session.get(Organization, body.organization_id) is None:
        error = FieldError(
            "organizationId", "unknown", "register the organization first", value=str(body.organization_id)
        )
        raise UnknownOrganization("There is no such organization.", errors=[error])
    if body.valid_to is not None and body.valid_to <= body.valid_from:
        raise Invalid("The period is empty.", errors=[FieldError("validTo", "after-start", "must lie after validFrom")])
    if body.role in ONE_AT_A_TIME:
        held = await session.scalar(
            select(SchoolAssignment).where(
                SchoolAssignment.school_id == school_id,
                SchoolAssignment.role == body.role,
                SchoolAssignment.superseded_at.is_(None),
                SchoolAssignment.during.op("&&")(func.daterange(body.valid_from, body.valid_to, "[)")),
            )
        )
        if held is not None:
            span = f"{held.during.lower} to {held.during.upper or 'open'}"
            raise Overlap(
                f"Organization {held.organization_id} is the school's {body.role} from {span}; end that first.",
                errors=[FieldError("validFrom", "one-at-a-time", f"overlaps {span}")],
                conflictingAssignment=str(held.id),
            )
    await session.execute(
        insert(SchoolAssignment).values(
            school_id=school_id,
            organization_id=body.organization_id,
            role=body.role,
            source=body.source,
            during=period(body.valid_from, body.valid_to),
        )
    )


def _given(patch: SchoolPatch) -> dict[str, Any]:
    given = {name: getattr(patch, name) for name in patch.model_fields_set if name not in {"valid_from"}}
    if isinstance(given.get("address"), said.Address):
        given["address"] = said.Address(**given["address"].model_dump())
    return given
