"""What an equity report looks like on the wire."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from contracts.vocabulary import Wire
from kit.periods import Day
from pydantic import Field

Dimension = Literal["schoolKind", "operator", "priority", "region", "month"]


class NewEquityReport(Wire):
    """The months to report on."""

    district_id: UUID
    first_month: Day = Field(description="Any day of the first month.")
    end_month: Day = Field(description="Any day of the month after the last one.")
    minimum: int = Field(default=10, ge=10, le=100, description="Smaller counts are suppressed.")


class Cell(Wire):
    """How fast a group of requests was served, by the nearest rank: in elapsed hours, and in those in which the
    district is open, by the calendar that held at the release."""

    by: dict[Dimension, str] = Field(description="The group; empty: all requests.", examples=[{"priority": "P2"}])
    suppressed: bool = Field(description="True if the count is small, or would let a small one be worked out.")
    requests: int | None = None
    response_hours_median: float | None = Field(default=None, description="From submission to the first answer.")
    response_hours_p90: float | None = None
    completion_hours_median: float | None = Field(default=None, description="From submission to completed work.")
    completion_hours_p90: float | None = None
    response_open_hours_median: float | None = Field(default=None, description="Null without a calendar.")
    response_open_hours_p90: float | None = None
    completion_open_hours_median: float | None = None
    completion_open_hours_p90: float | None = None


class EquityReportView(Wire):
    """A released equity report."""

    id: UUID
    district_id: UUID
    first_month: date
    end_month: date = Field(description="The month after the last one.")
    minimum: int
    released_at: datetime
    cells: list[Cell]
