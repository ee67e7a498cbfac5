"""What accountability says: published ratings, never anything under embargo."""

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from contracts.event import Event
from contracts.vocabulary import SchoolYear, Wire

NotRatedReason = Literal[
    "new-school",
    "no-tested-grades",
    "baseline-granted",
    "too-few-students",
    "low-participation",
    "framework-suspended",
    "missing-data",
    "pending",
    "appeal",
    "withheld",
    "not-applicable",
    "other",
]
"""Why there is no rating, in words that all frameworks share. None of them is zero, an F, or a blank."""

PublishedState = Literal["provisional", "official", "under-appeal", "revised"]
"""What a published rating is; `revised`: it says something else than when it was official."""


class RatingPublished(Event):
    """A school's rating was published or revised, or is under appeal. The newest revision has the highest `version`."""

    service: ClassVar[str] = "accountability"
    aggregate: ClassVar[str] = "rating"
    happened: ClassVar[str] = "published"

    school_id: UUID = Field(description="The school, or the organization that is rated.")
    student_group: str = Field(default="ALL", description="The group or level of it that is rated; ALL: the whole.")
    framework: str = Field(examples=["chicago-sqrp"])
    framework_version: str = Field(examples=["2018-19"])
    rating_title: str
    school_year: SchoolYear
    data_year: SchoolYear
    revision: int = Field(ge=1)
    status: Literal["rated", "not-rated"]
    rating: str = Field(description="The band's label, or the published words for not rated.")
    score: float | None = None
    reason: str | None = Field(default=None, description="Why there is no rating.")
    rating_date: date
    published_at: datetime
    revision_reason: str | None = None
    state: PublishedState = "official"
    reason_code: NotRatedReason | None = Field(
        default=None, description="Why there is none, in words of all frameworks."
    )
    legal_source: str | None = Field(default=None, description="Where it is written, if people decided the rating.")
    suppressed: bool = Field(
        default=False, description="Score or rating are hidden, as they would tell of few students."
    )


class RatingWithdrawn(Event):
    """A rating is public no more: it should never have been. It may be published again, with a higher `version`."""

    service: ClassVar[str] = "accountability"
    aggregate: ClassVar[str] = "rating"
    happened: ClassVar[str] = "withdrawn"

    school_id: UUID = Field(description="The school, or the organization that was rated.")
    student_group: str = "ALL"
    framework: str = Field(examples=["chicago-sqrp"])
    school_year: SchoolYear
    withdrawn_at: datetime
    reason: str


class ReliedOn(Wire):
    """A revision of a rating that a decision relied on."""

    model_config = ConfigDict(extra="ignore")

    rating_id: UUID
    revision: int


class DecisionChanged(Event):
    """A decision was recorded, or a rating that it relied on was revised since. What was decided never changes."""

    service: ClassVar[str] = "accountability"
    aggregate: ClassVar[str] = "decision"
    happened: ClassVar[str] = "changed"

    school_id: UUID
    kind: str = Field(examples=["renewal-decision"])
    decided_on: date
    relied_on: list[ReliedOn]
    relied_on_outdated: bool = Field(description="A newer revision says something else: the decision is for review.")


class FrameworkYearStatus(Wire):
    """What a version of a framework is for a rating year."""

    model_config = ConfigDict(extra="ignore")

    school_year: SchoolYear
    status: Literal["active", "suspended", "superseded", "retired"]
    reason: str | None = None


class DisplayLabel(Wire):
    """A label that is called otherwise now; what was published under it stays as it was."""

    model_config = ConfigDict(extra="ignore")

    label: str
    called: str


class FrameworkChanged(Event):
    """A version of a framework was activated, suspended, superseded, retired, or its labels are called otherwise now.

    Of drafts nobody hears.
    """

    service: ClassVar[str] = "accountability"
    aggregate: ClassVar[str] = "framework"
    happened: ClassVar[str] = "changed"

    framework: str = Field(examples=["chicago-sqrp"])
    framework_version: str = Field(examples=["2018-19"])
    title: str
    owner: str = Field(description="Whose policy it is, as the document says.")
    owner_id: UUID | None = Field(default=None, description="The organization that authors it; none: the platform.")
    sha256: str
    years: list[FrameworkYearStatus]
    display_labels: list[DisplayLabel]


GoalStatus = Literal["met", "approaching", "not-met", "not-measurable", "superseded"]
"""How a goal of an agreement stands in a year. What cannot be measured is not missed."""


class GoalYear(Wire):
    """How a goal stands in a year, and the revision of a rating by which that is so."""

    model_config = ConfigDict(extra="ignore")

    year: SchoolYear = Field(description="The year that the figures are of.")
    yardstick: int = Field(description="1: as it was agreed; a higher one took its place.")
    status: GoalStatus | None = Field(default=None, description="None where it is hidden, as it is of few students.")
    reason: str | None = None
    rating_id: UUID | None = None
    revision: int | None = None
    decided_by: str | None = Field(default=None, description="Who decided it instead of what is computed.")


class GoalEvaluated(Event):
    """A goal of an agreement was evaluated, or evaluated again, by what is published. The figures are the ratings'."""

    service: ClassVar[str] = "accountability"
    aggregate: ClassVar[str] = "goal"
    happened: ClassVar[str] = "evaluated"

    agreement_id: UUID
    school_id: UUID
    title: str
    years: list[GoalYear]


class RollupComputed(Event):
    """A home district's roll-up has a new version. Its figures are not in it: whoever asks sees what it may."""

    service: ClassVar[str] = "accountability"
    aggregate: ClassVar[str] = "rollup"
    happened: ClassVar[str] = "computed"

    organization_id: UUID = Field(description="The home district.")
    framework: str = Field(examples=["chicago-sqrp"])
    school_year: SchoolYear
    data_year: SchoolYear
    computed_at: datetime
    schools: int = Field(description="The schools that stand in it, whether they count or not.")
    figures: list[str] = Field(description="The indicators that are rolled up, beside the framework's own result.")
    reason: str


EVENTS: tuple[type[Event], ...] = (
    RatingPublished,
    RatingWithdrawn,
    DecisionChanged,
    FrameworkChanged,
    GoalEvaluated,
    RollupComputed,
)
