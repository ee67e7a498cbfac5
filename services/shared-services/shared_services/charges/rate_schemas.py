"""What rates and the laws on them look like on the wire."""

from typing import Annotated
from uuid import UUID

from contracts.vocabulary import Arrangement, Period, Wire
from kit.periods import Day
from kit.text import Code, Name, Text
from pydantic import Field

from shared_services.charges.vocabulary import Cents, Currency, Purpose, RuleKind, Unit


class RateTerms(Wire):
    """What a unit costs, and what that rests on."""

    purpose: Purpose = Field(default="price", description="`credit`: what a school gets back for leaving a service.")
    unit: Unit
    arrangement: Arrangement | None = Field(default=None, description="For schools run like this; absent: for all.")
    agreement_kind: Code | None = Field(
        default=None,
        description="Only while an agreement of this kind is in force for the school.",
        examples=["in-innovation-network-agreement"],
    )
    cents_per_unit: Cents = Field(examples=[12000])
    cost_basis_cents: Cents = Field(description="What a unit costs the district itself.", examples=[12000])
    currency: Currency = "USD"
    method: Text = Field(min_length=1, description="How the price comes about.", examples=["Last year's cost by pupil"])
    source: Name = Field(examples=["Board report 26-0624-AR1"])
    approval_threshold_cents: Cents | None = Field(
        default=None, description="An estimate of this much or more needs the payer's approval; absent: none does."
    )


class NewRate(RateTerms):
    """A rate to publish, for a period."""

    district_id: UUID
    offering: Code = Field(description="The offering's code.", examples=["CUS-CLEANING"])
    valid_from: Day
    valid_to: Day | None = None


class RateView(NewRate):
    """A published rate."""

    id: UUID
    version: int


class RateEnd(Wire):
    """When a rate ends."""

    valid_to: Day = Field(description="The first day on which it no longer holds.")


class NewChargingRule(Period):
    """What a law or an agreement says about a district's prices."""

    district_id: UUID
    kind: RuleKind
    arrangement: Arrangement | None = Field(default=None, description="For schools run like this; absent: for all.")
    cap_cents: Annotated[int, Field(ge=0, le=10_000)] | None = Field(
        default=None, description="With `fee-cap`: cents per 100.00 of revenue.", examples=[300]
    )
    clause: Name = Field(examples=["IC 20-25.7-4-9"])


class ChargingRuleView(NewChargingRule):
    """A rule that holds for a district's prices."""

    id: UUID


class Proof(Wire):
    """Whether a rate keeps a rule that holds at some time of its period."""

    rule: ChargingRuleView
    kept: bool


class RateProof(Wire):
    """A rate against every rule on it, those that are younger than the rate too."""

    rate: RateView
    proofs: list[Proof]
