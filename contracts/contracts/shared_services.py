"""What shared services says: what a district offers its schools, and the public state of a service request."""

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from contracts.event import Event
from contracts.vocabulary import Arrangement

ServiceCategory = Literal["transportation", "maintenance"]

RequestStatus = Literal[
    "submitted", "accepted", "scheduled", "in-progress", "completed", "closed", "refused", "cancelled"
]


class OfferingChanged(Event):
    """A district offered a service or changed the terms on which its schools may have it."""

    service: ClassVar[str] = "shared-services"
    aggregate: ClassVar[str] = "offering"
    happened: ClassVar[str] = "changed"

    district_id: UUID
    code: str
    name: str
    category: ServiceCategory
    entitled_arrangements: list[Arrangement]
    entitlement_source: str
    lead_time_hours: int
    hazard: bool
    valid_from: date
    valid_to: date | None = None


class ServiceRequestChanged(Event):
    """A service request was submitted or moved on. Texts of people are never in it."""

    service: ClassVar[str] = "shared-services"
    aggregate: ClassVar[str] = "request"
    happened: ClassVar[str] = "changed"

    number: str
    school_id: UUID
    requesting_organization_id: UUID
    providing_organization_id: UUID | None = None
    offering: str
    status: RequestStatus
    service_date: date | None = None
    refusal: str | None = None
    updated_at: datetime


EVENTS: tuple[type[Event], ...] = (ServiceRequestChanged, OfferingChanged)
