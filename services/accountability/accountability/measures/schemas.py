"""What measures look like on the wire."""

from datetime import datetime
from uuid import UUID

from contracts.vocabulary import SchoolYear, Wire
from pydantic import Field


class MeasureImportReport(Wire):
    """What a file of measures did, or with `dryRun` would do. Nothing is written unless every row is right."""

    import_number: int | None
    dry_run: bool
    rows: int
    added: int
    corrected: int
    unchanged: int


class MeasureView(Wire):
    """A measure, as known at a time."""

    school_id: UUID
    indicator: str
    student_group: str
    school_year: SchoolYear
    data_year: SchoolYear
    value: float | None
    category: str | None
    n: int | None
    participation: float | None
    numerator: float | None
    denominator: float | None
    source: str
    import_number: int = Field(description="The file it came with; a run names the last that it read.")
    recorded_at: datetime


class MeasureImportView(Wire):
    """A file of measures that was loaded."""

    import_number: int
    source: str
    sha256: str
    client_id: str
    recorded_at: datetime
