"""The waiver matrix: schools by rules on a date."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from fastapi import Response
from kit.auth import Caller
from kit.paging import MAX_LIMIT, Page, PageRequest, page
from kit.spreadsheets import csv_file
from sqlalchemy.ext.asyncio import AsyncSession

from registry.autonomies.answers import Cell, Matrix, MatrixRow
from registry.autonomies.reading import law, named_schools, rule_view, rules_in_force
from registry.autonomies.schemas import WaiverView
from registry.autonomies.tables import RuleRevision
from registry.autonomies.waiving import Law
from registry.schools.tables import School
from registry.schools.visibility import visible
from registry.standpoint import Standpoint


async def matrix_on(
    session: AsyncSession, caller: Caller, at: Standpoint, asked: PageRequest, response: Response
) -> Matrix:
    """A page of the caller's schools by the rules in force, at most 500 of them."""
    in_force = rules_in_force(at).order_by(RuleRevision.citation, RuleRevision.id).limit(MAX_LIMIT)
    rules = [rule_view(row) for row in await session.scalars(in_force)]
    query = named_schools(at, await visible(session, caller, at.day, at.known_at))
    found: Page[Any] = await page(session, query, [School.id], asked, response, lambda row: row)
    known = await law(session, caller, at, [row.school_id for row in found.items], rules)
    waiving = [(rule.id, known.waiving(rule)) for rule in rules]
    rows = [
        MatrixRow(school_id=row.school_id, name=row.name, cells=_cells(known, row.school_id, waiving))
        for row in found.items
    ]
    return Matrix(as_of=at.day, rules=rules, items=rows, next_cursor=found.next_cursor)


def _cells(known: Law, school_id: UUID, waiving: Sequence[tuple[UUID, Sequence[WaiverView]]]) -> list[Cell]:
    cells = []
    for rule_id, waivers in waiving:
        waiver = next((waiver for waiver in waivers if known.in_scope(waiver, school_id)), None)
        cells.append(Cell(rule_id=rule_id, waived=waiver is not None, waiver_id=waiver and waiver.id))
    return cells


def matrix_csv(matrix: Matrix, headers: dict[str, str]) -> Response:
    """The matrix as a table: a row per school, a column per rule, `yes` or `no`."""
    header = ["schoolId", "name", *(rule.citation for rule in matrix.rules)]
    rows = [[row.school_id, row.name, *(cell.waived for cell in row.cells)] for row in matrix.items]
    return csv_file("waivers.csv", header, rows, headers)
