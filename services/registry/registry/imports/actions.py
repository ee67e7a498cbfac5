"""Apply a file: everything or nothing, in parts, so that neither memory nor a statement grows with the file."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from contracts.registry import SchoolChanged
from kit.auth import Caller
from kit.errors import FieldError
from sqlalchemy import func, insert, literal, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from registry.dated import among_rows
from registry.imports.access import foreign_rows
from registry.imports.identifiers import lock_named_schools, note, open_list, repetitions
from registry.imports.plan import Change, plan
from registry.imports.reading import MAX_SHOWN, PART_ROWS, File, Findings, parts
from registry.imports.schemas import FieldChange, ImportReport, SchoolDifference
from registry.organizations.actions import require_steward
from registry.reporting_periods.actions import lock_on, locks_in_force
from registry.reporting_periods.tables import ReportingPeriod
from registry.schools.consequences import Edit
from registry.schools.keeping import accountable, write
from registry.schools.tables import School, SchoolAlias

NEW_STATISTICS = text("analyze school, school_version, school_facts, school_alias, school_assignment")
"""Until PostgreSQL looks by itself, a minute later, it reads the tables as if they were as small as before."""


@dataclass
class _Tally:
    """What the rows come to so far."""

    rows: int = 0
    created: int = 0
    changed: int = 0
    differences: list[SchoolDifference] = field(default_factory=list)

    def count(self, changes: Sequence[Change]) -> None:
        """Add these."""
        changed = [change for change in changes if change.known is not None and change]
        self.rows += len(changes)
        self.created += sum(change.known is None for change in changes)
        self.changed += len(changed)
        self.differences += [_difference(change) for change in changed[: MAX_SHOWN - len(self.differences)]]

    def report(self, *, dry_run: bool) -> ImportReport:
        """The answer."""
        unchanged = self.rows - self.created - self.changed
        return ImportReport(
            dry_run=dry_run,
            rows=self.rows,
            created=self.created,
            changed=self.changed,
            unchanged=unchanged,
            differences=self.differences,
        )


async def import_schools(
    session: AsyncSession,
    caller: Caller,
    file: File,
    *,
    valid_from: date,
    source: str,
    dry_run: bool,
    override: str | None = None,
) -> ImportReport:
    """Create and change schools by alias. Raises Invalid with every error of the file; then nothing is written.

    The file is read twice: first each row by itself, so that all schools are held before the first is changed.
    `override` is the reason for which rows may reach back into a locked reporting period.
    """
    await require_steward(session, caller)
    findings, tally = Findings(), _Tally()
    await open_list(session)
    async for rows in parts(file, findings):
        await note(session, rows, valid_from)
    repeated = await repetitions(session)
    findings.add(repeated)
    if not dry_run:
        await lock_named_schools(session)
    left_out = {error.row for error in repeated}
    locks = [] if override else await locks_in_force(session)
    async for rows in parts(file):
        changes, refused = await plan(session, [row for row in rows if row.number not in left_out], valid_from, source)
        refused += [*await foreign_rows(session, caller, changes), *await _taken_aliases(session, changes)]
        findings.add(refused + _locked_rows(locks, changes))
        tally.count(changes)
        if not dry_run and not findings:
            await write(session, caller, await _edits(session, changes), why=override)
    findings.refuse()
    if not dry_run and tally.created + tally.changed > PART_ROWS:
        await session.execute(NEW_STATISTICS)
    return tally.report(dry_run=dry_run)


async def _edits(session: AsyncSession, changes: Sequence[Change]) -> list[Edit]:
    """What the changes come to, with an identity for each new school."""
    new = sum(change.known is None for change in changes)
    made = insert(School).from_select(["version"], select(literal(0)).select_from(func.generate_series(1, new)))
    ids = iter(sorted(await session.scalars(made.returning(School.id))) if new else ())
    # In the order of their ids: the constraints against overlaps are then several times cheaper to keep.
    before = [
        (change, change.known or SchoolChanged(id=next(ids), version=0, facts=[])) for change in changes if change
    ]
    return sorted(((known, change.edited(known)) for change, known in before), key=lambda edit: edit[0].id)


def _locked_rows(locks: Sequence[ReportingPeriod], changes: Sequence[Change]) -> list[FieldError]:
    """Rows that would change what a reporting period has settled."""
    errors = []
    for change in changes if locks else ():
        leas = {piece.value for role, piece in change.added_assignments if role == "accountable-lea"}
        leas |= accountable(change.known) if change.known else set()
        lock = lock_on(locks, change.start, leas) if change else None
        if lock is not None:
            message = f"{lock.name!r} locks every day before {lock.until}; let it begin then, or give `overrideReason`"
            errors.append(FieldError("validFrom", "locked", message, change.row, str(change.start)))
    return errors


async def _taken_aliases(session: AsyncSession, changes: Sequence[Change]) -> list[FieldError]:
    """New aliases that another school holds at some time from the row's date on."""
    new = {pair: change for change in changes for pair in change.new_aliases}
    if not new:
        return []
    named = among_rows((SchoolAlias.system, SchoolAlias.value), new)
    errors = []
    for alias in await session.scalars(select(SchoolAlias).where(named, SchoolAlias.superseded_at.is_(None))):
        change = new[alias.system, alias.value]
        if alias.during.upper is not None and alias.during.upper <= change.start:
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
    touched = [role for role, _ in (*change.superseded_assignments, *change.added_assignments)]
    for role in dict.fromkeys(touched):
        organizations = known.organizations_on(change.start, role) if known else []  # type: ignore[arg-type]
        after = next((str(p.value) for r, p in change.added_assignments if r == role and p.start == change.start), None)
        fields[role] = FieldChange(before=", ".join(map(str, organizations)), after=after)
    return SchoolDifference(
        row=change.row,
        alias=f"{change.data.alias_system}|{change.data.alias_value}",
        school_id=known.id if known else None,
        fields=fields,
    )
