"""What ratings look like on the wire."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from contracts.vocabulary import SchoolYear, Wire
from pydantic import Field


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
    rating: str
    score: float | None
    reason: str | None = Field(description="Why there is no rating.")
    labels: dict[str, str | None]
    rating_date: date
    published_at: datetime
    revision_reason: str | None
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


class Explanation(Wire):
    """Why a school has this rating: every step from measure to label."""

    rating: RatingView
    run_id: UUID
    framework_sha256: str
    engine_version: str
    input_version: int
    attributes: dict[str, float | str] = Field(description="What the rules read of the school itself.")
    outcomes: list[NodeOutcome]
