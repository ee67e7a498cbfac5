"""Lineage read: events with their schools, and the tree of a school's ancestors and descendants."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from fastapi import Response
from kit.auth import Caller
from kit.spreadsheets import csv_file
from sqlalchemy import ColumnElement, exists, or_, select, text, true
from sqlalchemy.ext.asyncio import AsyncSession

from registry.dated import believed
from registry.lineage.schemas import Lineage, LineageView, Relative
from registry.lineage.tables import LineageEvent, LineageSchool
from registry.organizations.actions import sees_all_schools
from registry.schools.tables import SchoolAssignment, SchoolFacts

LINEAGE_COLUMNS = ["way", "generation", "schoolId", "name", "kind", "effectiveOn", "eventId"]
GENERATIONS = 20
"""How far a tree is followed; no school has so many restarts."""

KNOWN = """e.recorded_at <= coalesce(cast(:known_at as timestamptz), 'infinity')
            and (e.superseded_at is null or e.superseded_at > coalesce(cast(:known_at as timestamptz), 'infinity'))"""
REACHED = text(
    """
    with recursive touched (event_id, effective_on, school_id, up, generation) as (
        select e.id, e.effective_on, :school, way.up, 1
        from lineage_school s join lineage_event e on e.id = s.event_id, (values (true), (false)) as way (up)
        where s.school_id = :school and {believed}
        union
        select e.id, e.effective_on, far.school_id, t.up, t.generation + 1
        from touched t
        join lineage_school self on self.event_id = t.event_id and self.school_id = t.school_id
            and self.side = case when t.up then 'successor' else 'predecessor' end
        join lineage_school far on far.event_id = t.event_id and far.school_id <> t.school_id
            and far.side = case when t.up then 'predecessor' else 'successor' end
        join lineage_school near on near.school_id = far.school_id
        join lineage_event e on e.id = near.event_id and {believed}
            and case when t.up then (e.effective_on, e.id) <= (t.effective_on, t.event_id)
                     else (e.effective_on, e.id) >= (t.effective_on, t.event_id) end
        where t.generation < :generations
    )
    select distinct event_id from touched
""".replace("{believed}", KNOWN)
)
"""The events that walks back (`up`) and forth from a school come past; each walk goes on in one direction of time."""


async def concerning(session: AsyncSession, caller: Caller, known_at: datetime | None = None) -> ColumnElement[bool]:
    """The condition on events of schools that a caller had on the day of the event, or the day before."""
    if await sees_all_schools(session, caller):
        return true()
    held = SchoolAssignment.during
    return exists().where(
        LineageSchool.event_id == LineageEvent.id,
        SchoolAssignment.school_id == LineageSchool.school_id,
        SchoolAssignment.organization_id == caller.organization_id,
        believed(SchoolAssignment, known_at),
        or_(held.contains(LineageEvent.effective_on), held.contains(LineageEvent.effective_on - 1)),
    )


async def views(session: AsyncSession, ids: Sequence[UUID]) -> list[LineageView]:
    """The events with these ids, by date."""
    order = LineageEvent.effective_on, LineageEvent.id
    rows = (await session.scalars(select(LineageEvent).where(LineageEvent.id.in_(ids)).order_by(*order))).all()
    schools = select(LineageSchool).where(LineageSchool.event_id.in_(ids)).order_by(LineageSchool.school_id)
    sides: dict[tuple[UUID, str], list[UUID]] = {}
    for each in await session.scalars(schools):
        sides.setdefault((each.event_id, each.side), []).append(each.school_id)
    return [
        LineageView(
            id=row.id,
            kind=row.kind,
            effective_on=row.effective_on,
            predecessors=sides.get((row.id, "predecessor"), []),
            successors=sides.get((row.id, "successor"), []),
            continuity=row.continuity,
            source=row.source,
            recorded_at=row.recorded_at,
        )
        for row in rows
    ]


async def lineage_of(session: AsyncSession, school_id: UUID, known_at: datetime | None) -> Lineage:
    """A school's lineage as known at an instant (None: now)."""
    parameters = {"school": school_id, "known_at": known_at, "generations": GENERATIONS}
    ids = list(await session.scalars(REACHED, parameters))
    events = await views(session, ids)
    tree = _Tree(events, await _names(session, events, known_at))
    return Lineage(
        school_id=school_id,
        events=events,
        ancestors=tree.relatives(school_id, None, up=True),
        descendants=tree.relatives(school_id, None, up=False),
    )


async def _names(
    session: AsyncSession, events: Sequence[LineageView], known_at: datetime | None
) -> dict[UUID, list[SchoolFacts]]:
    ids = {school for event in events for school in (*event.predecessors, *event.successors)}
    facts = select(SchoolFacts).where(SchoolFacts.school_id.in_(ids), believed(SchoolFacts, known_at))
    names: dict[UUID, list[SchoolFacts]] = {}
    for row in await session.scalars(facts.order_by(SchoolFacts.recorded_at)):
        names.setdefault(row.school_id, []).append(row)
    return names


class _Tree:
    """Events in order; a branch goes back only past earlier events, and forth only past later ones, so it ends."""

    def __init__(self, events: Sequence[LineageView], names: dict[UUID, list[SchoolFacts]]) -> None:
        self._events, self._names = events, names

    def relatives(self, school: UUID, after: int | None, *, up: bool) -> list[Relative]:
        """The relatives of `school` through events beyond the one at `after`."""
        found = []
        for place, event in enumerate(self._events):
            if after is not None and (place >= after if up else place <= after):
                continue
            near, far = (event.successors, event.predecessors) if up else (event.predecessors, event.successors)
            if school in near:
                found += [self._relative(each, event, place, up) for each in far if each != school]
        return found

    def _relative(self, school: UUID, event: LineageView, place: int, up: bool) -> Relative:
        known = [row for row in self._names.get(school, []) if row.during.contains(event.effective_on)]
        return Relative(
            school_id=school,
            name=known[0].name if known else None,
            event_id=event.id,
            kind=event.kind,
            effective_on=event.effective_on,
            relatives=self.relatives(school, place, up=up),
        )


def lineage_csv(tree: Lineage) -> Response:
    """The tree as a table: a row per relative, ancestors before descendants, nearest first in each branch."""
    lines = [
        [way, generation, each.school_id, each.name, each.kind, each.effective_on, each.event_id]
        for way, branch in (("ancestor", tree.ancestors), ("descendant", tree.descendants))
        for generation, each in _flat(branch, 1)
    ]
    return csv_file("lineage.csv", LINEAGE_COLUMNS, lines)


def _flat(branch: Sequence[Relative], generation: int) -> Iterator[tuple[int, Relative]]:
    for each in branch:
        yield generation, each
        yield from _flat(each.relatives, generation + 1)
