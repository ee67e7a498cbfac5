"""What offerings look like on the wire."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from contracts.shared_services import ServiceCategory
from contracts.vocabulary import Arrangement, Period, Wire
from kit.text import Code, Name, Text
from pydantic import Field

LeadTime = Annotated[int, Field(ge=0, le=8760, description="Whole hours of notice needed; 0 if none.", examples=[48])]
Arrangements = Annotated[list[Arrangement], Field(max_length=50, description="The arrangements that may have it.")]
Clause = Annotated[Name, Field(description="The clause or policy that says so.", examples=["Services handbook, 4.2"])]
Hazard = Annotated[bool, Field(description="True for a danger to people: accepted whatever the entitlement.")]


LEFT_OUT: Any = None
"""The default of a member that may be left out of a patch but may not be null."""


class NewOffering(Period):
    """A service to offer, during a period."""

    district_id: UUID
    code: Code = Field(examples=["TRN-FIELD-TRIP"])
    name: Name = Field(examples=["Field trip by bus"])
    description: Text = ""
    category: ServiceCategory
    department: Name = Field(examples=["Student transportation"])
    entitled_arrangements: Arrangements
    entitlement_source: Clause
    lead_time_hours: LeadTime = 0
    hazard: Hazard = False


class OfferingPatch(Wire):
    """What to change; members left out stay. Only `validTo` may be null: until further notice."""

    name: Name = LEFT_OUT
    description: Text = LEFT_OUT
    department: Name = LEFT_OUT
    entitled_arrangements: Arrangements = LEFT_OUT
    entitlement_source: Clause = LEFT_OUT
    lead_time_hours: LeadTime = LEFT_OUT
    hazard: Hazard = LEFT_OUT
    valid_from: date = LEFT_OUT
    valid_to: date | None = None


class OfferingView(NewOffering):
    """A service that a district offers."""

    id: UUID
    version: int
