"""Object stores: content under its hash. The same content is kept once, and never changes."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO, Protocol

from kit.errors import Unavailable

from shared_services.conversation.s3 import S3Store
from shared_services.settings import Settings

CHUNK_BYTES = 256 * 1024


class ObjectStore(Protocol):
    """Where content lies."""

    async def put(self, sha256: str, file: Path) -> None:
        """Keep a file's content under its hash; nothing happens if it is there already."""

    async def read(self, sha256: str) -> AsyncIterator[bytes]:
        """The content under a hash, in pieces. Raises Unavailable if it cannot be had."""


class FolderStore:
    """A folder, with one of 256 folders in it for each first byte of a hash."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, sha256: str, file: Path) -> None:
        """Keep a file's content under its hash; nothing happens if it is there already."""
        await asyncio.to_thread(self._copy, file, self._path(sha256))

    async def read(self, sha256: str) -> AsyncIterator[bytes]:
        """The content under a hash, in pieces. Raises Unavailable if it cannot be had."""
        try:
            file = await asyncio.to_thread(self._path(sha256).open, "rb")
        except OSError as error:
            raise Unavailable("The file cannot be read for the moment; try again.") from error
        return _pieces(file)

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    @staticmethod
    def _copy(file: Path, to: Path) -> None:
        if to.exists():
            return
        to.parent.mkdir(parents=True, exist_ok=True)
        # Written beside its place and moved there: nobody ever reads half a file.
        fresh = to.with_name(f"{to.name}.{os.getpid()}")
        with file.open("rb") as source, fresh.open("wb") as target:
            shutil.copyfileobj(source, target)
            target.flush()
            os.fsync(target.fileno())
        fresh.replace(to)


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while piece := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield piece


def store_of(settings: Settings) -> ObjectStore:
    """The store that the settings name. Raises Unavailable if they name none."""
    if settings.s3_url is not None:
        key = settings.s3_access_key, settings.s3_secret_key.get_secret_value()
        return S3Store(settings.s3_url, settings.s3_region, key)
    if settings.attachment_folder is not None:
        return FolderStore(settings.attachment_folder)
    raise Unavailable("There is no place for files: set CONCORDAT_ATTACHMENT_FOLDER or CONCORDAT_S3_URL.")
