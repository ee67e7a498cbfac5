"""Which files are taken, and how they are named: known types whose content begins as it should, and plain names."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from kit.errors import FieldError, Invalid, UnsupportedMediaType

_OFFICE = "application/vnd.openxmlformats-officedocument"
SIGNATURES: Mapping[str, tuple[bytes, ...]] = {
    "application/pdf": (b"%PDF-",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/heic": (),
    "text/plain": (),
    "text/csv": (),
    f"{_OFFICE}.wordprocessingml.document": (b"PK\x03\x04",),
    f"{_OFFICE}.spreadsheetml.sheet": (b"PK\x03\x04",),
}
"""The types that are taken, and how their content begins; none named: in any way."""

BEGINNING_BYTES = 16
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f"\\/:*?<>|]')


def check_file(media_type: str, file: Path) -> dict[str, str | int]:
    """A file's hash and size. Raises UnsupportedMediaType if it does not begin as files of its type do."""
    with file.open("rb") as content:
        beginning = content.read(BEGINNING_BYTES)
        content.seek(0)
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    signatures = SIGNATURES[media_type]
    if signatures and not beginning.startswith(signatures):
        raise UnsupportedMediaType(f"The file is not what it is said to be: it does not begin like {media_type}.")
    return {"sha256": sha256, "size_bytes": file.stat().st_size}


def plain_name(name: str) -> str:
    """The last part of a name, without characters that a file system or a header could misread. Raises Invalid."""
    plain = _FORBIDDEN.sub("_", PurePosixPath(name.replace("\\", "/")).name).strip(" .")
    if not plain:
        error = FieldError("filename", "plain-name", "give the file a name of letters and digits", value=name[:100])
        raise Invalid("The file has no name.", errors=[error])
    return plain
