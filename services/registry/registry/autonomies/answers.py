"""What the questions about waivers are answered with: chains, impacts, the matrix."""

from datetime import date
from typing import Literal
from uuid import UUID

from contracts.registry import RuleLayer
from contracts.vocabulary import Wire
from pydantic import AwareDatetime, Field

from registry.autonomies.schemas import RuleView, WaiverKind
from registry.entitlements.schemas import LapsingServiceTerm

LinkKind = Literal["waiver", "agreement", "rule", "waivable"]
Effect = Literal["untouched", "takes-away", "applies"]


class Link(Wire):
    """One thing that must hold for a waiver to hold, whether it does, and where that is written."""

    of: LinkKind
    holds: bool
    says: str
    source: str


class Approved(Wire):
    """An approval on which the agreement rests."""

    title: str
    body: str
    decided_on: date
    says: str
    evidence: str


class Chain(Wire):
    """A waiver, and everything from which it follows that it sets a rule aside, or why it does not."""

    waiver_id: UUID
    agreement_id: UUID
    agreement: str = Field(description="Its title.")
    clause: str
    kind: WaiverKind
    applies_to: str | None
    condition: str | None
    replacement_plan: str
    approver: str
    links: list[Link]
    approvals: list[Approved]

    @property
    def holds(self) -> bool:
        """True if nothing is missing."""
        return all(link.holds for link in self.links)


class WaiverCheck(Wire):
    """Whether a rule is waived for a school on a date, and by what."""

    school_id: UUID
    rule: RuleView
    as_of: date
    known_at: AwareDatetime | None
    waived: bool
    because: str
    by: Chain | None
    others: list[Chain] = Field(description="Waivers that might, and why they do not.")


class LapsingWaiver(Wire):
    """A waiver that a school loses, and with what it falls."""

    waiver_id: UUID
    agreement_id: UUID
    school_id: UUID
    clause: str
    rule_id: UUID | None
    layers: list[RuleLayer]
    because: str


class LapsingAutonomy(Wire):
    """An autonomy that ends with the agreement."""

    autonomy_id: UUID
    agreement_id: UUID
    school_id: UUID | None
    zone_id: UUID | None
    decision_right: str
    level: str


class AgreementImpact(Wire):
    """What would be lost if an agreement were no longer in force from a day on; nothing has happened yet."""

    agreement_id: UUID
    on: date
    waivers: list[LapsingWaiver]
    autonomies: list[LapsingAutonomy]
    service_terms: list[LapsingServiceTerm]


class SchoolImpact(Wire):
    """What a change of a rule does to a school."""

    school_id: UUID
    name: str
    effect: Effect
    because: str
    waiver_id: UUID | None = None
    autonomy_id: UUID | None = None


class Cell(Wire):
    """A rule at a school: waived or not, and by what."""

    rule_id: UUID
    waived: bool
    waiver_id: UUID | None


class MatrixRow(Wire):
    """A school in the matrix."""

    school_id: UUID
    name: str
    cells: list[Cell]


class Matrix(Wire):
    """Schools by rules on a date."""

    as_of: date
    rules: list[RuleView]
    items: list[MatrixRow]
    next_cursor: str | None = None
