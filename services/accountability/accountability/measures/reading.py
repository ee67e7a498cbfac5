"""A file of measures read in batches: whole columns of text, and never the whole file in memory."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from kit.errors import FieldError, Invalid

COLUMNS = {
    "school": True,
    "indicator": True,
    "studentGroup": False,
    "value": False,
    "category": False,
    "n": False,
    "participation": False,
    "numerator": False,
    "denominator": False,
}
"""The columns of a file, and which are required."""

BATCH_ROWS = 100_000


def batches(path: Path, media_type: str) -> Iterator[pl.DataFrame]:
    """The file's rows in batches: `row` (row 1 is the header, or in NDJSON the line before the first), COLUMNS as text.

    Raises Invalid for a file that cannot be read, and for unknown and missing columns, all at once.
    """
    try:
        scan = _scan_csv(path) if media_type == "text/csv" else _scan_ndjson(path)
        yield from _tidied(scan).collect_batches(chunk_size=BATCH_ROWS)
    except pl.exceptions.PolarsError as error:
        raise Invalid(f"The file cannot be read: {str(error).splitlines()[0][:200]}") from error


def _scan_csv(path: Path) -> pl.LazyFrame:
    scan = pl.scan_csv(path, infer_schema=False)
    _check_columns(scan.collect_schema().names())
    return scan


def _scan_ndjson(path: Path) -> pl.LazyFrame:
    found = pl.scan_ndjson(path, infer_schema_length=None).collect_schema()
    _check_columns(found.names())
    nested = [name for name, dtype in found.items() if dtype.is_nested()]
    if nested:
        errors = [FieldError(name, "nested", "write a text or a number") for name in nested]
        raise Invalid("A line must be a flat object: no lists or objects in it.", errors=errors)
    return pl.scan_ndjson(path, schema=dict.fromkeys(found.names(), pl.String))


def _check_columns(names: list[str]) -> None:
    errors = [
        FieldError(name, "unknown-column", f"remove it; the columns are {', '.join(COLUMNS)}", row=1)
        for name in names
        if name not in COLUMNS
    ] + [
        FieldError(name, "missing-column", "add this column", row=1)
        for name, required in COLUMNS.items()
        if required and name not in names
    ]
    if errors:
        raise Invalid("The columns do not fit; see `errors`.", errors=errors)


def _tidied(scan: pl.LazyFrame) -> pl.LazyFrame:
    there = scan.collect_schema().names()
    absent = [pl.lit(None, dtype=pl.String).alias(name) for name in COLUMNS if name not in there]
    stripped = scan.select(pl.all().str.strip_chars()).with_columns(absent)
    empty_as_null = pl.when(pl.all() == "").then(None).otherwise(pl.all()).name.keep()
    return (
        stripped.select(empty_as_null)
        .with_columns(pl.col("studentGroup").fill_null("ALL"))
        .with_row_index("row", offset=2)
    )
