"""What votes and acts look like on the wire."""

from datetime import date, datetime
from typing import Literal, Self
from uuid import UUID

from contracts.vocabulary import Wire
from kit.periods import Day
from kit.text import Text
from pydantic import Field, model_validator

from registry.instruments.document import Decision, Slug
from registry.votes.rules import Verdict

MANY = 10_000_000


class _Approval(Wire):
    """Which step of which decision is answered. What is corrected stays readable as of before."""

    decision: Decision = "establish"
    step: Slug = Field(examples=["teachers"])
    school_id: UUID | None = Field(default=None, description="Where each school decides for itself.")
    text_number: int | None = Field(default=None, ge=1, description="The text decided on; the newest if absent.")
    evidence: Text = Field(min_length=1, examples=["Minutes of 2016-05-12, page 3"])
    corrects: UUID | None = Field(default=None, description="The vote or act recorded in error.")


class NewVote(_Approval):
    """A vote as it was counted. Abstentions are votes cast."""

    eligible: int = Field(ge=0, le=MANY, examples=[41])
    cast: int = Field(ge=0, le=MANY, examples=[30])
    yes: int = Field(ge=0, le=MANY, examples=[24])
    no: int = Field(ge=0, le=MANY, examples=[6])
    abstain: int = Field(default=0, ge=0, le=MANY)
    secret: bool = False
    held_on: Day
    opens_on: Day | None = Field(default=None, description="The first day of the window; heldOn if absent.")
    closes_on: Day | None = Field(default=None, description="The last day of the window; heldOn if absent.")


class Count(Wire):
    """How a board voted."""

    yes: int = Field(ge=0, le=1000)
    no: int = Field(ge=0, le=1000)
    abstain: int = Field(default=0, ge=0, le=1000)


class NewAct(_Approval):
    """A decision of a board or an officer; a denial or return carries written reasons."""

    outcome: Literal["approved", "denied", "returned"]
    decided_on: Day
    count: Count | None = Field(default=None, description="If a board voted.")
    reasons: Text | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.outcome != "approved" and self.reasons is None:
            raise ValueError(f"give `reasons`: what is {self.outcome} is {self.outcome} with written reasons")
        if self.count is not None and self.outcome == "approved" and self.count.yes <= self.count.no:
            raise ValueError(f"{self.count.yes} yes and {self.count.no} no approve nothing")
        return self


class _Recorded(Wire):
    id: UUID
    decision: str
    step: str
    title: str
    body: str
    binding: bool
    school_id: UUID | None
    text_number: int | None
    evidence: str
    citation: str
    actor: str
    recorded_at: datetime


class VoteView(_Recorded):
    """A vote with its computed result. An advisory one decides nothing, whatever its result."""

    electorate: str
    threshold: str
    base: str
    eligible: int
    cast: int
    yes: int
    no: int
    abstain: int
    secret: bool
    opens_on: date
    closes_on: date
    held_on: date
    result: Verdict
    needed: int = Field(description="The yes votes that the threshold asks for.")


class ActView(_Recorded):
    """A decision that was taken."""

    outcome: Literal["approved", "denied", "returned"]
    decided_on: date
    count: Count | None
    reasons: str | None


class ApprovalsView(Wire):
    """Everything that bodies decided about an agreement."""

    votes: list[VoteView]
    acts: list[ActView]
