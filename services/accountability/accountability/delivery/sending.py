"""Files out: those of snapshots byte by byte, and all published ratings as Parquet."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

from fastapi.responses import StreamingResponse
from kit.db import Database
from kit.streaming import NDJSON, VARY, copied
from sqlalchemy import Select, select

from accountability.delivery.forms import PARQUET, write_parquet
from accountability.delivery.schemas import ManifestFile
from accountability.delivery.tables import RatingSnapshot, SnapshotBlock

CHUNK_BYTES = 65_536


def snapshot_file(database: Database, snapshot: RatingSnapshot, file: ManifestFile) -> StreamingResponse:
    """A file of a snapshot: the same bytes each time it is fetched."""
    headers = VARY | {"Content-Length": str(file.bytes), "ETag": f'"{file.sha256}"'}
    return StreamingResponse(_kept(database, snapshot, file), media_type=file.media_type, headers=headers)


async def _kept(database: Database, snapshot: RatingSnapshot, file: ManifestFile) -> AsyncIterator[bytes]:
    blocks = select(SnapshotBlock.content).filter_by(snapshot_id=snapshot.id, media_type=file.media_type)
    sent, place = 0, 0
    async with database.long_snapshot() as session:
        while sent < file.bytes:
            block = (await session.scalars(blocks.where(SnapshotBlock.place == place))).one()
            yield block
            sent, place = sent + len(block), place + 1


async def parquet_file(database: Database, query: Select[Any]) -> StreamingResponse:
    """The rows of a query of published ratings as a Parquet file, which is written whole before it is sent."""
    folder = await asyncio.to_thread(tempfile.TemporaryDirectory, prefix="concordat-")
    path = Path(folder.name) / "ratings.parquet"
    try:
        async with database.long_snapshot() as session, aclosing(copied(session, query, NDJSON)) as blocks:
            await write_parquet(blocks, path)
    except BaseException:
        folder.cleanup()
        raise
    headers = VARY | {"Content-Length": str(path.stat().st_size)}
    return StreamingResponse(_sent(folder, path), media_type=PARQUET, headers=headers)


async def _sent(folder: tempfile.TemporaryDirectory[str], path: Path) -> AsyncIterator[bytes]:
    with folder, path.open("rb") as file:
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk
