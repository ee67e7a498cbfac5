"""Tables that a framework looks results up in, written as CSV: in the document, or beside it in the library."""

import csv
import io
from collections.abc import Iterator
from typing import Self

from pydantic import Field, model_validator

from accountability.frameworks.parts import Part

MAX_ROWS = 20_000
LARGEST = 1_000_000_000
"""Of the numbers in a table: they are compared as whole millionths."""


class Lookup(Part):
    """A table as CSV with a header. Its `result` column is found by all others; each combination stands once."""

    csv: str
    result: str
    numbers: list[str] = Field(default_factory=list, description="The columns that are numbers; the others are texts.")

    def columns(self) -> list[str]:
        """The names in the header."""
        return next(self._lines(), [])

    def found_by(self) -> list[str]:
        """The columns by which the result is found."""
        return [name for name in self.columns() if name != self.result]

    def rows(self) -> list[dict[str, str | float]]:
        """The rows, numbers as such. Raises ValueError for a row of another length or a number that is none."""
        lines = self._lines()
        columns = next(lines, [])
        found: list[dict[str, str | float]] = []
        for row in lines:
            if len(row) != len(columns):
                raise ValueError(f"row {len(found) + 2} has not as many values as the header")
            found.append({name: self._value(name, text) for name, text in zip(columns, row, strict=True)})
        return found

    def _value(self, name: str, text: str) -> str | float:
        if name not in self.numbers:
            return text
        number = float(text)
        if not abs(number) <= LARGEST:
            raise ValueError(f"`{text}` is not a number up to {LARGEST:,}")
        return number

    def _lines(self) -> Iterator[list[str]]:
        try:
            yield from csv.reader(io.StringIO(self.csv))
        except csv.Error as error:
            raise ValueError(f"not readable as CSV: {error}") from error

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        columns = self.columns()
        if self.result not in columns or len(columns) < 2 or len(set(columns)) < len(columns):
            raise ValueError(f"the header needs `{self.result}` and at least one other column, each once")
        if unknown := sorted(set(self.numbers) - set(columns)):
            raise ValueError(f"not in the header: {', '.join(unknown)}")
        rows = self.rows()
        if not rows or len(rows) > MAX_ROWS:
            raise ValueError(f"a table has 1 to {MAX_ROWS:,} rows, this one {len(rows):,}")
        keys = [tuple(row[name] for name in self.found_by()) for row in rows]
        if len(set(keys)) < len(keys):
            again = next(key for at, key in enumerate(keys) if key in keys[:at])
            raise ValueError(f"it stands twice: {', '.join(map(str, again))}")
        return self
