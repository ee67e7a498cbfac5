"""The directory as a file: every school of a standpoint, a line each, put together by PostgreSQL itself."""

from typing import Any

from kit.spreadsheets import CSV
from sqlalchemy import Select, Text, cast, func, select

from registry.schools.reading import dated_lists, from_schools, holding
from registry.schools.tables import School, SchoolAlias, SchoolAssignment, SchoolFacts, SchoolOccupancy
from registry.schools.timelines import ADDRESS, FACTS, PLAIN, version_at
from registry.standpoint import Standpoint


def directory(at: Standpoint, form: str) -> Select[Any]:
    """The schools there are at a standpoint, by id: as `SchoolView` for NDJSON; for CSV flat, with lists as texts."""
    said = _flat(at) if form == CSV else _nested(at)
    facts = SchoolFacts
    query = select(
        facts.school_id.label("id"),
        version_at(at.known_at).label("version"),
        func.lower(facts.during).label("valid_from"),
        func.upper(facts.during).label("valid_to"),
        *(getattr(facts, name) for name in PLAIN),
        facts.source,
        *said,
    )
    return from_schools(query, at).order_by(School.id)


def _nested(at: Standpoint) -> list[Any]:
    lists = (held.label(name) for name, held in dated_lists(at).items())
    return [FACTS.members["address"].label("address"), *lists]


def _flat(at: Standpoint) -> list[Any]:
    """`system|value` of aliases, `role|organization` of assignments, buildings; several are parted by `; `."""
    texts = (
        ("aliases", SchoolAlias, SchoolAlias.system + "|" + SchoolAlias.value),
        ("assignments", SchoolAssignment, SchoolAssignment.role + "|" + cast(SchoolAssignment.organization_id, Text)),
        ("buildings", SchoolOccupancy, cast(SchoolOccupancy.building_id, Text)),
    )
    return [
        *(getattr(SchoolFacts, name) for name in ADDRESS),
        *(
            select(func.aggregate_strings(held, "; ").aggregate_order_by(func.lower(table.during), table.id))
            .where(holding(table, at))
            .scalar_subquery()
            .label(name)
            for name, table, held in texts
        ),
    ]
