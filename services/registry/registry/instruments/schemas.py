"""What a registered instrument kind looks like on the wire."""

from datetime import datetime
from typing import Any, Literal

from contracts.vocabulary import Wire


class InstrumentSummary(Wire):
    """A registered version of an instrument kind."""

    id: str
    version: str
    title: str
    jurisdiction: str
    level: Literal["umbrella", "school"]
    sha256: str
    registered_at: datetime


class InstrumentView(InstrumentSummary):
    """A registered version with its whole document."""

    document: dict[str, Any]
