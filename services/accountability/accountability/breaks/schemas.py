"""What breaks look like on the wire."""

from datetime import datetime
from uuid import UUID

from contracts.vocabulary import SchoolYear, Wire
from kit.text import Code, Name
from pydantic import Field


class NewSeriesBreak(Wire):
    """That figures from a year on are not comparable with those before."""

    framework: Code = Field(examples=["indiana-a-f"])
    indicator: Code | None = Field(default=None, description="None: all figures of the framework.")
    from_year: SchoolYear = Field(description="The first year of the new figures, by the year that they are of.")
    reason: Name = Field(examples=["ISTEP+ was replaced by ILEARN"])
    citation: Name = Field(description="Where it is written.")


class SeriesBreakView(NewSeriesBreak):
    """A break as it was recorded."""

    id: UUID
    recorded_at: datetime
