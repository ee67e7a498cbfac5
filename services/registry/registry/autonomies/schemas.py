"""What rules, waivers and autonomies look like on the wire."""

from typing import Literal
from uuid import UUID

from contracts.registry import DecisionRight, GrantLevel, RuleException, RuleLayer
from contracts.vocabulary import Wire
from kit.periods import Day
from kit.text import Name, Text
from pydantic import ConfigDict, Field

WaiverKind = Literal["enumerated", "blanket"]


class NewRule(Wire):
    """A rule that binds schools, as it is called from a date on."""

    layer: RuleLayer
    citation: Text = Field(min_length=1, examples=["C.R.S. 22-63-203"])
    title: Name
    organization_id: UUID | None = Field(default=None, description="Whose policy, practice or contract; none of law.")
    agreement_id: UUID | None = Field(default=None, description="The labor contract, if it is registered here.")
    decision_right: DecisionRight | None = Field(default=None, description="What it decides in place of the school.")
    part_of: list[Name] = Field(
        default_factory=list, max_length=20, description="The bodies of rules it belongs to, as instruments name them."
    )
    never_waived_by: Text | None = Field(default=None, min_length=1, description="The citation that forbids waivers.")
    successor_id: UUID | None = Field(default=None, description="The rule that it became, if it was renumbered.")
    valid_from: Day
    valid_to: Day | None = Field(default=None, description="The first day on which it is repealed or renumbered.")
    source: Text = Field(min_length=1)


class RulePatch(Wire):
    """What to change of a rule; members left out stay."""

    title: Name | None = None
    agreement_id: UUID | None = None
    decision_right: DecisionRight | None = None
    part_of: list[Name] | None = Field(default=None, max_length=20)
    never_waived_by: Text | None = Field(default=None, min_length=1)
    successor_id: UUID | None = None
    valid_to: Day | None = None
    source: Text | None = Field(default=None, min_length=1)


class RuleView(NewRule):
    """A rule as it is known."""

    id: UUID
    version: int


class StatedException(RuleException):
    """A rule that a blanket waiver leaves in force, as it is written."""

    model_config = ConfigDict(extra="forbid")

    citation: Text = Field(min_length=1)


class NewWaiver(Wire):
    """A waiver of one rule, or of whole layers with exceptions, under an agreement."""

    agreement_id: UUID
    clause: Text = Field(min_length=1, examples=["Section IV.B, waiver 3"])
    kind: WaiverKind
    rule_id: UUID | None = Field(default=None, description="Of an enumerated waiver.")
    layers: list[RuleLayer] = Field(default_factory=list, max_length=5, description="Of a blanket waiver.")
    exceptions: list[StatedException] = Field(
        default_factory=list, max_length=500, description="What a blanket waiver leaves in force, and why."
    )
    school_ids: list[UUID] = Field(
        default_factory=list, max_length=500, description="None named: every school that the agreement covers."
    )
    applies_to: Text | None = Field(default=None, min_length=1, description="The grades or staff that it is for.")
    condition: Text | None = Field(default=None, min_length=1, examples=["Only while rated 3 or better."])
    replacement_plan: Text = Field(min_length=1, description="How the intent of what is waived is met.")
    approver: Text = Field(min_length=1, examples=["State Board of Education, 2021-06-09"])
    valid_from: Day
    valid_to: Day | None = None


class WaiverPatch(Wire):
    """What to change of a waiver; members left out stay. What it waives does not change: end it, grant another."""

    clause: Text | None = Field(default=None, min_length=1)
    exceptions: list[StatedException] | None = Field(default=None, max_length=500)
    school_ids: list[UUID] | None = Field(default=None, max_length=500)
    applies_to: Text | None = Field(default=None, min_length=1)
    condition: Text | None = Field(default=None, min_length=1)
    replacement_plan: Text | None = Field(default=None, min_length=1)
    approver: Text | None = Field(default=None, min_length=1)
    valid_to: Day | None = None


class WaiverView(NewWaiver):
    """A waiver as it is known."""

    id: UUID
    version: int


class NewAutonomy(Wire):
    """A right to decide, at a school or at every school that a zone governs."""

    decision_right: DecisionRight
    level: GrantLevel
    school_id: UUID | None = None
    zone_id: UUID | None = None
    holder_id: UUID | None = Field(default=None, description="The organization that decides.")
    holder_body: Name | None = Field(default=None, description="The body that decides, e.g. the school council.")
    condition: Text | None = Field(default=None, min_length=1)
    agreement_id: UUID | None = Field(default=None, description="The agreement that grants it; none: a statute does.")
    clause: Text = Field(min_length=1, description="The clause of the agreement, or the statute.")
    valid_from: Day
    valid_to: Day | None = None


class AutonomyPatch(Wire):
    """What to change of an autonomy; members left out stay. Another level from a date on is another autonomy."""

    condition: Text | None = Field(default=None, min_length=1)
    clause: Text | None = Field(default=None, min_length=1)
    valid_to: Day | None = None


class AutonomyView(NewAutonomy):
    """An autonomy as it is known."""

    id: UUID
    version: int


class HeldAutonomy(Wire):
    """An autonomy on a date, and why it holds then or does not."""

    autonomy: AutonomyView
    holds: bool
    because: str
