"""Which parts of a figure everybody may see: in view of the other parts, and of all versions that were shown before.

Schools that stand on the same side in every version can only be seen together. If such a class is of too few students,
no sum or difference of what is shown may give it away (`kit.suppression` decides).
"""

from collections.abc import Mapping, Sequence
from math import inf
from typing import NamedTuple
from uuid import UUID

from kit.suppression import Cell, Relation, Span, hidden_cells

from accountability.rollups.figures import PARTS, Part, schools_in

Class = frozenset[UUID]
RANKS: Mapping[Part, int] = {"district-run": 0, "separate-unit": 1, "autonomous": 2, "combined": 3}
"""What is hidden to guard another: the figure without the autonomous schools before the district's."""


class Version(NamedTuple):
    """The schools of a figure in a version, the part of each, and which parts everybody sees."""

    members: Mapping[UUID, Part]
    shown: frozenset[Part]


def shown_parts(
    members: Mapping[UUID, Part], students: Mapping[UUID, int], before: Sequence[Version], minimum: int
) -> frozenset[Part]:
    """The parts that may be shown beside each other and beside the versions `before`.

    `students` is of every school that was ever a member; a part without schools hides nothing.
    """
    versions = [*before, Version(members, frozenset())]
    sums = _Sums(_classes(versions), students, minimum)
    for version in versions:
        sums.add(version.members)
    public = {sums.number(_schools(version.members, part)) for version in before for part in version.shown}
    hidden = sums.hidden(public)
    return frozenset(part for part in PARTS if sums.number(_schools(members, part)) not in hidden)


class _Sums:
    """The cells of a figure: sets of schools that are seen together, or of which nothing is ever shown."""

    def __init__(self, classes: Sequence[Class], students: Mapping[UUID, int], minimum: int) -> None:
        self._classes, self._students, self._minimum = classes, students, minimum
        self._numbers: dict[Class, int] = {}
        self._cells: list[Cell] = []
        self._relations: list[Relation] = []
        self._published: set[int] = set()

    def number(self, schools: Class) -> int | None:
        """The number of the cell of these schools."""
        return self._numbers.get(schools)

    def add(self, members: Mapping[UUID, Part]) -> None:
        """Add a version: its parts, the classes of each, and that the combined figure is the sum of two."""
        parts = {part: schools for part in PARTS if (schools := _schools(members, part))}
        for part, schools in parts.items():
            self._published.add(self._cell(schools, RANKS[part]))
        for part, schools in parts.items():
            if part != "combined":
                self._relate(schools, [each for each in self._classes if each <= schools])
        if "combined" in parts:
            self._relate(parts["combined"], [parts[part] for part in PARTS[:2] if part in parts])

    def hidden(self, public: set[int | None]) -> set[int]:
        """The cells that are not shown."""
        first = {
            number
            for schools, number in self._numbers.items()
            if number not in self._published or self._is_small(schools)
        }
        return hidden_cells(self._cells, self._relations, first, [each for each in public if each is not None])

    def _cell(self, schools: Class, rank: int = -1) -> int:
        if schools not in self._numbers:
            self._numbers[schools] = len(self._cells)
            count = sum(self._students.get(school, 0) for school in schools)
            needed = self._minimum if self._is_small(schools) else None
            self._cells.append(Cell(count, Span(0, inf), needed, (rank,)))
        return self._numbers[schools]

    def _relate(self, whole: Class, parts: Sequence[Class]) -> None:
        if list(parts) == [whole]:
            return
        self._relations.append(Relation({self._cell(whole): 1} | {self._cell(part): -1 for part in parts}))

    def _is_small(self, schools: Class) -> bool:
        return sum(self._students.get(school, 0) for school in schools) < self._minimum


def _classes(versions: Sequence[Version]) -> list[Class]:
    """The schools that stand on the same side in every version."""
    sides: dict[tuple[Part | None, ...], set[UUID]] = {}
    for school in {school for version in versions for school in version.members}:
        sides.setdefault(tuple(version.members.get(school) for version in versions), set()).add(school)
    return [frozenset(schools) for schools in sides.values()]


def _schools(members: Mapping[UUID, Part], part: Part) -> Class:
    return frozenset(schools_in(members, part))
