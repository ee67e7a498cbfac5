"""What shared services says: the public state of a service request."""

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from contracts.event import Event

RequestStatus = Literal[
    "submitted", "accepted", "scheduled", "in-progress", "completed", "closed", "refused", "cancelled"
]


class ServiceRequestChanged(Event):
    """A service request was submitted or moved on. Texts of people are never in it."""

    service: ClassVar[str] = "shared-services"
    aggregate: ClassVar[str] = "request"
    happened: ClassVar[str] = "changed"

    number: str
    school_id: UUID
    requesting_organization_id: UUID
    offering: str
    status: RequestStatus
    service_date: date | None = None
    refusal: str | None = None
    updated_at: datetime


EVENTS: tuple[type[Event], ...] = (ServiceRequestChanged,)
