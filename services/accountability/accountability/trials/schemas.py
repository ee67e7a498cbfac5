"""What trials look like on the wire."""

from datetime import datetime
from uuid import UUID

from contracts.vocabulary import SchoolYear, Wire
from kit.text import Code
from pydantic import Field

from accountability.trials.rules import Change


class NewTrial(Wire):
    """A version to try on the measures of a past year."""

    version: Code = Field(description="The version to try, a draft usually.", examples=["2025-26"])
    school_year: SchoolYear = Field(description="The rating year whose measures are used.", examples=[2024])
    against: Code | None = Field(default=None, description="The version to compare with; absent: the one in charge.")
    input_version: int | None = Field(
        default=None, ge=0, lt=2**31, description="The measures as known with this file; absent: the newest."
    )


class TrialView(Wire):
    """A trial, and how many would move."""

    id: UUID
    framework: str
    version: str
    sha256: str = Field(description="Of the document as it was tried: a draft may be replaced later.")
    against: str
    school_year: SchoolYear
    input_version: int
    counts: dict[Change, int] = Field(description="How many subjects there are of each change.")
    unmeasured: list[str] = Field(description="Indicators and attributes of the version that nobody has in the year.")
    at: datetime


class TrialRatingView(Wire):
    """How a school, a group or level of it, or an organization is rated by the version in charge and by the other."""

    school_id: UUID
    school_name: str
    student_group: str
    change: Change
    rating_before: str | None
    rating_after: str | None
    score_before: float | None
    score_after: float | None
    status_before: str | None
    status_after: str | None
    reason_before: str | None
    reason_after: str | None
