"""Framework documents as files: a table that stands beside the document as CSV becomes a part of it."""

from pathlib import Path
from typing import Any

import yaml


def document_of(path: Path) -> dict[str, Any]:
    """The document at `path` as it is registered: each `file` of its lookups is read from the same folder."""
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    for table in document.get("lookups", {}).values():
        if "file" in table:
            table["csv"] = (path.parent / table.pop("file")).read_text(encoding="utf-8")
    return document
