"""Whether a claimed figure is possible."""

from kit.errors import FieldError

from accountability.measures.tables import Indicator
from accountability.reviews.schemas import Claim


def faults(claim: Claim, indicator: Indicator) -> list[FieldError]:
    """What is wrong with what is claimed of an indicator."""
    if indicator.kind == "number":
        return _faults_of_number(claim, indicator)
    errors = []
    if claim.value is not None:
        errors.append(FieldError("value", "not-a-number", f"`{indicator.code}` is a {indicator.kind}: give `category`"))
    if indicator.kind == "category" and claim.category is not None and claim.category not in indicator.categories:
        allowed = ", ".join(indicator.categories)
        errors.append(FieldError("category", "unknown-category", f"choose one of {allowed}", value=claim.category))
    return errors


def _faults_of_number(claim: Claim, indicator: Indicator) -> list[FieldError]:
    errors = []
    if claim.category is not None:
        errors.append(FieldError("category", "a-number", f"`{indicator.code}` is a number: give `value`"))
    least, most = indicator.minimum, indicator.maximum
    if claim.value is not None and least is not None and claim.value < least:
        errors.append(FieldError("value", "too-low", f"the least is {least:g}", value=str(claim.value)))
    if claim.value is not None and most is not None and claim.value > most:
        errors.append(FieldError("value", "too-high", f"the most is {most:g}", value=str(claim.value)))
    return errors
