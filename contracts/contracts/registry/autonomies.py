"""Who decides what at a school, which rules there are, and which of them are set aside."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from contracts.event import Event
from contracts.vocabulary import Period, Wire

DecisionRight = Literal[
    "principal-selection",
    "outside-hiring",
    "refuse-forced-placement",
    "dismissal",
    "staff-evaluation",
    "staff-roles",
    "pay-scale",
    "certification",
    "hours-and-duties",
    "own-employer",
    "lump-sum-budget",
    "actual-salary-budgeting",
    "carry-over",
    "own-purchasing",
    "fundraising-without-offset",
    "money-of-declined-services",
    "curriculum-materials",
    "assessments",
    "grading-and-graduation",
    "course-codes",
    "day-length",
    "start-and-stop-times",
    "days-per-year",
    "early-release-days",
    "decline-district-training",
    "own-training-days",
    "own-board",
    "board-membership",
    "principal-evaluation",
    "decline-services",
    "replace-services",
    "buy-back-services",
    "own-vendors",
    "decline-district-initiatives",
    "district-policies",
    "code-of-conduct",
    "enrollment-rule",
    "attendance-area",
    "discipline",
    "facility-use",
    "facility-alteration",
    "facility-lease",
    "facility-ownership",
    "own-information-system",
    "own-devices",
]
"""What may be decided at a school rather than above it, each by itself (domain 2.1)."""

GrantLevel = Literal["full", "shared", "consult", "none"]
"""How far the holder decides: alone, together with the district, after being heard only, not at all."""

RuleLayer = Literal["statute", "regulation", "district-policy", "labor-contract", "practice"]
"""Where a rule stands. A practice is written nowhere; it is recorded as such."""


class RuleException(Wire):
    """A rule that a blanket waiver leaves in force."""

    model_config = ConfigDict(extra="ignore")

    rule_id: UUID
    citation: str


class RuleChanged(Event, Period):
    """A rule that binds schools was registered or changed. Its period ends with its repeal or renumbering."""

    model_config = ConfigDict(extra="ignore")
    service: ClassVar[str] = "registry"
    aggregate: ClassVar[str] = "rule"
    happened: ClassVar[str] = "changed"

    layer: RuleLayer
    citation: str
    title: str
    organization_id: UUID | None = Field(description="Whose policy, practice or contract it is; none of law.")
    agreement_id: UUID | None = Field(description="The labor contract that it is part of, if it is registered.")
    decision_right: DecisionRight | None = Field(description="What it decides in place of the school.")
    part_of: list[str] = Field(description="The bodies of rules it belongs to, as instruments name them.")
    never_waived_by: str | None = Field(description="The citation by which it can never be waived, if so.")
    successor_id: UUID | None = Field(description="The rule that it became, if it was renumbered.")
    source: str


class WaiverChanged(Event, Period):
    """A waiver was granted or changed. It holds only while its agreement and the rule do."""

    model_config = ConfigDict(extra="ignore")
    service: ClassVar[str] = "registry"
    aggregate: ClassVar[str] = "waiver"
    happened: ClassVar[str] = "changed"

    agreement_id: UUID
    clause: str
    kind: Literal["enumerated", "blanket"]
    rule_id: UUID | None = Field(description="Of an enumerated waiver.")
    layers: list[RuleLayer] = Field(description="Of a blanket waiver: the layers that it sets aside.")
    exceptions: list[RuleException]
    school_ids: list[UUID] = Field(description="None named: every school that the agreement covers.")
    applies_to: str | None = Field(description="In words, the grades or staff that it is for.")
    condition: str | None
    replacement_plan: str = Field(description="How the intent of what is waived is met.")
    approver: str


class AutonomyChanged(Event, Period):
    """A right to decide was granted or changed."""

    model_config = ConfigDict(extra="ignore")
    service: ClassVar[str] = "registry"
    aggregate: ClassVar[str] = "autonomy"
    happened: ClassVar[str] = "changed"

    decision_right: DecisionRight
    level: GrantLevel
    school_id: UUID | None
    zone_id: UUID | None = Field(description="For every school that the zone governs.")
    holder_id: UUID | None = Field(description="The organization that decides.")
    holder_body: str | None = Field(description="The body that decides, for example a school council.")
    condition: str | None
    agreement_id: UUID | None = Field(description="It holds only while this agreement is in force.")
    clause: str = Field(description="The clause of the agreement, or of the statute.")
