"""Apply a file: everything or nothing, in a few set-based statements."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from contracts.registry import SchoolChanged
from kit.auth import Caller
from kit.errors import Conflict, FieldError, Invalid
from kit.journal import record_changes
from kit.periods import period
from sqlalchemy import ColumnElement, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from registry.dated import among, recording_instant
from registry.imports.plan import Change, parse, plan
from registry.imports.schemas import FieldChange, ImportReport, SchoolDifference
from registry.organizations.actions import require_steward
from registry.reporting_periods.actions import lock_on, locks_in_force
from registry.schools.keeping import accountable, note_versions, state_before
from registry.schools.tables import School, SchoolAlias, SchoolAssignment, SchoolFacts
from registry.schools.timelines import timelines

MAX_SHOWN = 1000
SUPERSEDE_FACTS = text("""
    update school_facts set superseded_at = :at
    from unnest(cast(:schools as uuid[]), cast(:starts as date[])) as gone (school, start)
    where school_id = gone.school and lower(during) = gone.start and superseded_at is null
""")
SUPERSEDE_ASSIGNMENTS = text("""
    update school_assignment set superseded_at = :at
    from unnest(cast(:schools as uuid[]), cast(:starts as date[]), cast(:roles as text[])) as gone (school, start, held)
    where school_id = gone.school and lower(during) = gone.start and role = gone.held and superseded_at is null
