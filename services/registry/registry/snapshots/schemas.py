"""What snapshots look like on the wire."""

from datetime import date
from uuid import UUID

from contracts.vocabulary import Wire
from kit.text import Name
from pydantic import AwareDatetime, Field

from registry.schools.schemas import SchoolView


class NewSnapshot(Wire):
    """A snapshot to take."""

    name: Name = Field(examples=["October directory 2026"], pattern="^[^/]+$")
    as_of: date


class SnapshotView(Wire):
    """A snapshot: read it at `/v1/snapshots/{name}/schools`, or anything at its `asOf` and `knownAt`."""

    id: UUID
    organization_id: UUID | None
    name: str
    as_of: date
    known_at: AwareDatetime
    taken_by: str


class LateChange(Wire):
    """A school of which something else is known now for the date of the snapshot."""

    school_id: UUID
    snapshot: SchoolView | None = Field(description="As the snapshot has it; none: it was not in it.")
    now: SchoolView | None = Field(description="As it is known now; none: it was never so.")
