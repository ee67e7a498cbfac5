"""Files in: a request body spooled to disk within limits, and CSV read by its header with all errors at once."""

import csv
import tempfile
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import Request
from starlette.requests import ClientDisconnect

from kit.errors import BadRequest, FieldError, Invalid, TooLarge, UnsupportedMediaType

MAX_FIELD_LENGTH = 10_000
csv.field_size_limit(MAX_FIELD_LENGTH)


@asynccontextmanager
async def spool(request: Request, limit_bytes: int, content_types: Collection[str]) -> AsyncIterator[Path]:
    """The request's body as a temporary file.

    Raises UnsupportedMediaType, TooLarge, and BadRequest for an upload that ended early.
    """
    check_content_type(request, content_types)
    declared = request.headers.get("content-length")
    if declared is not None and declared.isdigit() and int(declared) > limit_bytes:
        raise _too_large(limit_bytes)
    with tempfile.NamedTemporaryFile(prefix="concordat-") as file:
        received = 0
        try:
            async for chunk in request.stream():
                received += len(chunk)
                if received > limit_bytes:
                    raise _too_large(limit_bytes)
                file.write(chunk)
        except ClientDisconnect as error:
            raise BadRequest("The upload ended early; send the whole file again.") from error
        if declared is not None and declared.isdigit() and received != int(declared):
            raise BadRequest("The upload ended early; send the whole file again.")
        if received == 0:
            raise BadRequest("The body is empty; send the file as the body of the request.")
        file.flush()
        yield Path(file.name)


def check_content_type(request: Request, content_types: Collection[str]) -> str:
    """The request's media type. Raises UnsupportedMediaType unless it is one of `content_types`."""
    given = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if given not in content_types:
        raise UnsupportedMediaType(
            f"Send the body as {' or '.join(sorted(content_types))}, not as `{given or 'nothing'}`."
        )
    return given


def _too_large(limit_bytes: int) -> TooLarge:
    return TooLarge(
        f"The file is larger than {limit_bytes // 1_000_000} MB; split it into parts.", limitBytes=limit_bytes
    )


def read_csv(
    path: Path, columns: Mapping[str, bool], encoding: str = "utf-8-sig"
) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a CSV file as (line number, values by column). `columns` says which are required.

    Raises Invalid, naming every unknown and missing column at once, or the row that is not CSV or not text.
    """
    with path.open(encoding=encoding, newline="") as file:
        rows = csv.reader(file, strict=True)
        number = 0
        try:
            header = [name.strip() for name in next(rows, [])]
            _check_header(header, columns)
            number = 1
            for number, row in enumerate(rows, start=2):
                if not row:
                    continue
                if len(row) != len(header):
                    raise _row_error(number, "columns", f"the row has {len(row)} fields, the header {len(header)}")
                if any("\x00" in value for value in row):
                    raise _row_error(number, "nul", "remove the NUL characters")
                yield number, dict(zip(header, row, strict=True))
        except csv.Error as error:
            raise _row_error(number + 1, "csv", f"not readable as CSV: {error}") from error
        except UnicodeDecodeError as error:
            raise Invalid("The file is not UTF-8 text; save it as UTF-8 and send it again.") from error


def _check_header(header: list[str], columns: Mapping[str, bool]) -> None:
    known = ", ".join(columns)
    errors = [
        FieldError(name, "unknown-column", f"remove it; the columns are {known}", row=1)
        for name in header
        if name not in columns
    ]
    errors += [
        FieldError(name, "missing-column", "add this column", row=1)
        for name, required in columns.items()
        if required and name not in header
    ]
    errors += [
        FieldError(name, "repeated-column", "name each column once", row=1)
        for name in dict.fromkeys(header)
        if header.count(name) > 1
    ]
    if errors:
        raise Invalid("The header does not fit; see `errors`.", errors=errors)


def _row_error(row: int, rule: str, message: str) -> Invalid:
    return Invalid(f"Row {row}: {message}.", errors=[FieldError("row", rule, message, row=row)])
