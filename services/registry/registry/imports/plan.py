"""The plan of an import: what each row of a file means for what is already known. Reads, decides, writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from contracts.vocabulary import Alias
from kit.errors import FieldError
from kit.periods import Piece, splice
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from contracts import registry as said
from registry.dated import among_rows
from registry.imports.reading import FileRow
from registry.imports.schemas import SchoolRow
from registry.organizations.actions import organizations_by_alias
from registry.schools.tables import SchoolAlias
from registry.schools.timelines import ADDRESS, PLAIN, fact_columns, timelines

ROLES = {
    "accountable_lea": "accountable-lea",
    "operator": "operator",
    "network": "network",
    "authorizer": "authorizer",
}
"""Columns that name an organization, and the role it then holds."""


@dataclass
class Change:
    """What one row means for one school. `known` is None for a school to create."""

    row: int
    data: SchoolRow
    start: date
    facts: dict[str, Any]
    known: said.SchoolChanged | None
    superseded_facts: list[date] = field(default_factory=list)
    added_facts: list[Piece[dict[str, Any]]] = field(default_factory=list)
    superseded_assignments: list[tuple[str, date]] = field(default_factory=list)
    added_assignments: list[tuple[str, Piece[UUID]]] = field(default_factory=list)
    new_aliases: list[tuple[str, str]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added_facts or self.added_assignments or self.superseded_assignments or self.new_aliases)

    def edited(self, known: said.SchoolChanged) -> said.SchoolChanged:
        """The school's timeline as the row wants it; `known` is `self.known`, or a new school without anything."""
        facts = [piece for piece in known.facts if piece.valid_from not in self.superseded_facts]
        assignments = [
            held for held in known.assignments if (held.role, held.valid_from) not in self.superseded_assignments
        ]
        aliases = [Alias(system=system, value=value, valid_from=self.start) for system, value in self.new_aliases]
        return known.model_copy(
            update={
                "facts": facts + [_facts_of(piece) for piece in self.added_facts],
                "assignments": assignments + [self._assignment(role, piece) for role, piece in self.added_assignments],
                "aliases": known.aliases + aliases,
            }
        )

    def _assignment(self, role: str, piece: Piece[UUID]) -> said.Assignment:
        span = {"valid_from": piece.start, "valid_to": piece.end}
        return said.Assignment(organization_id=piece.value, role=role, source=self.facts["source"], **span)


def _facts_of(piece: Piece[dict[str, Any]]) -> said.SchoolFacts:
    address = said.Address(**{name: piece.value[name] for name in ADDRESS})
    plain = {name: piece.value[name] for name in (*PLAIN, "source")}
    return said.SchoolFacts(valid_from=piece.start, valid_to=piece.end, address=address, **plain)


async def plan(
    session: AsyncSession, rows: Sequence[FileRow], default_start: date, default_source: str
) -> tuple[list[Change], list[FieldError]]:
    """What the rows mean, and the rows that cannot be applied."""
    errors: list[FieldError] = []
    known = await _known_schools(session, rows, default_start)
    references = {tuple(ref.split("|", 1)) for _, row, _ in rows for name in ROLES if (ref := getattr(row, name))}
    organizations = await organizations_by_alias(session, references)
    changes = []
    for number, row, fields in rows:
        start = row.valid_from or default_start
        school = known.get((row.alias_system, row.alias_value))
        facts = _facts(row, fields, school, start) | {"source": row.source or default_source}
        change = Change(number, row, start, facts, school)
        wanted: dict[str, UUID | None] = {}
        for name in fields & ROLES.keys():
            reference = getattr(row, name)
            holder = organizations.get(tuple(reference.split("|", 1))) if reference else None
            if reference and holder is None:
                message = "no organization has this identifier; register it first"
                errors.append(FieldError(name, "unknown-organization", message, number, reference))
            wanted[ROLES[name]] = holder
        _plan_facts(change)
        _plan_assignments(change, wanted)
        _plan_aliases(change)
        changes.append(change)
    return changes, errors


def _facts(row: SchoolRow, fields: frozenset[str], known: said.SchoolChanged | None, start: date) -> dict[str, Any]:
    """What is true from the row's date on; fields that the file does not have stay as they were."""
    current = known.facts_on(start) if known else None
    stays = fact_columns(current) if current else {}
    facts = {
        name: stays[name] if name in stays and name not in fields else getattr(row, name) for name in (*PLAIN, *ADDRESS)
    }
    default = "independent-charter" if row.chartered else "traditional"
    facts["arrangement"] = facts["arrangement"] or stays.get("arrangement", default)
    return facts


def _plan_facts(change: Change) -> None:
    if change.known is None:
        change.added_facts = [Piece(change.start, None, change.facts)]
        return
    pieces = [Piece(facts.valid_from, facts.valid_to, fact_columns(facts)) for facts in change.known.facts]
    current = next((piece for piece in pieces if piece.start <= change.start and _open(piece, change.start)), None)
    if current is not None and all(current.value[name] == change.facts[name] for name in (*PLAIN, *ADDRESS)):
        return
    superseded, change.added_facts = splice(pieces, change.facts, change.start)
    change.superseded_facts = [piece.start for piece in superseded]


def _plan_assignments(change: Change, wanted: dict[str, UUID | None]) -> None:
    for role, holder in wanted.items():
        held = [a for a in (change.known.assignments if change.known else []) if a.role == role]
        pieces = [Piece(a.valid_from, a.valid_to, a.organization_id) for a in held]
        current = next((piece for piece in pieces if piece.start <= change.start and _open(piece, change.start)), None)
        if holder is not None:
            superseded, added = splice(pieces, holder, change.start)
        elif current is not None:
            superseded = [current]
            added = [Piece(current.start, change.start, current.value)] if current.start < change.start else []
        else:
            continue
        change.superseded_assignments += [(role, piece.start) for piece in superseded]
        change.added_assignments += [(role, piece) for piece in added]


def _plan_aliases(change: Change) -> None:
    held = {(alias.system, alias.value) for alias in (change.known.aliases if change.known else [])}
    change.new_aliases = [pair for pair in change.data.identifiers if pair not in held]


def _open(piece: Piece[Any], day: date) -> bool:
    return piece.end is None or day < piece.end


async def _known_schools(
    session: AsyncSession, rows: Sequence[FileRow], default_start: date
) -> dict[tuple[str, str], said.SchoolChanged]:
    start = {(row.alias_system, row.alias_value): row.valid_from or default_start for _, row, _ in rows}
    if not start:
        return {}
    named = among_rows((SchoolAlias.system, SchoolAlias.value), start)
    held = await session.scalars(select(SchoolAlias).where(named, SchoolAlias.superseded_at.is_(None)))
    holders = {
        (alias.system, alias.value): alias.school_id
        for alias in held
        if alias.during.contains(start[alias.system, alias.value])
    }
    schools = {event.id: event for event in await timelines(session, sorted(set(holders.values())))}
    return {key: schools[school] for key, school in holders.items()}
