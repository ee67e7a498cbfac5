"""Take a snapshot: its lines, its files, and the signed manifest, all in one transaction."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import datetime
from pathlib import Path

from kit.auth import Caller
from kit.errors import Conflict, NotFound, Unavailable
from kit.journal import newest_change_version
from kit.spreadsheets import CSV
from kit.streaming import NDJSON, copied
from kit.tables import journal
from sqlalchemy import ColumnElement, and_, exists, insert, literal, select, text, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from accountability.delivery.forms import PARQUET, write_csv, write_parquet
from accountability.delivery.schemas import FrameworkVersion, Manifest, ManifestFile, NewRatingSnapshot
from accountability.delivery.signing import ManifestKey
from accountability.delivery.tables import RatingSnapshot, SnapshotBlock, SnapshotLine
from accountability.frameworks.tables import RegisteredFramework
from accountability.ratings.reading import Query, published
from accountability.ratings.tables import Rating, RatingRevision
from accountability.visibility import require_steward

BLOCK_BYTES = 1_000_000


class RatingSnapshotExists(Conflict):
    """There is a snapshot of this name"""

    type = "rating-snapshot-exists"


async def take_snapshot(
    session: AsyncSession, caller: Caller, key: ManifestKey, body: NewRatingSnapshot, now: datetime
) -> Manifest:
    """Keep what is published now for ever. Raises Forbidden, RatingSnapshotExists, Unavailable."""
    await require_steward(session, caller, "takes snapshots")
    # Publications wait meanwhile: the files and the change version are of one instant.
    await session.execute(text("lock table rating in share mode"))
    if await session.scalar(select(exists().where(journal.c.sequence.is_(None)))):
        raise Unavailable("Publications are being numbered at this moment; try again.")
    snapshot = await _named(session, caller, body, await newest_change_version(session), now)
    await _keep_lines(session, snapshot)
    with tempfile.TemporaryDirectory(prefix="concordat-") as folder:
        files = await _files(session, snapshot, Path(folder))
    manifest = _manifest(snapshot, files, await _frameworks(session, snapshot))
    snapshot.manifest = key.sign(manifest.model_dump_json(by_alias=True).encode())
    await session.flush()
    return manifest


async def _named(
    session: AsyncSession, caller: Caller, body: NewRatingSnapshot, change_version: int, now: datetime
) -> RatingSnapshot:
    said = body.model_dump(exclude={"framework"}) | {"framework_id": body.framework, "change_version": change_version}
    owner = {"organization_id": caller.organization_id, "client_id": caller.client_id, "taken_at": now}
    snapshot = RatingSnapshot(**said, **owner, manifest="")
    session.add(snapshot)
    try:
        await session.flush()
    except IntegrityError as error:
        raise RatingSnapshotExists(f"{body.name!r} is taken and never changes; choose another name.") from error
    return snapshot


def within(snapshot: RatingSnapshot) -> ColumnElement[bool]:
    """The condition on ratings that a snapshot is about."""
    asked = [(Rating.framework_id, snapshot.framework_id), (Rating.school_year, snapshot.school_year)]
    return and_(true(), *(column == value for column, value in asked if value is not None))


async def _keep_lines(session: AsyncSession, snapshot: RatingSnapshot) -> None:
    lines = published().where(within(snapshot)).with_only_columns(literal(snapshot.id), Rating.id, Rating.revision)
    await session.execute(insert(SnapshotLine).from_select(["snapshot_id", "rating_id", "revision"], lines))


def content(snapshot: RatingSnapshot) -> Query:
    """The revisions that a snapshot holds, in the order of its files."""
    held = (SnapshotLine.rating_id == Rating.id) & (SnapshotLine.revision == RatingRevision.revision)
    query = published(newest_only=False).join(SnapshotLine, held)
    return query.where(SnapshotLine.snapshot_id == snapshot.id).order_by(Rating.id)


async def _files(session: AsyncSession, snapshot: RatingSnapshot, folder: Path) -> list[ManifestFile]:
    """Write the files, first to disk, as one connection cannot read and write at once; then keep them."""
    lines = folder / "ndjson"
    with lines.open("wb") as file:
        async with aclosing(copied(session, content(snapshot), NDJSON)) as blocks:
            async for block in blocks:
                file.write(block)
    await write_csv(_whole_lines(lines), folder / "csv")
    await write_parquet(_whole_lines(lines), folder / "parquet")
    with lines.open("rb") as file:
        rows = sum(1 for _ in file)
    kept = {NDJSON: lines, CSV: folder / "csv", PARQUET: folder / "parquet"}
    return [await _keep(session, snapshot, media_type, path, rows) for media_type, path in kept.items()]


async def _whole_lines(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while lines := file.readlines(BLOCK_BYTES):
            yield b"".join(lines)


async def _keep(
    session: AsyncSession, snapshot: RatingSnapshot, media_type: str, path: Path, rows: int
) -> ManifestFile:
    digest, size, place = hashlib.sha256(), 0, 0
    with path.open("rb") as file:
        while block := await asyncio.to_thread(file.read, BLOCK_BYTES):
            digest.update(block)
            said = {"snapshot_id": snapshot.id, "media_type": media_type, "place": place, "content": block}
            await session.execute(insert(SnapshotBlock).values(said))
            size, place = size + len(block), place + 1
    return ManifestFile(media_type=media_type, rows=rows, bytes=size, sha256=digest.hexdigest())


async def _frameworks(session: AsyncSession, snapshot: RatingSnapshot) -> list[FrameworkVersion]:
    """By which versions its ratings came about."""
    held = content(snapshot).order_by(None).with_only_columns(Rating.framework_id, RatingRevision.framework_version)
    used = held.distinct().subquery()
    of_version = (RegisteredFramework.id == used.c.framework_id) & (
        RegisteredFramework.version == used.c.framework_version
    )
    query = select(RegisteredFramework.id, RegisteredFramework.version, RegisteredFramework.sha256)
    rows = await session.execute(
        query.join(used, of_version).order_by(RegisteredFramework.id, RegisteredFramework.version)
    )
    return [FrameworkVersion(framework=name, version=version, sha256=sha256) for name, version, sha256 in rows]


def _manifest(snapshot: RatingSnapshot, files: list[ManifestFile], frameworks: list[FrameworkVersion]) -> Manifest:
    names = ("name", "label", "school_year", "taken_at", "change_version")
    said = {name: getattr(snapshot, name) for name in names}
    return Manifest(**said, framework=snapshot.framework_id, files=files, frameworks=frameworks)


async def find_snapshot(session: AsyncSession, name: str) -> RatingSnapshot:
    """A snapshot by its name. Raises NotFound."""
    snapshot = await session.scalar(select(RatingSnapshot).where(RatingSnapshot.name == name))
    if snapshot is None:
        raise NotFound(f"There is no snapshot {name!r} of ratings.")
    return snapshot
