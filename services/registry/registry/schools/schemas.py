"""What schools look like on the wire."""

from datetime import date
from uuid import UUID

from contracts.vocabulary import Alias, Arrangement, AssignmentRole, OperationalStatus, Period, SchoolType, Wire
from kit.text import Name, Text
from pydantic import ConfigDict, Field

from contracts import registry as said

GRADES = ("PK", "KG", *(f"{grade:02}" for grade in range(1, 14)), "UG", "AE")


class Address(said.Address):
    """Where a school is."""

    model_config = ConfigDict(extra="forbid")

    street: Name | None = None
    city: Name | None = None
    state: str | None = Field(default=None, pattern="^[A-Z]{2}$")
    postal_code: str | None = Field(default=None, pattern=r"^[0-9A-Za-z -]{3,12}$")


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


class NewSchool(SchoolFacts):
    """A school to open."""

    valid_from: date
    aliases: list[Alias] = Field(default_factory=list, max_length=50)
    assignments: list[NewAssignment] = Field(default_factory=list, max_length=50)


class SchoolPatch(Wire):
    """What changes from `validFrom` on, until the next change already known; members left out stay."""

    valid_from: date
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


class AssignmentEnd(Wire):
    """The first day on which the assignment no longer holds."""

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


class SchoolHistory(Wire):
    """Everything known of a school, by period."""

    id: UUID
    version: int
    facts: list[said.SchoolFacts]
    aliases: list[Alias]
    assignments: list[said.Assignment]
