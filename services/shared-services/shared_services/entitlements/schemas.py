"""What an entitlement looks like on the wire: a decision that explains itself."""

from datetime import date
from typing import Literal
from uuid import UUID

from contracts.vocabulary import Arrangement, OperationalStatus, Wire
from pydantic import Field


class EntitlementFacts(Wire):
    """What was true of the school on the service date; null where nothing is known."""

    school_name: str | None
    operational_status: OperationalStatus | None
    arrangement: Arrangement | None
    operator_ids: list[UUID]
    accountable_district_id: UUID | None


class Entitlement(Wire):
    """Whether a school may have a service on a date, by which rule, and what that rests on."""

    school_id: UUID
    offering: str = Field(description="The offering's code.")
    service_date: date
    entitled: bool
    service_class: Literal["included", "not-offered"] = Field(alias="class")
    rule: Literal["hazard", "closed", "not-in-catalogue", "other-district", "not-in-period", "arrangement"]
    reason: str
    source: str | None = Field(description="The clause or document that says so.")
    facts: EntitlementFacts
