"""Where a fault is in the document that somebody wrote: JSON pointers (RFC 6901)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kit.errors import FieldError
from pydantic import ValidationError

Place = Sequence[str | int]


def pointer(place: Place) -> str:
    """The pointer to a place; the document itself is the empty one."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place)


def place_of(document: Any, said: Place) -> list[str | int]:
    """The place in `document` that Pydantic names: it also says which kind it took a part for, which is no member."""
    place: list[str | int] = []
    value = document
    for at, part in enumerate(said):
        if isinstance(value, dict) and part == value.get("kind") and part not in value:
            continue
        if isinstance(value, dict | list) and _holds(value, part):
            value = value[part]  # type: ignore[index]  # `part` is a key of it
        elif at < len(said) - 1 or part == "[key]":
            continue
        place.append(part)
    return place


def with_pointer(error: FieldError) -> FieldError:
    """A fault at its place: names in documents have no dots."""
    return replace(error, pointer=error.pointer or pointer(error.field.split(".")))


def errors_of(document: Any, wrong: ValidationError) -> list[FieldError]:
    """Every error of a document's shape, at its place."""
    return [
        FieldError(
            ".".join(str(part) for part in error["loc"]) or "framework",
            error["type"],
            error["msg"],
            pointer=pointer(place_of(document, error["loc"])),
        )
        for error in wrong.errors()
    ]


def _holds(value: dict[Any, Any] | list[Any], part: str | int) -> bool:
    if isinstance(value, dict):
        return part in value
    return isinstance(part, int) and part < len(value)
