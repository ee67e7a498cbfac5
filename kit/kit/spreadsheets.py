"""Tables out as CSV that a spreadsheet opens without harm: no cell is ever taken for a formula (OWASP)."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from fastapi import Request, Response

CSV = "text/csv"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a cell begins with that a spreadsheet takes for a formula and runs."""


def wants_csv(request: Request) -> bool:
    """True if CSV is named before JSON in the Accept header. Preferences by `q` do not count."""
    asked = (part.split(";")[0].strip().lower() for part in request.headers.get("accept", "").split(","))
    return next((form for form in asked if form in (CSV, "application/json")), None) == CSV


def csv_headers(name: str) -> dict[str, str]:
    """The headers of an answer that is saved as the file `name`."""
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept",
    }


def csv_file(
    name: str, header: Sequence[str], rows: Iterable[Sequence[object]], headers: Mapping[str, str] | None = None
) -> Response:
    """An answer that is saved as the file `name`."""
    sent = {**(headers or {}), **csv_headers(name)}
    return Response(csv_lines([header, *rows]), media_type=CSV, headers=sent)


def csv_lines(rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV. Texts are quoted and guarded, numbers are not; a list is one cell."""
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_NONNUMERIC).writerows([_cell(value) for value in row] for row in rows)
    return file.getvalue()


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return value
    if isinstance(value, list | tuple):
        return _cell("; ".join(str(each) for each in value))
    text = value.isoformat() if isinstance(value, date) else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