""")


async def import_schools(
    session: AsyncSession,
    caller: Caller,
    rows: Iterable[tuple[int, dict[str, str]]],
    *,
    valid_from: date,
    source: str,
    dry_run: bool,
    override: str | None = None,
) -> ImportReport:
    """Create and change schools by alias. Raises Invalid with every error of the file; then nothing is written.

    `override` is the reason for which rows may reach back into a locked reporting period.
    """
    await require_steward(session, caller)
    good, errors = parse(rows)
    changes, refused = await plan(session, good, valid_from, source)
    errors += refused + await _taken_aliases(session, changes)
    if override is None:
        errors += await _locked_rows(session, changes)
    if errors:
        errors.sort(key=lambda error: error.row or 0)
        raise Invalid(
            f"{len(errors)} errors in {len({error.row for error in errors})} rows; nothing was written. See `errors`.",
            errors=errors[:MAX_SHOWN],
            errorCount=len(errors),
        )
    made = [change for change in changes if change.known is None]
    changed = [change for change in changes if change.known is not None and change]
    if not dry_run:
        await _apply(session, caller, made, changed, override)
    return ImportReport(
        dry_run=dry_run,
        rows=len(changes),
        created=len(made),
        changed=len(changed),
        unchanged=len(changes) - len(made) - len(changed),
        differences=[_difference(change) for change in changed[:MAX_SHOWN]],
    )


async def _apply(
    session: AsyncSession, caller: Caller, made: list[Change], changed: list[Change], override: str | None
) -> None:
    new_ids: list[UUID] = []
    if made:
        new_ids = list(await session.scalars(insert(School).returning(School.id), [{"version": 1} for _ in made]))
    known_ids = [change.known.id for change in changed if change.known]
    if known_ids:
        await _lock(session, [change.known for change in changed if change.known])
        await session.execute(update(School).where(among(School.id, known_ids)).values(version=School.version + 1))
    at = await recording_instant(session)
    if known_ids:
        await _supersede(session, changed, at)
    pairs = [*zip(new_ids, made, strict=True), *zip(known_ids, changed, strict=True)]
    facts = [
        {"school_id": school, "during": period(piece.start, piece.end), **piece.value}
        for school, change in pairs
        for piece in change.added_facts
    ]
    aliases = [
        {"school_id": school, "system": system, "value": value, "during": period(change.start, None)}
        for school, change in pairs
        for system, value in change.new_aliases
    ]
    assignments = [
        {
            "school_id": school,
            "organization_id": piece.value,
            "role": role,
            "source": change.facts["source"],
            "during": period(piece.start, piece.end),
        }
        for school, change in pairs
        for role, piece in change.added_assignments
    ]
    for table, values in ((SchoolFacts, facts), (SchoolAlias, aliases), (SchoolAssignment, assignments)):
        if values:
            await session.execute(insert(table), [{**row, "recorded_at": at} for row in values])
    said = await timelines(session, [*new_ids, *known_ids])
    if said:
        await note_versions(session, {event.id: event.version for event in said}, at)
    before = {change.known.id: state_before(change.known) for change in changed if change.known}
    await record_changes(session, [(event, before.get(event.id)) for event in said], caller=caller, reason=override)


async def _lock(session: AsyncSession, known: list[SchoolChanged]) -> None:
    """Lock the schools for the change. Raises Conflict if one is not as it was when the file was read."""
    ids = [school.id for school in known]
    locked = select(School.id, School.version).where(among(School.id, ids)).order_by(School.id).with_for_update()
    versions = {row.id: row.version for row in await session.execute(locked)}
    if any(versions[school.id] != school.version for school in known):
        raise Conflict("Another change of these schools got in first; send the file again.")


async def _locked_rows(session: AsyncSession, changes: list[Change]) -> list[FieldError]:
    """Rows that would change what a reporting period has settled."""
    locks = await locks_in_force(session)
    errors = []
    for change in changes if locks else ():
        leas = {piece.value for role, piece in change.added_assignments if role == "accountable-lea"}
        leas |= accountable(change.known) if change.known else set()
        lock = lock_on(locks, change.start, leas) if change else None
        if lock is not None:
            message = f"{lock.name!r} locks every day before {lock.until}; let it begin then, or give `overrideReason`"
            errors.append(FieldError("validFrom", "locked", message, change.row, str(change.start)))
    return errors


async def _supersede(session: AsyncSession, changed: list[Change], at: datetime) -> None:
    facts = [(c.known.id, start) for c in changed if c.known for start in c.superseded_facts]
    held = [(c.known.id, start, role) for c in changed if c.known for role, start in c.superseded_assignments]
    for statement, gone in ((SUPERSEDE_FACTS, facts), (SUPERSEDE_ASSIGNMENTS, held)):
        if gone:
            schools, starts, *roles = map(list, zip(*gone, strict=True))
            parameters = {"at": at, "schools": schools, "starts": starts} | ({"roles": roles[0]} if roles else {})
            await session.execute(statement, parameters)


async def _taken_aliases(session: AsyncSession, changes: list[Change]) -> list[FieldError]:
    """New aliases that another school holds at some time from the row's date on."""
    new = {pair: change for change in changes for pair in change.new_aliases}
    if not new:
        return []
    systems, values = {system for system, _ in new}, {value for _, value in new}
    held: ColumnElement[bool] = among(SchoolAlias.system, systems) & among(SchoolAlias.value, values)
    live = SchoolAlias.superseded_at.is_(None)
    errors = []
    for alias in await session.scalars(select(SchoolAlias).where(held, live)):
        change = new.get((alias.system, alias.value))
        if change is None or (alias.during.upper is not None and alias.during.upper <= change.start):
            continue
        span = f"{alias.during.lower} to {alias.during.upper or 'open'}"
        message = f"school {alias.school_id} has it during {span}"
        errors.append(FieldError("aliasValue", "alias-taken", message, change.row, alias.value))
    return errors


def _difference(change: Change) -> SchoolDifference:
    fields: dict[str, FieldChange] = {}
    known = change.known
    if known is not None and change.added_facts:
        current = known.facts_on(change.start)
        before = {**current.model_dump(), **current.address.model_dump()} if current else {}
        fields = {
            name: FieldChange(before=before.get(name), after=after)
            for name, after in change.facts.items()
            if name != "source" and before.get(name) != after
        }
    for role, _ in change.superseded_assignments:
        organizations = known.organizations_on(change.start, role) if known else []  # type: ignore[arg-type]
        after = next((str(p.value) for r, p in change.added_assignments if r == role and p.start == change.start), None)
        fields[role] = FieldChange(before=", ".join(map(str, organizations)), after=after)
    return SchoolDifference(
        row=change.row,
        alias=f"{change.data.alias_system}|{change.data.alias_value}",
        school_id=known.id if known else None,
        fields=fields,
    )
