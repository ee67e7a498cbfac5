"""What orders look like on the wire."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from contracts.vocabulary import SchoolYear, Wire
from kit.periods import Day
from kit.text import Code, Name, Text
from pydantic import Field

OrderedReason = Literal[
    "new-school",
    "no-tested-grades",
    "baseline-granted",
    "framework-suspended",
    "pending",
    "withheld",
    "not-applicable",
]
"""The reasons that people decide; others follow from the measures."""


class NewRatingOrder(Wire):
    """An order that there is no rating."""

    reason_code: OrderedReason = Field(examples=["baseline-granted"])
    school_id: UUID | None = Field(default=None, description="Absent: every school that the framework rates.")
    framework: Code = Field(examples=["chicago-sqrp"])
    school_years: list[SchoolYear] = Field(min_length=1, max_length=10, description="The rating years it is for.")
    number: Name = Field(examples=["SBOE 2022-114"])
    issuer: Name = Field(examples=["State Board of Education"])
    issued_on: Day
    citation: Name = Field(description="Where it is written.", examples=["511 IAC 6.2-10-4"])
    scores_public: bool = Field(default=False, description="The score, its labels and its explanation are published.")


class RatingOrderView(NewRatingOrder):
    """An order, and whether it was lifted."""

    id: UUID
    issued_on: date
    recorded_at: datetime
    lifted_at: datetime | None
    lifted_reason: str | None


class Lifting(Wire):
    """That an order no longer holds, for what is published from now on."""

    reason: Text = Field(min_length=1)
