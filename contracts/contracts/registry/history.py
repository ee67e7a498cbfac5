"""What became of schools and zones, and what of the past is named or settled."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from contracts.event import Event
from contracts.vocabulary import ContinuityFlow, LineageKind, Wire


class Continuity(Wire):
    """Whether something goes on through a lineage event; `says-so` leaves it to the words of the source."""

    model_config = ConfigDict(extra="ignore")

    outcome: Literal["continues", "ends", "says-so"]
    says: str | None = None


class LineageRecorded(Event):
    """Something happened to schools as institutions: which came from which, and what went on."""

    service: ClassVar[str] = "registry"
    aggregate: ClassVar[str] = "lineage-event"
    happened: ClassVar[str] = "recorded"

    kind: LineageKind
    effective_on: date
    predecessors: list[UUID]
    successors: list[UUID]
    continuity: dict[ContinuityFlow, Continuity]
    source: str
    withdrawn: bool = Field(default=False, description="True if it was recorded in error.")


class ZoneExitRecorded(Event):
    """Schools leave a zone, or the whole zone ends."""

    service: ClassVar[str] = "registry"
    aggregate: ClassVar[str] = "zone-exit"
    happened: ClassVar[str] = "recorded"

    zone_id: UUID
    kind: Literal["dissolution", "departure", "removal"]
    grounds: str
    decided_on: date
    last_day: date = Field(description="The last day on which the zone governs the schools.")
    schools: list[UUID]
    source: str


class SnapshotTaken(Event):
    """The directory as of a date, as known at an instant, got a name."""

    service: ClassVar[str] = "registry"
    aggregate: ClassVar[str] = "snapshot"
    happened: ClassVar[str] = "taken"

    name: str
    as_of: date
    known_at: AwareDatetime


class ReportingPeriodLocked(Event):
    """What was true before a date is settled: to change it takes a reason."""

    service: ClassVar[str] = "registry"
    aggregate: ClassVar[str] = "reporting-period"
    happened: ClassVar[str] = "locked"

    name: str
    organization_id: UUID | None = Field(description="Whose schools; none: everybody's.")
    until: date = Field(description="The first day that is not locked.")
    locked_at: AwareDatetime
