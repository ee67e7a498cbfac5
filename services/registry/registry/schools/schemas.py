"""What schools look like on the wire."""

from datetime import date
from uuid import UUID

from contracts.vocabulary import Alias, Arrangement, AssignmentRole, OperationalStatus, Period, SchoolType, Wire
from kit.text import Name, Text
from pydantic import Field, model_validator

from contracts import registry as said
from registry.buildings.schemas import Address

GRADES = ("PK", "KG", *(f"{grade:02}" for grade in range(1, 14)), "UG", "AE")


class SchoolFacts(Wire):
    """What is true of a school from a date on."""

    name: Name = Field(examples=["Orr Academy High School"])
    short_name: Name | None = None
    school_type: SchoolType = "regular"
    operational_status: OperationalStatus = "active"
    arrangement: Arrangement = "traditional"
    chartered: bool = False
    grade_low: str | None = Field(default=None, pattern=f"^({'|'.join(GRADES)})$")
    grade_high: str | None = Field(default=None, pattern=f"^({'|'.join(GRADES)})$")
    address: Address = Address()
    source: Text = Field(min_length=1, examples=["Board report 18-0425-EX3"])


class NewAssignment(Period):
    """A role to give to an organization at a school."""

    organization_id: UUID
    role: AssignmentRole
    source: Text = Field(min_length=1)


class NewOccupancy(Period):
    """A building for a school to be in."""

    building_id: UUID
    share: float | None = Field(default=None, gt=0, le=1, description="Of the building; absent if not agreed.")
    source: Text = Field(min_length=1)


class NewSchool(SchoolFacts):
    """A school to open."""

    valid_from: date
    aliases: list[Alias] = Field(default_factory=list, max_length=50)
    assignments: list[NewAssignment] = Field(default_factory=list, max_length=50)


class SchoolPatch(Wire):
    """What changes from `validFrom` on; members left out stay.

    Each member holds until the next change of it already known, or, with `validTo`, until then and whatever is known.
    """

    valid_from: date
    valid_to: date | None = None
    source: Text = Field(min_length=1)
    name: Name | None = None
    short_name: Name | None = None
    school_type: SchoolType | None = None
    operational_status: OperationalStatus | None = None
    arrangement: Arrangement | None = None
    chartered: bool | None = None
    grade_low: str | None = Field(default=None, pattern=f"^({'|'.join(GRADES)})$")
    grade_high: str | None = Field(default=None, pattern=f"^({'|'.join(GRADES)})$")
    address: Address | None = None

    @model_validator(mode="after")
    def _required_stay_filled(self) -> "SchoolPatch":
        required = ("name", "school_type", "operational_status", "arrangement", "chartered", "address")
        emptied = [name for name in required if name in self.model_fields_set and getattr(self, name) is None]
        if emptied:
            raise ValueError(f"leave {', '.join(emptied)} out, or give a value: a school always has one")
        return self


class CorrectedFacts(SchoolFacts, Period):
    """Facts with their period, as they should have been recorded."""


class SchoolCorrection(Wire):
    """The whole timeline as it should have been recorded: take the history, mend it, send it with the reason."""

    reason: Text = Field(min_length=1, examples=["The board report of 2021 names the wrong school"])
    facts: list[CorrectedFacts] = Field(min_length=1, max_length=200)
    aliases: list[Alias] = Field(max_length=200)
    assignments: list[NewAssignment] = Field(max_length=500)
    buildings: list[NewOccupancy] = Field(max_length=100)


class End(Wire):
    """The first day on which something no longer holds."""

    valid_to: date


class AssignmentView(said.Assignment):
    """An organization's role at a school."""

    id: UUID


class SchoolView(SchoolFacts, Period):
    """A school as it is on a date."""

    id: UUID
    version: int
    aliases: list[Alias]
    assignments: list[AssignmentView]
    buildings: list[said.Occupancy]


class SchoolHistory(Wire):
    """Everything known of a school, by period."""

    id: UUID
    version: int
    facts: list[said.SchoolFacts]
    aliases: list[Alias]
    assignments: list[said.Assignment]
    buildings: list[said.Occupancy]
