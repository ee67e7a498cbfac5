"""What measures look like on the wire."""

from datetime import datetime
from uuid import UUID

from contracts.vocabulary import SchoolYear, Wire


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
    source: str
    recorded_at: datetime
