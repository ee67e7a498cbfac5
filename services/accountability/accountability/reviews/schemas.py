"""What reviews and correction requests look like on the wire."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from contracts.vocabulary import SchoolYear, Wire
from kit.text import Code, Name, Text
from pydantic import Field, model_validator

from accountability.ratings.schemas import Steps
from accountability.runs.schemas import StagedRatingView

Ground = Literal["wrong-figure", "missing-figure", "wrong-group", "wrong-attribute", "other"]
Figure = Annotated[float, Field(allow_inf_nan=False)]


class ReviewView(Wire):
    """A run that you may review until it closes."""

    id: UUID
    framework: str
    version: str
    school_year: SchoolYear
    data_year: SchoolYear
    opens_on: date
    closes_on: date = Field(description="The first day on which it is closed.")
    time_zone: str


class StagedExplanation(Steps):
    """Why a school would have this rating, if it were published as it is."""

    rating: StagedRatingView


class Claim(Wire):
    """What a figure should be; members left out stay."""

    value: Figure | None = None
    category: Name | None = None
    n: int | None = Field(default=None, ge=0, lt=2**63)
    participation: float | None = Field(default=None, ge=0, le=100)


class NewCorrectionRequest(Claim):
    """A figure of one of your schools that is wrong."""

    review_id: UUID
    school_id: UUID
    student_group: Code = "ALL"
    indicator: Code = Field(description="An indicator or attribute of the framework.")
    ground: Ground
    evidence: Text = Field(min_length=1, description="What shows it.")

    @model_validator(mode="after")
    def _claims_something(self) -> Self:
        if all(getattr(self, name) is None for name in Claim.model_fields):
            raise ValueError("say what the figure should be: `value`, `category`, `n` or `participation`")
        return self


class CorrectionDecision(Wire):
    """Whether a figure is corrected, and why."""

    decision: Literal["accepted", "denied"]
    reason: Text = Field(min_length=1)


class CorrectionRequestView(Claim):
    """A request, and how it was decided."""

    id: UUID
    version: int
    review_id: UUID
    school_id: UUID
    student_group: str
    indicator: str
    ground: Ground
    evidence: str
    filed_at: datetime
    decision: Literal["accepted", "denied"] | None
    decision_reason: str | None
    decided_at: datetime | None
    import_number: int | None = Field(
        description="The correction among the measures: only runs that read as far may be published."
    )
