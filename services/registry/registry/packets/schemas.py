"""What is kept of a decision's evidence, and what of it is otherwise now, on the wire."""

from datetime import date
from typing import Literal
from uuid import UUID

from contracts.vocabulary import Wire
from pydantic import AwareDatetime, Field

Deciding = Literal["renew", "notice-non-renewal", "revoke", "terminate"]
"""The transitions that a body decides on the evidence of a packet."""


class ReliedRating(Wire):
    """A revision of a published rating that was in the packet."""

    rating_id: UUID
    school_id: UUID
    framework: str
    student_group: str
    school_year: int
    revision: int
    rating: str


class Differing(ReliedRating):
    """A rating that the decision relied on and that has a later revision now, or was taken back."""

    revision_now: int | None = Field(description="None if it was taken back.")
    rating_now: str | None
    reason: str | None = Field(description="Why it was revised or taken back.")


class EvidenceView(Wire):
    """The evidence of a decision as it was kept, and what of it differs now."""

    agreement_id: UUID
    number: int = Field(description="Of the transition that records the decision.")
    decision: Deciding
    decided_on: date
    kept_at: AwareDatetime
    kept_by: str
    sha256: str = Field(description="Of the kept packet, as UTF-8.")
    ratings: list[ReliedRating]
    differs_now: list[Differing]
