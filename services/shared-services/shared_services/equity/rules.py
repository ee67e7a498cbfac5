"""The groups of an equity report, and how their counts hang together."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, get_args

from shared_services.equity.schemas import Cell, Dimension
from shared_services.equity.suppression import Line, hidden_cells

Group = tuple[tuple[Dimension, str], ...]
"""Values by dimension, in the order of the dimensions; empty: all requests."""

DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
GROUPINGS: Sequence[tuple[Dimension, ...]] = (
    (),
    *((dimension,) for dimension in DIMENSIONS),
    ("schoolKind", "priority"),
    ("schoolKind", "region"),
    ("schoolKind", "month"),
)
"""By what requests are counted: all together, by each dimension, and by the kind of school and some others."""


class Served(NamedTuple):
    """How a group of requests was served: how many, and hours where enough of them have any."""

    requests: int
    hours: Mapping[str, float | None]


NONE = Served(0, {})


def cells(counted: Mapping[Group, Served], minimum: int) -> list[Cell]:
    """All cells of a report, small counts and what would betray them suppressed."""
    groups = _groups(counted)
    numbers = {group: number for number, group in enumerate(groups)}
    served = [counted.get(group, NONE) for group in groups]
    lines = [Line(numbers[whole], tuple(numbers[part] for part in parts)) for whole, parts in _sums(groups)]
    hidden = hidden_cells([one.requests for one in served], lines, minimum)
    return [
        Cell(by=dict(group), suppressed=True)
        if number in hidden
        else Cell(by=dict(group), suppressed=False, requests=served[number].requests, **served[number].hours)
        for number, group in enumerate(groups)
    ]


def _groups(counted: Mapping[Group, Served]) -> list[Group]:
    """Every group there could be, given the values that occur: an absent one would be known to be empty."""
    values: dict[Dimension, list[str]] = {
        dimension: sorted({value for group in counted for name, value in group if name == dimension})
        for dimension in DIMENSIONS
    }
    groups: list[Group] = []
    for grouping in GROUPINGS:
        crossed: list[Group] = [()]
        for dimension in grouping:
            crossed = [(*group, (dimension, value)) for group in crossed for value in values[dimension]]
        groups += crossed
    return groups


def _sums(groups: Sequence[Group]) -> Iterator[tuple[Group, list[Group]]]:
    """Which groups add up to which: those that say one dimension more, by that dimension."""
    for whole in groups:
        for dimension in DIMENSIONS:
            parts = [part for part in groups if len(part) == len(whole) + 1 and _splits(part, whole, dimension)]
            if parts:
                yield whole, parts


def _splits(part: Group, whole: Group, dimension: Dimension) -> bool:
    return dimension in dict(part) and tuple(one for one in part if one[0] != dimension) == whole
