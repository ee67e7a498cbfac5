"""Edits of what is said by periods: facts changed for a while, relations ended. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar, cast

from contracts.registry import BuildingFacts, SchoolFacts
from contracts.vocabulary import Period
from kit.errors import Conflict

P = TypeVar("P", bound=Period)
F = TypeVar("F", bound=SchoolFacts | BuildingFacts)


def overlay(facts: Sequence[F], given: Mapping[str, Any], start: date, end: date | None, source: str) -> list[F]:
    """Facts with the `given` fields changed from `start` to `end`.

    Without `end` each field holds until the next change of that field already known. Raises Conflict if nothing is
    known of `start`.
    """
    base = next((piece for piece in facts if piece.covers(start)), None)
    if base is None:
        raise Conflict(f"Nothing is known on {start}; choose another date.")
    holding, edited, reached = dict(given), list[F](), base.valid_from
    for piece in facts:
        inside = (piece.valid_to is None or start < piece.valid_to) and (end is None or piece.valid_from < end)
        if not inside:
            edited.append(piece)
            continue
        if end is None:
            going_on = piece.valid_from == reached
            holding = {k: v for k, v in holding.items() if going_on and getattr(piece, k) == getattr(base, k)}
            reached = piece.valid_to or date.max
        edited += _changed_within(piece, holding, start, end, source if piece is base else f"{source}; {piece.source}")
    return edited


def _changed_within(piece: F, given: Mapping[str, Any], start: date, end: date | None, source: str) -> list[F]:
    if all(getattr(piece, name) == value for name, value in given.items()):
        return [piece]
    first = max(start, piece.valid_from)
    last = min((day for day in (end, piece.valid_to) if day is not None), default=None)
    update = {**given, "source": source, "valid_from": first, "valid_to": last}
    changed = cast(F, piece.model_copy(update=update))
    return [*within([piece], None, first), changed, *(within([piece], last, None) if last else [])]


def within(pieces: Iterable[P], start: date | None, end: date | None) -> list[P]:
    """What of `pieces` lies inside `[start, end)`; None is without limit."""
    found = []
    for piece in pieces:
        first = piece.valid_from if start is None else max(start, piece.valid_from)
        last = min((day for day in (end, piece.valid_to) if day is not None), default=None)
        if last is None or first < last:
            found.append(piece.model_copy(update={"valid_from": first, "valid_to": last}))
    return found


def ended(pieces: Sequence[P], day: date, ends: Callable[[P], bool]) -> list[P]:
    """`pieces` of which those that `ends` chooses hold until `day` only; one that would begin later never does."""
    return [kept for piece in pieces for kept in (within([piece], None, day) if ends(piece) else [piece])]
