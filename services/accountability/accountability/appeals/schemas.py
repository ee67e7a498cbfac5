"""What appeals look like on the wire."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from contracts.accountability import NotRatedReason
from contracts.vocabulary import Wire
from kit.text import Name, Text
from pydantic import Field, model_validator

Ground = Literal["data-error", "demographic-shift", "other"]
Outcome = Literal["upheld", "denied"]


class NewAppeal(Wire):
    """An objection to a published rating of one of your schools."""

    rating_id: UUID
    ground: Ground
    evidence: Text = Field(min_length=1, description="What shows it.")


class DecidedRating(Wire):
    """A rating that people decide, with where that is written."""

    status: Literal["rated", "not-rated"]
    rating: Name | None = Field(default=None, description="A band of the framework; absent if there is no rating.")
    score: Annotated[float, Field(allow_inf_nan=False)] | None = None
    reason_code: NotRatedReason | None = Field(default=None, description="Why there is no rating.")
    legal_source: Name

    @model_validator(mode="after")
    def _is_one_or_the_other(self) -> Self:
        if self.status == "rated" and (self.rating is None or self.reason_code is not None):
            raise ValueError("a school that is rated has a `rating` and no `reasonCode`")
        if self.status == "not-rated" and (self.rating is not None or self.reason_code is None):
            raise ValueError("a school that is not rated has a `reasonCode` and no `rating`")
        return self


class AppealDecision(Wire):
    """What becomes of an appeal. One that is upheld is published: by a run, or as decided."""

    decision: Outcome
    reason: Text = Field(min_length=1)
    run_id: UUID | None = Field(default=None, description="The run that gives the rating as it should have been.")
    decided: DecidedRating | None = None

    @model_validator(mode="after")
    def _says_what_becomes_of_the_rating(self) -> Self:
        given = (self.run_id is not None) + (self.decided is not None)
        if self.decision == "upheld" and given != 1:
            raise ValueError("an appeal that is upheld needs `runId` or `decided`, and not both")
        if self.decision == "denied" and given:
            raise ValueError("an appeal that is denied changes nothing: leave out `runId` and `decided`")
        return self


class AppealView(Wire):
    """An appeal, and how it was decided."""

    id: UUID
    version: int
    rating_id: UUID
    revision: int = Field(description="What is appealed.")
    ground: Ground
    evidence: str
    filed_at: datetime
    decision: Outcome | None
    decision_reason: str | None
    decided_at: datetime | None
    decided_revision: int | None = Field(description="What was published of the decision.")
