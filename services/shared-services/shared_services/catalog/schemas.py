"""What offerings look like on the wire."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from contracts.shared_services import PriceModel, ServiceCategory, ServiceKind
from contracts.vocabulary import Arrangement, Period, SchoolType, Wire
from kit.text import Code, Name, Text
from pydantic import Field

from shared_services.catalog.intake_form import IntakeForm

LeadTime = Annotated[int, Field(ge=0, le=8760, description="Whole hours of notice needed; 0 if none.", examples=[48])]
Arrangements = Annotated[list[Arrangement], Field(max_length=50, description="The arrangements that may have it.")]
Clause = Annotated[Name, Field(description="The clause or policy that says so.", examples=["Services handbook, 4.2"])]
Hazard = Annotated[bool, Field(description="True for a danger to people: accepted whatever the entitlement.")]
Kind = Annotated[ServiceKind, Field(description="What it is, where it has rules of its own.", examples=["field-trip"])]
Unit = Annotated[Name, Field(description="What is counted.", examples=["trip", "work order"])]
Mandate = Annotated[Name, Field(description="The law by which no school can leave it.", examples=["20 U.S.C. 1412"])]
Level = Annotated[Code, Field(description="A class of the district's promises.", examples=["routine"])]
Approver = Literal["school", "finance"]
Cents = Annotated[int, Field(ge=0, le=10**12, description="Whole US cents.")]

GRADES = ("PK", "KG", *(f"{grade:02}" for grade in range(1, 14)))
Grade = Literal["PK", "KG", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13"]

LEFT_OUT: Any = None
"""The default of a member that may be left out of a patch but may not be null."""


class Prerequisites(Wire):
    """What has to be true of a school on the service date before anything else counts."""

    district_owned_building: bool = False
    grade_low: Grade | None = Field(default=None, description="The school has a grade from here on.")
    grade_high: Grade | None = Field(default=None, description="The school has a grade up to here.")
    school_types: list[SchoolType] = Field(default_factory=list, max_length=10, description="None named: any.")


class Price(Wire):
    """What a unit costs a school that pays for it."""

    model: PriceModel
    cents: Cents | None = Field(default=None, description="Per unit; absent where only the work tells.")


class Fee(Wire):
    """What a change costs that comes with less notice than this; of several the highest."""

    on: Literal["cancelled", "rescheduled"]
    less_than_hours: int = Field(ge=1, le=8760, description="Before the service begins.")
    cents: Cents


NO_PREREQUISITES = Prerequisites()
Fees = Annotated[list[Fee], Field(max_length=20)]


class NewOffering(Period):
    """A service to offer, during a period: a new school year's terms are a new offering of the same code."""

    district_id: UUID
    code: Code = Field(examples=["TRN-FIELD-TRIP"])
    name: Name = Field(examples=["Field trip by bus"])
    description: Text = ""
    category: ServiceCategory
    kind: Kind | None = None
    department: Name = Field(examples=["Student transportation"])
    unit: Unit | None = None
    included: Text = Field(default="", description="What is part of it.")
    beyond_scope: Text = Field(default="", description="What is not, and may be charged.")
    entitled_arrangements: Arrangements
    entitlement_source: Clause
    mandated_by: Mandate | None = None
    prerequisites: Prerequisites = NO_PREREQUISITES
    lead_time_hours: LeadTime = 0
    hazard: Hazard = False
    intake_form: IntakeForm | None = None
    service_level: Level | None = None
    price: Price | None = None
    approval: Approver | None = Field(default=None, description="Who has to agree before it is accepted.")
    fees: Fees = Field(default_factory=list)
    vendor_allowed: bool = Field(default=False, description="True if a school may take it from a vendor instead.")


class OfferingPatch(Wire):
    """What to change; members left out stay. Null takes back what may be absent (`validTo`: no end)."""

    name: Name = LEFT_OUT
    description: Text = LEFT_OUT
    kind: Kind | None = None
    department: Name = LEFT_OUT
    unit: Unit | None = None
    included: Text = LEFT_OUT
    beyond_scope: Text = LEFT_OUT
    entitled_arrangements: Arrangements = LEFT_OUT
    entitlement_source: Clause = LEFT_OUT
    mandated_by: Mandate | None = None
    prerequisites: Prerequisites = LEFT_OUT
    lead_time_hours: LeadTime = LEFT_OUT
    hazard: Hazard = LEFT_OUT
    intake_form: IntakeForm | None = None
    service_level: Level | None = None
    price: Price | None = None
    approval: Approver | None = None
    fees: Fees = LEFT_OUT
    vendor_allowed: bool = LEFT_OUT
    valid_from: date = LEFT_OUT
    valid_to: date | None = None


class OfferingView(NewOffering):
    """A service that a district offers."""

    id: UUID
    version: int
