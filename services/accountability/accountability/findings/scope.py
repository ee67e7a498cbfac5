"""Which measures are looked at, and what a framework, or without one the list of indicators, says of each."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.frameworks.document import Framework
from accountability.frameworks.nodes import Node
from accountability.measures.tables import Indicator


@dataclass(frozen=True)
class Allowed:
    """An indicator or attribute, its range, and below how many students it counts as missing."""

    number: int
    code: str
    least: float | None
    most: float | None
    minimum_n: int


@dataclass(frozen=True)
class Requirement:
    """What every subject must have whose attributes have one of these values."""

    number: int
    code: str
    where: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Scope:
    """The measures of a year: as known with a file (None: now), of these indicators, groups (None: of all) and subjects
    (None: of everybody)."""

    school_year: int
    input_version: int | None
    allowed: Sequence[Allowed]
    groups: Sequence[str] | None = None
    requirements: Sequence[Requirement] = ()
    subjects: Collection[UUID] | None = None


async def scope_of_year(
    session: AsyncSession, school_year: int, input_version: int | None, subjects: Collection[UUID] | None
) -> Scope:
    """All measures of a year, each with the widest range that any framework gives its indicator."""
    rows = await session.scalars(select(Indicator).order_by(Indicator.number))
    allowed = [Allowed(row.number, row.code, row.minimum, row.maximum, 0) for row in rows]
    return Scope(school_year, input_version, allowed, subjects=subjects)


async def scope_of_framework(
    session: AsyncSession,
    framework: Framework,
    school_year: int,
    input_version: int | None,
    subjects: Collection[UUID] | None,
) -> Scope:
    """The measures that a framework reads, each with the range and the least number of students that it says."""
    codes = [*framework.indicators, *framework.attributes]
    rows = await session.scalars(select(Indicator).where(Indicator.code.in_(codes)).order_by(Indicator.number))
    numbers = {row.code: row.number for row in rows}
    return Scope(
        school_year,
        input_version,
        [_allowed(framework, code, number) for code, number in numbers.items()],
        framework.student_groups,
        list(_requirements(framework, numbers)),
        subjects,
    )


def _allowed(framework: Framework, code: str, number: int) -> Allowed:
    indicator = framework.indicators.get(code)
    if indicator is None or indicator.kind != "number":
        return Allowed(number, code, None, None, indicator.minimum_n if indicator else 0)
    return Allowed(number, code, indicator.minimum, indicator.maximum, indicator.minimum_n)


def _requirements(framework: Framework, numbers: dict[str, int]) -> Iterator[Requirement]:
    """The attributes that decide which nodes apply, and the indicators without which a node gives nothing."""
    deciding = {attribute for node in framework.nodes.values() for attribute in node.when}
    for code in sorted(deciding & numbers.keys()):
        yield Requirement(numbers[code], code, ())
    required = {name for node in framework.nodes.values() for name in getattr(node, "required", ())}
    found = {
        Requirement(numbers[code], code, _where(node, numbers))
        for name in required
        if (node := framework.nodes[name]) and (code := getattr(node, "indicator", "")) in numbers
    }
    yield from sorted(found, key=lambda requirement: (requirement.code, requirement.where))


def _where(node: Node, numbers: dict[str, int]) -> tuple[tuple[int, tuple[str, ...]], ...]:
    return tuple((numbers[attribute], tuple(values)) for attribute, values in node.when.items() if attribute in numbers)
