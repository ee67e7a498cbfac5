"""What service requests look like on the wire."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from contracts.shared_services import RequestStatus, ServiceCategory
from contracts.vocabulary import Wire
from kit.text import Code, Name, Text
from pydantic import Field

from shared_services.entitlements.schemas import Entitlement

Statement = Annotated[Text, Field(pattern=r"\S", description="Free text; never leaves the service in an event.")]


class NewRequest(Wire):
    """A service to ask for."""

    school_id: UUID
    offering: Code = Field(description="The offering's code.", examples=["TRN-FIELD-TRIP"])
    service_date: date | None = Field(default=None, description="Today in the school's district, if absent.")
    description: Statement = Field(examples=["Two buses to the science museum"])
    external_id: Name | None = Field(default=None, description="Your own number for it.")


class NewTransition(Wire):
    """A step to take."""

    to: RequestStatus
    reason: Statement | None = None
    scheduled_for: date | None = Field(default=None, description="The day of the work; only with `scheduled`.")


class Refusal(Wire):
    """Why a request is refused: by a rule with its clause, or by the provider in its own words."""

    rule: str = Field(examples=["arrangement", "provider"])
    reason: str
    source: str | None = None


class RequestView(Wire):
    """A service request. Its number acknowledges it and approves nothing: `status` says how far it is."""

    id: UUID
    version: int
    number: str = Field(examples=["TRN-2026-000123"])
    school_id: UUID
    school_name: str | None = Field(description="The school's name on the service date.")
    requesting_organization_id: UUID
    providing_organization_id: UUID
    offering: str
    category: ServiceCategory
    service_date: date
    description: str
    external_id: str | None
    status: RequestStatus
    scheduled_for: date | None
    entitlement: Entitlement = Field(description="As decided when the request came in.")
    refusal: Refusal | None
    submitted_at: datetime
    updated_at: datetime


class TransitionView(Wire):
    """A step that a request took."""

    version: int
    at: datetime
    from_status: RequestStatus | None = Field(alias="from")
    to_status: RequestStatus = Field(alias="to")
    client_id: str
    organization_id: UUID | None
    reason: str | None
