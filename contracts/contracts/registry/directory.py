"""Organizations, schools and buildings, with everything that a date can change."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import ConfigDict, Field

from contracts.event import Event
from contracts.vocabulary import (
    Alias,
    Arrangement,
    AssignmentRole,
    OperationalStatus,
    OrganizationType,
    Period,
    SchoolType,
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
