"""What reporting periods look like on the wire."""

from datetime import date
from uuid import UUID

from contracts.vocabulary import Wire
from kit.text import Name
from pydantic import AwareDatetime, Field


class NewReportingPeriod(Wire):
    """A period to lock."""

    name: Name = Field(examples=["October count 2026"])
    until: date = Field(description="The first day that stays open; every day before it is locked.")
    locked_at: AwareDatetime | None = Field(default=None, description="From when the lock holds; now if absent.")


class ReportingPeriodView(Wire):
    """A locked period."""

    id: UUID
    organization_id: UUID | None = Field(description="Whose schools it locks; none: everybody's.")
    name: str
    until: date
    locked_at: AwareDatetime
