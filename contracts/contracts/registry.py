"""What the registry says: organizations and schools, with everything that a date can change."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from contracts.event import Event
from contracts.vocabulary import (
    AgreementStatus,
    Alias,
    Arrangement,
    AssignmentRole,
    ContinuityFlow,
    EntitlementLayer,
    ExitGround,
    LineageKind,
    OperationalStatus,
    OrganizationType,
    Period,
    SchoolType,
    SchoolYear,
    ServiceClass,
    Wire,
)


class Address(Wire):
    """Where a school is. Latitude and longitude are decimal degrees."""

    model_config = ConfigDict(extra="ignore")

    street: str | None = None
    city: str | None = None
    state: str | None = Field(default=None, description="Two-letter postal code.")
    postal_code: str | None = None
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)


class SchoolFacts(Period):
    """What is true of a school during a period."""

    model_config = ConfigDict(extra="ignore")

    name: str
    short_name: str | None = None
    school_type: SchoolType
    operational_status: OperationalStatus
    arrangement: Arrangement
    chartered: bool
    grade_low: str | None = Field(default=None, description="NCES grade code: PK, KG, 01 to 13, UG, AE.")
    grade_high: str | None = None
    address: Address = Address()
    source: str = Field(description="The document or file that says so.")


class Assignment(Period):
    """An organization's role at a school during a period, with its legal source."""

    model_config = ConfigDict(extra="ignore")

    organization_id: UUID
    role: AssignmentRole
    source: str


class Occupancy(Period):
    """A school in a building during a period; several schools may share one."""

    model_config = ConfigDict(extra="ignore")

    building_id: UUID
    share: float | None = Field(default=None, gt=0, le=1, description="Of the building; absent if not agreed.")
    source: str


class BuildingFacts(Period):
    """What is true of a building during a period."""

    model_config = ConfigDict(extra="ignore")

    name: str
    owner_id: UUID = Field(description="The organization that owns it: who maintains it follows from that.")
    address: Address = Address()
    capacity: int | None = Field(default=None, description="Seats.")
    square_feet: int | None = None
    as_is_clause: str | None = Field(default=None, description="What is handed over as it stands, if anything is.")
    source: str


class Continuity(Wire):
    """Whether something goes on through a lineage event; `says-so` leaves it to the words of the source."""

    model_config = ConfigDict(extra="ignore")

    outcome: Literal["continues", "ends", "says-so"]
    says: str | None = None


class OrganizationChanged(Event):
    """An organization was registered or changed."""

    service: ClassVar[str] = "registry"
    aggregate: ClassVar[str] = "organization"
    happened: ClassVar[str] = "changed"

    name: str
    short_name: str | None = None
    types: list[OrganizationType]
    time_zone: str | None = Field(default=None, description="IANA name; districts have one.")
    aliases: list[Alias] = Field(default_factory=list)
    dissolved_on: date | None = Field(default=None, description="The first day on which it no longer exists.")


class SchoolChanged(Event):
    """A school was registered or changed. Carries its whole timeline, so that any date can be answered."""

    service: ClassVar[str] = "registry"
    aggregate: ClassVar[str] = "school"
    happened: ClassVar[str] = "changed"

    facts: list[SchoolFacts]
    aliases: list[Alias] = Field(default_factory=list)
    assignments: list[Assignment] = Field(default_factory=list)
    buildings: list[Occupancy] = Field(default_factory=list)

    def facts_on(self, day: date) -> SchoolFacts | None:
        """What was true on `day`, or None before the school's first and after its last known day."""
        return next((facts for facts in self.facts if facts.covers(day)), None)

    def organizations_on(self, day: date, role: AssignmentRole) -> list[UUID]:
        """The organizations that held `role` at the school on `day`."""
        return [held.organization_id for held in self.assignments if held.role == role and held.covers(day)]


class BuildingChanged(Event):
    """A building was registered or changed. Carries its whole timeline."""

    service: ClassVar[str] = "registry"
    aggregate: ClassVar[str] = "building"
    happened: ClassVar[str] = "changed"

    facts: list[BuildingFacts]


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


class AgreementParty(Wire):
    """An organization in a role of an agreement."""

    model_config = ConfigDict(extra="ignore")

    organization_id: UUID
    role: str = Field(examples=["district", "operator"])


class CoveredSchool(Period):
    """A school that an agreement covers during a period, as far as the agreement itself is in force."""

    model_config = ConfigDict(extra="ignore")

    school_id: UUID
    exit_ground: ExitGround | None = Field(default=None, description="Why it left, if it left before the agreement.")


class AgreementStanding(Period):
    """The status of an agreement during a period. What dates alone bring is there in advance."""

    model_config = ConfigDict(extra="ignore")

    status: AgreementStatus
    in_force: bool


class AgreementChanged(Event):
    """An agreement was executed, or something about an executed one changed. Drafts are never in it."""

    service: ClassVar[str] = "registry"
    aggregate: ClassVar[str] = "agreement"
    happened: ClassVar[str] = "changed"

    instrument: str = Field(description="The instrument kind, e.g. `in-innovation-network-agreement`.")
    instrument_version: str
    jurisdiction: str
    title: str
    parent_id: UUID | None = Field(default=None, description="The umbrella agreement.")
    legal_basis: list[str]
    parties: list[AgreementParty]
    schools: list[CoveredSchool]
    executed_on: date
    effective_from: date
    term_to: date | None = Field(default=None, description="The first day after the term; none: open-ended.")
    first_full_school_year: SchoolYear
    text_sha256: str = Field(description="The hash of the text in force, or of the last that was.")
    standings: list[AgreementStanding]

    def in_force_on(self, day: date, school_id: UUID) -> bool:
        """True if the agreement governs the school on `day`."""
        covered = any(school.school_id == school_id and school.covers(day) for school in self.schools)
        return covered and any(standing.in_force and standing.covers(day) for standing in self.standings)


class ServiceQuota(Wire):
    """How much of a service a school has before it pays."""

    model_config = ConfigDict(extra="ignore")

    count: int = Field(ge=0)
    per: Literal["school-year"] = "school-year"


class ServiceTerm(Period):
    """What a service is to a school during a period, and where that is laid down."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    service: str = Field(description="An offering's code, or a category: all that it holds.", examples=["MNT-HVAC"])
    service_class: ServiceClass = Field(alias="class")
    layer: EntitlementLayer
    source: str = Field(description="The clause that says so.")
    agreement_id: UUID | None = Field(default=None, description="It holds only while this agreement is in force.")
    quota: ServiceQuota | None = None
    credit_cents: int | None = Field(default=None, ge=0, description="What the school gets back in a school year.")


class EntitlementsChanged(Event):
    """What a school may have of its district's services was laid down or changed. The `id` is the school's."""

    service: ClassVar[str] = "registry"
    aggregate: ClassVar[str] = "entitlements"
    happened: ClassVar[str] = "changed"

    services: list[ServiceTerm]


EVENTS: tuple[type[Event], ...] = (
    OrganizationChanged,
    SchoolChanged,
    BuildingChanged,
    LineageRecorded,
    ZoneExitRecorded,
    SnapshotTaken,
    ReportingPeriodLocked,
    AgreementChanged,
    EntitlementsChanged,
)
