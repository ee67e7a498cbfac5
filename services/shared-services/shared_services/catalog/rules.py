"""Which terms of an offering contradict each other."""

from collections.abc import Mapping, Sequence

from contracts.shared_services import ServiceCategory
from kit.errors import FieldError

from shared_services.catalog.intake_form import form_faults
from shared_services.catalog.schemas import GRADES, NewOffering, Prerequisites

KINDS: Mapping[ServiceCategory, Sequence[str]] = {
    "transportation": (
        "recurring-route",
        "stop-change",
        "special-transport",
        "homeless-transport",
        "field-trip",
        "athletics",
        "incident",
    ),
    "maintenance": (
        "repair",
        "preventive",
        "custodial-event",
        "grounds",
        "keys",
        "hvac",
        "utility-outage",
        "playground-safety",
        "move",
        "capital-request",
    ),
}


def contradictions(offering: NewOffering) -> list[FieldError]:
    """What is wrong with an offering's terms taken together."""
    errors = form_faults(offering.intake_form)
    if offering.valid_to is not None and offering.valid_to <= offering.valid_from:
        errors.append(FieldError("validTo", "after-start", f"must lie after validFrom, {offering.valid_from}"))
    if offering.hazard and offering.lead_time_hours > 0:
        errors.append(FieldError("leadTimeHours", "no-notice-for-a-hazard", "a hazard cannot wait: set it to 0"))
    kinds = KINDS[offering.category]
    if offering.kind is not None and offering.kind not in kinds:
        message = f"of {offering.category} there is {', '.join(kinds)}"
        errors.append(FieldError("kind", "of-its-category", message, value=offering.kind))
    return errors + _grade_errors(offering.prerequisites)


def _grade_errors(needed: Prerequisites) -> list[FieldError]:
    low, high = needed.grade_low, needed.grade_high
    if low is None or high is None or GRADES.index(low) <= GRADES.index(high):
        return []
    return [FieldError("prerequisites.gradeHigh", "after-low", f"must not lie below gradeLow, {low}", value=high)]
