"""Periods of district dates, half-open `[from, to)`: the one mechanism by which overlaps are refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Generic, TypeVar

from pydantic import Field
from sqlalchemy.dialects.postgresql import Range

from kit.errors import Conflict

T = TypeVar("T")

Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2200, 12, 31))]
"""A district date that rules may count from without leaving the calendar."""

RANGE_TYPES = ("create type uuidrange as range (subtype = uuid)", "create type textrange as range (subtype = text)")
"""Types by which an exclusion constraint can say "the same key" without any extension: a range of one value."""


class Overlap(Conflict):
    """The period overlaps another"""

    type = "overlapping-period"


def never_overlap(
    table: str, name: str, key: str, key_type: str = "uuid", where: str = "true", *, hashed: bool = False
) -> str:
    """DDL: rows of `table` with the same `key` (an SQL expression) never have overlapping `during`.

    Superseded rows do not count. Needs RANGE_TYPES and the columns `during daterange`, `superseded_at timestamptz`.
    `hashed` is for text keys that come in any order: a GiST of numbers stays balanced, one of texts grows slow.
    """
    same = f"{key_type}range({key}, {key}, '[]')"
    if hashed:
        place = f"hashtextextended({key}, 0)"
        same = f"int8range({place}, {place}, '[]') with &&, {same}"
    return (
        f"alter table {table} add constraint ex_{table}_{name}"
        f" exclude using gist ({same} with &&, during with &&) where (superseded_at is null and ({where}))"
    )


def period(valid_from: date, valid_to: date | None) -> Range[date]:
    """A half-open range of dates; no end means "until further notice"."""
    return Range(valid_from, valid_to, bounds="[)")


@dataclass(frozen=True)
class Piece(Generic[T]):
    """A value that holds during `[start, end)`."""

    start: date
    end: date | None
    value: T


def splice(pieces: Sequence[Piece[T]], value: T, start: date) -> tuple[list[Piece[T]], list[Piece[T]]]:
    """Let `value` hold from `start` until the next known change: (the pieces to supersede, the pieces to add).

    What was known before `start` and after the next change stays as it is. A value that holds already changes nothing.
    """
    covering = next((p for p in pieces if p.start <= start and (p.end is None or start < p.end)), None)
    if covering is None:
        later = [p.start for p in pieces if p.start > start]
        return [], [Piece(start, min(later, default=None), value)]
    if covering.value == value:
        return [], []
    added = [Piece(start, covering.end, value)]
    if covering.start < start:
        added.insert(0, Piece(covering.start, start, covering.value))
    return [covering], added
