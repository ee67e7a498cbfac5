"""What the closure of requests looks like on the wire."""

from datetime import date, datetime
from uuid import UUID

from contracts.vocabulary import Wire
from kit.text import Name
from pydantic import Field

from shared_services.requests.schemas import RootCause, Satisfaction, Statement


class Finding(Wire):
    """Why the work was needed, and what it was on, as its provider found it."""

    root_cause: RootCause
    asset: Name | None = Field(default=None, description="The asset's number in the district's own books.")


class Opinion(Wire):
    """What the school says of finished work."""

    satisfaction: Satisfaction
    comment: Statement | None = None


class ClosureView(Wire):
    """What is known of a request's closure; null: nobody said it yet."""

    request_id: UUID
    root_cause: RootCause | None
    asset: str | None
    satisfaction: Satisfaction | None
    comment: str | None
    reopened: int = Field(description="How often the work was reopened.")
    updated_at: datetime | None


class ClosureLine(Wire):
    """How well an offering's work was closed that was first completed in some months."""

    offering: str
    completed: int
    reopened: int = Field(description="How many of these were reopened, once or more.")
    reopened_percent: int
    rated: int
    satisfaction_mean: float | None = Field(description="1 to 5; null: nobody said anything.")
    root_causes: dict[str, int]


class ClosureReport(Wire):
    """How well a district's work of some months was closed. For the district itself: it counts single requests."""

    district_id: UUID
    first_month: date
    end_month: date = Field(description="The month after the last one.")
    offerings: list[ClosureLine]
