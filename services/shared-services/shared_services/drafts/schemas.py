"""What drafts look like on the wire."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.vocabulary import Wire
from kit.periods import Day
from kit.text import Code, Name
from pydantic import Field

from shared_services.catalog.intake_form import Details
from shared_services.requests.schemas import Riders, Statement, Weight


class DraftBody(Wire):
    """As much of a request as is known by now; what is missing is asked for when it is submitted."""

    school_id: UUID | None = None
    offering: Code | None = None
    service_date: Day | None = None
    description: Statement | None = None
    details: Details = Field(default_factory=dict)
    building: Name | None = None
    room: Name | None = None
    riders: Riders = Field(default_factory=list)
    hazard: bool = False
    asked: Weight | None = None
    parent_id: UUID | None = None
    on_behalf_of: UUID | None = None
    district_id: UUID | None = None
    external_id: Name | None = None


class DraftView(Wire):
    """A draft. Its id is that of the request which it becomes; a number it gets only then."""

    id: UUID
    version: int
    status: Literal["draft"] = "draft"
    request: DraftBody
    created_at: datetime
    updated_at: datetime
