"""What runs look like on the wire."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID
from zoneinfo import available_timezones

from contracts.accountability import NotRatedReason
from contracts.vocabulary import SchoolYear, Wire
from kit.periods import Day
from kit.text import Code, Text
from pydantic import AfterValidator, Field, model_validator

from accountability.coverage import Scope


def _known_zone(zone: str) -> str:
    if zone not in available_timezones():
        raise ValueError("not an IANA time zone; write it like America/Chicago")
    return zone


TimeZone = Annotated[str, Field(max_length=60, examples=["America/Chicago"]), AfterValidator(_known_zone)]
Purpose = Literal["review", "appeals"]
RunState = Literal["staged", "school-review", "provisional", "official"]


class NewRun(Wire):
    """A framework to apply to the measures of a year."""

    framework: Code = Field(examples=["chicago-sqrp"])
    version: Code = Field(examples=["2018-19"])
    school_year: SchoolYear = Field(examples=[2019])
    input_version: int | None = Field(
        default=None, ge=0, lt=2**31, description="Rate what was known with this file of measures; absent: the newest."
    )
    override_findings: Text | None = Field(
        default=None, min_length=1, description="Why to go on in spite of errors in the measures; kept with the run."
    )


class Override(Wire):
    """Why a run went on in spite of errors in the measures, and how many of each rule there were."""

    reason: str
    errors: dict[str, int]


class CoverageView(Wire):
    """Whom a run rates. A district's covers itself and its own schools, any other all that are measured."""

    scope: Scope
    as_of: date | None = Field(description="The day on which a school's accountable LEA was asked; none: of nobody.")
    subjects: int | None = Field(
        description="How many schools and organizations; none: it ran before they were counted."
    )
    ranks_among: Scope | None = Field(
        description="Whom percentile ranks are among: the subjects that the run covers, and nobody else. None: the"
        " framework has no such ranks."
    )


class RunView(Wire):
    """A run that was done."""

    id: UUID
    framework: str
    version: str
    school_year: SchoolYear
    data_year: SchoolYear
    framework_sha256: str
    engine_version: str
    input_version: int = Field(description="Number of the last file of measures that it read.")
    covers: CoverageView
    schools: int = Field(description="How many ratings it gave, `rated` or not: a school's groups each have one.")
    rated: int
    digest: str = Field(description="SHA-256 of all outcomes: the same inputs give the same.")
    override: Override | None
    created_at: datetime
    published_at: datetime | None
    organization_id: UUID | None = Field(description="Who ran it; none: the platform.")
    state: RunState


class NewWindow(Wire):
    """Days `[opensOn, closesOn)`, in a time zone, on which schools review a run or appeal what was published of it."""

    purpose: Purpose
    opens_on: Day
    closes_on: Day = Field(description="The first day on which it is closed.")
    time_zone: TimeZone = Field(description="Whose days these are: the district's.")

    @model_validator(mode="after")
    def _holds_days(self) -> Self:
        if self.closes_on <= self.opens_on:
            raise ValueError("`closesOn` must lie after `opensOn`: it is the first day on which the window is closed")
        return self


class WindowView(Wire):
    """A window of a run."""

    id: UUID
    purpose: Purpose
    opens_on: date
    closes_on: date
    time_zone: str
    opened_at: datetime


class StagedRatingView(Wire):
    """A rating that nobody has published yet: as the run gave it, or as an order decides it."""

    school_id: UUID = Field(description="The school, or the organization that is rated.")
    student_group: str = Field(description="The group or level of the school that is rated; ALL: the whole.")
    score: float | None
    rating: str
    status: Literal["rated", "not-rated"]
    reason: str | None
    reason_code: NotRatedReason | None
    labels: dict[str, str | None]
