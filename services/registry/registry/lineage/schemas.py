"""What can happen to schools as institutions, as it is told, and how lineage is shown."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from contracts.registry import Continuity as SaidContinuity
from contracts.vocabulary import Arrangement, ContinuityFlow, LineageKind, Wire
from kit.text import Name, Text
from pydantic import AwareDatetime, ConfigDict, Field, model_validator

from registry.buildings.schemas import Address
from registry.schools.consequences import Consequence
from registry.schools.schemas import GRADES

EARLIEST, LATEST = date(1700, 1, 1), date(2200, 1, 1)
Grade = Annotated[str, Field(pattern=f"^({'|'.join(GRADES)})$")]


class Continuity(SaidContinuity):
    """Whether something goes on. `says-so` needs the words."""

    model_config = ConfigDict(extra="forbid")

    says: Text | None = Field(default=None, examples=["Levels of both schools are kept apart until 2027"])

    @model_validator(mode="after")
    def _in_words(self) -> "Continuity":
        if self.outcome == "says-so" and not self.says:
            raise ValueError("`says-so` needs `says`: quote what the source says")
        return self


class _Happened(Wire):
    """What every lineage event has."""

    effective_on: date = Field(ge=EARLIEST, le=LATEST, description="The first day on which it is so.")
    source: Text = Field(min_length=1, examples=["Board report 18-0425-EX3"])
    continuity: dict[ContinuityFlow, Continuity] = Field(default_factory=dict)


class _ToOne(_Happened):
    school_id: UUID


class Opened(_ToOne):
    """A registered school opened."""

    kind: Literal["opened"]


class Renamed(_ToOne):
    """A school took another name."""

    kind: Literal["renamed"]
    name: Name
    short_name: Name | None = None


class Relocated(_ToOne):
    """A school moved: to an address, into a building, or both."""

    kind: Literal["relocated"]
    address: Address | None = None
    building_id: UUID | None = None

    @model_validator(mode="after")
    def _somewhere(self) -> "Relocated":
        if self.address is None and self.building_id is None:
            raise ValueError("give `address`, `buildingId` or both")
        return self


class GradeSpanChanged(_ToOne):
    """A school serves other grades."""

    kind: Literal["grade-span-changed"]
    grade_low: Grade
    grade_high: Grade


class Converted(_ToOne):
    """A school is run under another arrangement; its building, people and identifier may stay."""

    kind: Literal["converted"]
    arrangement: Arrangement
    chartered: bool | None = None


class Transferred(_ToOne):
    """Another local education agency answers for the school."""

    kind: Literal["transferred"]
    organization_id: UUID


class Closed(_ToOne):
    """A school closed."""

    kind: Literal["closed"]


class Reopened(_ToOne):
    """A closed school opened again."""

    kind: Literal["reopened"]


class Cancelled(_ToOne):
    """A planned school never opened."""

    kind: Literal["cancelled-before-open"]


class Reconstituted(_ToOne):
    """A school began anew: as another school (`successorId`), or under its own identifier."""

    kind: Literal["reconstituted"]
    successor_id: UUID | None = None


class Merged(_Happened):
    """Schools became one: one of them, or a new one. The others close."""

    kind: Literal["merged"]
    school_ids: list[UUID] = Field(min_length=2, max_length=50, description="All that became one.")
    into_id: UUID


class Split(_Happened):
    """A school became several; it closes unless it is one of them."""

    kind: Literal["split"]
    school_id: UUID
    into_ids: list[UUID] = Field(min_length=2, max_length=50)


NewLineageEvent = Annotated[
    Opened
    | Renamed
    | Relocated
    | GradeSpanChanged
    | Merged
    | Split
    | Reconstituted
    | Converted
    | Transferred
    | Closed
    | Reopened
    | Cancelled,
    Field(discriminator="kind"),
]


class LineageView(Wire):
    """A lineage event."""

    id: UUID
    kind: LineageKind
    effective_on: date
    predecessors: list[UUID]
    successors: list[UUID]
    continuity: dict[ContinuityFlow, SaidContinuity]
    source: str
    recorded_at: AwareDatetime


class LineageReport(Wire):
    """What a lineage event did, or with `dryRun` would do."""

    dry_run: bool
    event: LineageView | None
    consequences: list[Consequence]
    digest: str


class Relative(Wire):
    """A school from which another came, or which came from it, and its own relatives further on."""

    school_id: UUID
    name: str | None = Field(description="On the day of the event.")
    event_id: UUID
    kind: LineageKind
    effective_on: date
    relatives: list["Relative"]


class Lineage(Wire):
    """Where a school comes from and what came of it. The same school may stand in several branches."""

    school_id: UUID
    events: list[LineageView] = Field(description="All events of the tree, in the order of their dates.")
    ancestors: list[Relative]
    descendants: list[Relative]


class Withdrawal(Wire):
    """Why an event was recorded in error."""

    reason: Text = Field(min_length=1)
