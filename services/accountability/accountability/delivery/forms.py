"""Ratings as CSV and Parquet, made from their NDJSON, so that all forms say the same. Memory stays flat."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from types import NoneType
from typing import Any, get_args

import pyarrow as pa
from kit.spreadsheets import csv_lines
from pyarrow import parquet
from pydantic.alias_generators import to_camel

from accountability.ratings.schemas import RatingView

PARQUET = "application/vnd.apache.parquet"
GROUP_BYTES = 2_000_000
"""As much NDJSON goes into one row group."""

_ARROW: Mapping[Any, pa.DataType] = {int: pa.int64(), float: pa.float64(), bool: pa.bool_()}


def _type(annotation: Any) -> pa.DataType:
    """Numbers and truths as such; all else, times and labels too, as its text."""
    kinds = {kind for kind in (get_args(annotation) or (annotation,)) if kind is not NoneType}
    return next((_ARROW[kind] for kind in (bool, int, float) if kind in kinds), pa.string())


SCHEMA = pa.schema([(to_camel(name), _type(field.annotation)) for name, field in RatingView.model_fields.items()])


async def write_parquet(blocks: AsyncIterator[bytes], path: Path) -> None:
    """Write blocks of whole lines of NDJSON as a Parquet file."""
    with parquet.ParquetWriter(path, SCHEMA) as writer:
        await _in_groups(blocks, lambda rows: writer.write_table(_table(rows)))


async def write_csv(blocks: AsyncIterator[bytes], path: Path) -> None:
    """Write blocks of whole lines of NDJSON as CSV that a spreadsheet opens without harm."""
    names = SCHEMA.names
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(csv_lines([names]))
        await _in_groups(
            blocks, lambda rows: file.write(csv_lines([_flat(row[name]) for name in names] for row in rows))
        )


async def _in_groups(blocks: AsyncIterator[bytes], write: Callable[[list[dict[str, Any]]], object]) -> None:
    """Call `write` for groups of rows, in a thread, one after the other."""
    group = bytearray()
    async for block in blocks:
        group += block
        if len(group) >= GROUP_BYTES:
            await asyncio.to_thread(write, _rows(group))
            group.clear()
    if group:
        await asyncio.to_thread(write, _rows(group))


def _rows(lines: bytes | bytearray) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.splitlines()]


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    flat = [{name: _flat(value) for name, value in row.items()} for row in rows]
    return pa.Table.from_pylist(flat, schema=SCHEMA)


def _flat(value: Any) -> Any:
    return json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else value
