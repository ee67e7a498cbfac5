"""What a quantity costs, what the law allows it to cost, how a sum is split: exact fractions until the last cent."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import floor
from uuid import UUID

from kit.errors import FieldError, Invalid

from shared_services.charges.rate_schemas import NewChargingRule, RateTerms
from shared_services.charges.schemas import Reckoning

MAX_CENTS = 10**13


def price(reckoning: Reckoning) -> int:
    """The amount of a reckoning in cents, rounded once, at the end; half a cent away from zero.

    Raises Invalid for an amount that no school ever owes.
    """
    exact = Fraction(reckoning.quantity) * reckoning.cents_per_unit
    if reckoning.pro_rata is not None:
        exact *= Fraction(reckoning.pro_rata.days, reckoning.pro_rata.of_days)
    rounded = floor(abs(exact) + Fraction(1, 2))
    if rounded > MAX_CENTS:
        error = FieldError("quantity", "too-much", f"at {reckoning.cents_per_unit} cents each it is beyond any bill")
        raise Invalid("The amount is out of range.", errors=[error])
    return rounded if exact >= 0 else -rounded


def split(total: int, weights: Sequence[tuple[UUID, Fraction]]) -> dict[UUID, int]:
    """Split `total` cents by positive weights, so that the parts add up to it.

    Each gets the whole cents of its exact part. The cents left over go to the largest remainders, and among equal
    ones to the lowest id: whoever is asked, in whatever order, gives the same answer.
    """
    whole = sum((weight for _, weight in weights), Fraction(0))
    exact = {key: total * weight / whole for key, weight in weights}
    parts = {key: floor(part) for key, part in exact.items()}
    left_over = total - sum(parts.values())
    for key in sorted(exact, key=lambda key: (parts[key] - exact[key], key))[:left_over]:
        parts[key] += 1
    return parts


def unlawful(rate: RateTerms, laws: Iterable[NewChargingRule]) -> list[FieldError]:
    """What is wrong with a rate under the laws that hold, each with its clause."""
    errors = []
    for law in laws:
        if law.kind == "price-not-above-cost" and rate.cents_per_unit > rate.cost_basis_cents:
            message = f"{law.clause}: no more than the cost, {rate.cost_basis_cents} cents, may be charged"
            errors.append(FieldError("centsPerUnit", "above-cost", message, value=str(rate.cents_per_unit)))
        capped = law.kind == "fee-cap" and rate.unit == "percentage-fee"
        if capped and law.cap_cents is not None and rate.cents_per_unit > law.cap_cents:
            message = f"{law.clause}: a fee may be at most {law.cap_cents} cents per 100.00"
            errors.append(FieldError("centsPerUnit", "above-fee-cap", message, value=str(rate.cents_per_unit)))
    return errors
