"""What ratings look like on the wire."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from contracts.accountability import NotRatedReason, PublishedState
from contracts.vocabulary import SchoolYear, Wire
from pydantic import Field


class OrderShown(Wire):
    """The order under which there is no rating."""

    number: str
    issuer: str
    issued_on: date
    citation: str
    school_years: list[SchoolYear]
    scores_public: bool


class RatingView(Wire):
    """A published rating. `status` says whether there is one; `score` may be there without a rating."""

    id: UUID
    school_id: UUID = Field(description="The school, or the organization that is rated.")
    student_group: str = Field(description="The group or level of the school that is rated; ALL: the whole.")
    school_name: str
    framework: str
    framework_version: str
    rating_title: str
    school_year: SchoolYear
    data_year: SchoolYear
    revision: int
    status: Literal["rated", "not-rated"]
    rating: str = Field(description="The label as it was published.")
    display_label: str = Field(description="What the version of the framework calls this label now.")
    score: float | None
    reason: str | None = Field(description="Why there is no rating, in the framework's words.")
    reason_code: NotRatedReason | None = Field(description="Why there is none, in the words of all frameworks.")
    labels: dict[str, str | None]
    rating_date: date
    published_at: datetime
    revision_reason: str | None
    state: PublishedState = Field(description="What this revision is, or was until the next one.")
    superseded: bool = Field(description="There is a newer revision.")
    under_appeal: bool
    order: OrderShown | None = Field(description="The order by which there is no rating.")
    legal_source: str | None = Field(description="Where it is written, if people decided the rating on appeal.")
    suppressed: bool = Field(description="Score or rating are hidden, as they would tell of few students.")
    suppression_rule: str | None = Field(description="Why anything is hidden, here or in the explanation.")
    change_version: int | None = Field(description="Absent for the moment until the change is numbered.")


class NodeOutcome(Wire):
    """What one node of the framework gave, and where its rule is written."""

    node: str
    kind: str
    title: str | None = Field(description="What the indicator is called.")
    inputs: list[str] = Field(description="The nodes that it reads; of a points node, its indicator.")
    value: float | None
    label: str | None
    points: float | None
    weight_declared: float | None
    weight_effective: float | None
    reason: str | None
    rule: str | None
    source: str
    suppressed: bool = False
    suppression_rule: str | None = None
    coded: str | None = Field(
        default=None, description="What is said of a hidden rate near its ends.", examples=[">95 %"]
    )


class Steps(Wire):
    """Every step of a run for one school, from measure to label."""

    run_id: UUID
    framework_sha256: str
    engine_version: str
    input_version: int
    attributes: dict[str, float | str] = Field(description="What the rules read of the school itself.")
    outcomes: list[NodeOutcome]


class Explanation(Steps):
    """Why a school has this rating. Under an order that keeps scores back, there are no attributes and outcomes."""

    rating: RatingView
