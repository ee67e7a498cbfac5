"""Which terms contradict each other."""

from contracts.vocabulary import Period
from kit.errors import FieldError


def contradictions(active: Period, hazard: bool, lead_time_hours: int) -> list[FieldError]:
    """What is wrong with an offering's terms taken together."""
    errors = []
    if active.valid_to is not None and active.valid_to <= active.valid_from:
        errors.append(FieldError("validTo", "after-start", f"must lie after validFrom, {active.valid_from}"))
    if hazard and lead_time_hours > 0:
        errors.append(FieldError("leadTimeHours", "no-notice-for-a-hazard", "a hazard cannot wait: set it to 0"))
    return errors
