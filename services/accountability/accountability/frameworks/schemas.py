"""What a registered framework looks like on the wire."""

from datetime import datetime
from typing import Any

from contracts.vocabulary import Wire


class FrameworkSummary(Wire):
    """A registered version of a framework."""

    id: str
    version: str
    title: str
    owner: str
    school_years: list[int]
    sha256: str
    registered_at: datetime


class FrameworkView(FrameworkSummary):
    """A registered version with its whole document."""

    document: dict[str, Any]
