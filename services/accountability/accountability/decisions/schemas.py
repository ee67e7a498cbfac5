"""What decisions look like on the wire."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from contracts.vocabulary import Wire
from kit.periods import Day
from kit.text import Name, Text
from pydantic import Field

from accountability.ratings.schemas import RatingView

DecisionKind = Literal[
    "renewal-recommendation",
    "renewal-decision",
    "intervention",
    "eligibility",
    "appeal-decision",
    "closure",
    "other",
]


class Reliance(Wire):
    """A published revision of a rating that a decision relied on."""

    rating_id: UUID
    revision: int = Field(ge=1, lt=2**31)


class NewDecision(Wire):
    """A decision about a school, with what it relied on."""

    school_id: UUID
    kind: DecisionKind
    decided_on: Day
    decided_by: Name = Field(examples=["Board of Education"])
    outcome: Text = Field(min_length=1, examples=["Renewal denied."])
    citation: Name | None = Field(default=None, description="Where it is written.")
    agreement_id: UUID | None = None
    relied_on: list[Reliance] = Field(min_length=1, max_length=100)


class FrozenRating(Wire):
    """The revision on which a decision relied, as it was published, and the run that gave it."""

    run_id: UUID
    rating: RatingView
    withdrawn_at: datetime | None = Field(description="When the rating was taken back, if it is public no more.")


class Outdated(Wire):
    """A newer revision that says something else."""

    rating_id: UUID
    revision: int
    noticed_at: datetime


class DecisionView(Wire):
    """A decision as it was made. If what it relied on was revised or withdrawn since, that is shown beside it."""

    id: UUID
    version: int
    school_id: UUID
    kind: DecisionKind
    decided_on: date
    decided_by: str
    outcome: str
    citation: str | None
    agreement_id: UUID | None
    organization_id: UUID | None = Field(description="Who recorded it; none: the platform.")
    recorded_at: datetime
    relied_on: list[FrozenRating]
    relied_on_outdated: bool = Field(description="Something that it relied on was revised or withdrawn since.")
    outdated_by: list[Outdated]
