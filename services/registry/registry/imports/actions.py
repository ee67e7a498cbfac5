"""Apply a file: everything or nothing, in a few set-based statements."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from kit.auth import Caller
from kit.errors import FieldError, Invalid
from kit.journal import record
from kit.periods import period
from sqlalchemy import ColumnElement, func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from registry.imports.plan import Change, parse, plan
from registry.imports.schemas import FieldChange, ImportReport, SchoolDifference
from registry.organizations.actions import require_steward
from registry.schools.tables import School, SchoolAlias, SchoolAssignment, SchoolFacts
from registry.schools.timelines import timelines

MAX_SHOWN = 1000


async def import_schools(
    session: AsyncSession,
    caller: Caller,
    rows: Iterable[tuple[int, dict[str, str]]],
    *,
    valid_from: date,
    source: str,
    dry_run: bool,
    now: datetime,
) -> ImportReport:
    """Create and change schools by alias. Raises Invalid with every error of the file; then nothing is written."""
    await require_steward(session, caller)
    good, errors = parse(rows)
    changes, refused = await plan(session, good, valid_from, source)
    errors += refused + await _taken_aliases(session, changes)
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
        await _apply(session, caller, made, changed, now)
    return ImportReport(
        dry_run=dry_run,
        rows=len(changes),
        created=len(made),
        changed=len(changed),
        unchanged=len(changes) - len(made) - len(changed),
        differences=[_difference(change) for change in changed[:MAX_SHOWN]],
    )


async def _apply(
    session: AsyncSession, caller: Caller, made: list[Change], changed: list[Change], now: datetime
) -> None:
    new_ids: list[UUID] = []
    if made:
        new_ids = list(await session.scalars(insert(School).returning(School.id), [{"version": 1} for _ in made]))
    known_ids = [change.known.id for change in changed if change.known]
    if known_ids:
        locked = select(School.id).where(School.id.in_(known_ids)).order_by(School.id).with_for_update()
        await session.execute(locked)
        await session.execute(update(School).where(School.id.in_(known_ids)).values(version=School.version + 1))
        await _supersede(session, changed, now)
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
            await session.execute(insert(table), values)
    await record(session, *await timelines(session, [*new_ids, *known_ids]), caller=caller)


async def _supersede(session: AsyncSession, changed: list[Change], now: datetime) -> None:
    facts = [(c.known.id, start) for c in changed if c.known for start in c.superseded_facts]
    held = [(c.known.id, role, start) for c in changed if c.known for role, start in c.superseded_assignments]
    if facts:
        await session.execute(
            update(SchoolFacts)
            .where(
                tuple_(SchoolFacts.school_id, func.lower(SchoolFacts.during)).in_(facts),
                SchoolFacts.superseded_at.is_(None),
            )
            .values(superseded_at=now)
            .execution_options(synchronize_session=False)
        )
    if held:
        key = tuple_(SchoolAssignment.school_id, SchoolAssignment.role, func.lower(SchoolAssignment.during))
        await session.execute(
            update(SchoolAssignment)
            .where(key.in_(held), SchoolAssignment.superseded_at.is_(None))
            .values(superseded_at=now)
            .execution_options(synchronize_session=False)
        )


async def _taken_aliases(session: AsyncSession, changes: list[Change]) -> list[FieldError]:
    """New aliases that another school holds at some time from the row's date on."""
    new = {pair: change for change in changes for pair in change.new_aliases}
    if not new:
        return []
    systems, values = {system for system, _ in new}, {value for _, value in new}
    held: ColumnElement[bool] = SchoolAlias.system.in_(systems) & SchoolAlias.value.in_(values)
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
