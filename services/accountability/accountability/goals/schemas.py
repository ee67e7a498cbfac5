"""What agreement goals look like on the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from contracts.accountability import GoalStatus
from contracts.vocabulary import SchoolYear, Wire
from kit.paging import Page
from kit.periods import Day
from kit.text import Code, Name, Text
from pydantic import Field

from accountability.ratings.figures import Kind

Comparison = Literal["absolute", "growth", "gap-to-district", "percentile-in-district", "percentile-in-state"]
"""The figure itself; what it gained over the baseline; how far it is from the district's; the share of schools that
it does better than, an equal one counted by half (0 to 100)."""

NotMeasurable = Literal[
    "not-rated",
    "too-few-students",
    "discontinued",
    "break",
    "no-figure",
    "nothing-to-compare-with",
    "not-on-scale",
    "agreement-not-in-force",
    "withdrawn",
]
"""Why a target of a year cannot be judged. None of them is "not met"."""

Number = Annotated[float, Field(ge=-1e9, le=1e9)]


class Baseline(Wire):
    """Where the school stood, in the terms of the comparison (for growth: the figure itself)."""

    value: Number
    year: SchoolYear = Field(description="The year that the figure is of.")
    source: Name
    framework_version: Code | None = Field(
        default=None, description="The version of the framework that gave a score: growth is within one version."
    )


class Target(Wire):
    """What is to be reached in a year: a value, or a band of the framework."""

    year: SchoolYear = Field(description="The year that the figures are of, whenever the rating is issued.")
    value: Number | None = None
    label: Name | None = Field(default=None, description="The lowest band that meets it.")


class Yardstick(Wire):
    """What a goal is measured by."""

    framework: Code = Field(description="Its published ratings give the figures.", examples=["indiana-a-f"])
    of: Kind
    indicator: Code | None = None
    student_group: Name = "ALL"
    comparison: Comparison = "absolute"
    direction: Literal["at-least", "at-most"] = "at-least"
    minimum_n: int | None = Field(default=None, ge=1, le=100_000, description="Of fewer students nothing is judged.")
    approaching_from: float | None = Field(
        default=None, gt=0, lt=1, description="The share of the way from baseline to target that is `approaching`."
    )
    baseline: Baseline | None = None
    targets: list[Target] = Field(min_length=1, max_length=30)


class NewGoal(Wire):
    """A goal that an agreement sets a school."""

    agreement_id: UUID
    school_id: UUID
    title: Name = Field(examples=["80 % pass the reading test by the third year"])
    clause: Name = Field(description="Where it is written.", examples=["Exhibit B, 3.2"])
    laid_down_in: Literal["agreement", "charter"] = Field(
        default="agreement", description="Some laws allow no goals beyond those of the school's charter."
    )
    consequence: Text = Field(min_length=1, examples=["The board may end the agreement early."])
    yardstick: Yardstick


class Approval(Wire):
    """Who let another yardstick take the place of the one before, and why."""

    approved_by: Name = Field(examples=["Board of Education"])
    approved_on: Day
    reason: Text = Field(min_length=1, examples=["ISTEP+ is no longer given."])
    clause: Name


class NewSubstitution(Approval):
    """Another yardstick from a year on."""

    from_year: SchoolYear
    yardstick: Yardstick


class NewOverride(Wire):
    """What people decided of a year, whatever is computed."""

    year: SchoolYear
    status: GoalStatus | None = Field(description="None: what is computed counts again.")
    reason: Text = Field(min_length=1)
    decided_by: Name


class YardstickView(Yardstick):
    """A yardstick as it was laid down."""

    number: int
    from_year: SchoolYear
    approval: Approval | None = Field(description="None of the first, which the agreement itself lays down.")
    recorded_at: datetime


class Compared(Wire):
    """What the figure was compared with."""

    district_id: UUID | None
    schools: int = Field(description="Of which there is a figure that everybody may see, this school left out.")
    weighted_by: Literal["students", "schools"]
    value: float | None = Field(description="Their mean; none for percentiles.")


class Found(Wire):
    """What an evaluation used and worked out."""

    framework_version: str | None = None
    school_year: SchoolYear | None = Field(default=None, description="The rating year.")
    figure: float | None = None
    rating: str | None = None
    n: int | None = None
    compared: Compared | None = None
    measured: float | None = Field(default=None, description="In the terms of the comparison.")
    target: Target | None = None
    share_of_way: float | None = Field(default=None, description="From the baseline to the target.")
    because: str | None = Field(default=None, description="More of the reason.")
    coded: str | None = Field(
        default=None, description="What everybody may know of a hidden rate near its end.", examples=[">95 %"]
    )


class EvaluationView(Wire):
    """An evaluation as it was made; if it is superseded, another took its place."""

    yardstick: int
    year: SchoolYear
    number: int
    status: GoalStatus | None = Field(description="None if it is hidden, as it is of few students.")
    reason: str | None
    rating_id: UUID | None
    revision: int | None
    input_version: int | None = Field(description="The last file of measures that the rating's run read.")
    found: Found | None = Field(description="Of what is hidden, at most that a rate is near its end.")
    suppressed: bool
    evaluated_at: datetime


class OverrideView(NewOverride):
    """What was decided of a year."""

    recorded_at: datetime


class OutcomeView(Wire):
    """How a year stands: as decided by people, else as computed; `pending` until there are figures."""

    year: SchoolYear
    yardstick: int
    status: GoalStatus | Literal["pending"] | None
    computed: EvaluationView | None
    override: OverrideView | None


class GoalView(Wire):
    """A goal, all it was ever measured by, and how each year stands."""

    id: UUID
    version: int
    agreement_id: UUID
    school_id: UUID
    school_name: str
    title: str
    clause: str
    laid_down_in: str
    consequence: str
    organization_id: UUID | None = Field(description="Who recorded it; none: the platform.")
    recorded_at: datetime
    yardsticks: list[YardstickView]
    outcomes: list[OutcomeView]


class AttainmentLine(Wire):
    """How a goal stands in a year."""

    goal_id: UUID
    agreement_id: UUID
    school_id: UUID
    school_name: str
    title: str
    year: SchoolYear
    yardstick: int
    measured_by: str
    target: str
    status: str = Field(description="A status of goals, `pending`, or `suppressed`.")
    measured: float | None
    coded: str | None = Field(description="What everybody may know of a hidden rate near its end.")
    n: int | None
    reason: str | None
    decided_by: str | None = Field(description="Who decided it instead of what is computed.")
    evaluated_at: datetime | None


class Attainment(Page[AttainmentLine]):
    """How many targets are met, and each of them."""

    known_at: datetime
    counts: dict[str, int]
