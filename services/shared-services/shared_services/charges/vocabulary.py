"""The words of chargeback. Money is whole cents of a currency; months are written as their first day."""

from typing import Annotated, Literal

from contracts.shared_services import PriceModel
from pydantic import Field

Unit = PriceModel
"""What a rate is for. A `percentage-fee` and what is passed through are counted per 100.00 of money."""

YEARLY: frozenset[Unit] = frozenset({"per-pupil", "per-rider", "per-square-foot", "per-fte", "fixed-annual"})
"""Units that pay for a span of days, not for a deed on one day."""

SINGLE: frozenset[Unit] = frozenset({"per-trip", "per-work-order"})
"""Units of which a completed request is exactly one."""

Purpose = Literal["price", "credit"]
ChargeKind = Literal["included", "purchase", "fee", "credit", "repayment", "reversal", "repost", "true-up"]
ChargeStage = Literal["estimate", "approved", "declined", "accrued"]
"""What is written on a line; an accrued line is never written again."""

ChargeStatus = Literal["estimate", "approved", "declined", "accrued", "billed", "disputed", "adjusted", "settled"]
"""How far a line is: its stage, then what later facts make of it (a closed month, a dispute, a payment)."""

RuleKind = Literal["price-not-above-cost", "fee-cap"]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$", description="ISO 4217.", examples=["USD"])]
Cents = Annotated[int, Field(ge=0, le=10**13, description="Whole cents.")]
