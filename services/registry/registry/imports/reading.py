"""The rows of a file: read part by part, each checked by itself, with everything that is wrong counted."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from kit.errors import FieldError, Invalid
from pydantic import ValidationError

from registry.imports.schemas import SchoolRow

PART_ROWS = 1000
MAX_SHOWN = 1000
FIELDS = {str(info.alias): name for name, info in SchoolRow.model_fields.items()}

File = Callable[[], Iterator[tuple[int, dict[str, str]]]]
"""Opens a file from its beginning: rows as (line number, values by column)."""


class FileRow(NamedTuple):
    """A row that can be read: its number, its values, and which fields the file has at all."""

    number: int
    data: SchoolRow
    fields: frozenset[str]


class Findings:
    """What is wrong with a file: the first errors by row, and how many there are. Rows come in order."""

    def __init__(self) -> None:
        self._shown: list[FieldError] = []
        self._count = 0
        self._rows: set[int] = set()

    def __bool__(self) -> bool:
        return self._count > 0

    def add(self, errors: Sequence[FieldError]) -> None:
        """Count these errors, and keep them if they are among the first."""
        self._count += len(errors)
        self._rows |= {error.row or 0 for error in errors}
        self._shown = sorted([*self._shown, *errors], key=lambda error: error.row or 0)[:MAX_SHOWN]

    def refuse(self) -> None:
        """Raise Invalid if anything was found."""
        if self:
            raise Invalid(
                f"{self._count} errors in {len(self._rows)} rows; nothing was written. See `errors`.",
                errors=self._shown,
                errorCount=self._count,
            )


async def parts(file: File, findings: Findings | None = None) -> AsyncIterator[list[FileRow]]:
    """The rows that can be read, in parts, off the event loop; what is wrong with the others goes to `findings`."""
    rows = file()
    while raw := await asyncio.to_thread(lambda: list(islice(rows, PART_ROWS))):
        good, errors = await asyncio.to_thread(_parse, raw)
        if findings is not None:
            findings.add(errors)
        yield good


def _parse(rows: Sequence[tuple[int, dict[str, str]]]) -> tuple[list[FileRow], list[FieldError]]:
    good, errors = [], []
    for number, raw in rows:
        try:
            data = SchoolRow.model_validate({name: value for name, value in _stripped(raw) if value})
        except ValidationError as wrong:
            for error in wrong.errors():
                name = str(error["loc"][0])
                errors.append(FieldError(name, error["type"], error["msg"], number, raw.get(name, "")[:100]))
        else:
            good.append(FileRow(number, data, frozenset(FIELDS[column] for column in raw)))
    return good, errors


def _stripped(raw: dict[str, str]) -> Iterator[tuple[str, str]]:
    return ((name, value.strip()) for name, value in raw.items())
