"""Who is entitled to what. Safety comes first: a hazard is included, whatever else is true."""

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from contracts.registry import SchoolChanged, SchoolFacts

from shared_services.catalog.schemas import OfferingView
from shared_services.entitlements.schemas import Entitlement, EntitlementFacts

SERVED = {"active", "added", "changed", "new", "reopened"}
"""The operational statuses in which a school takes services."""


class _Ruling(NamedTuple):
    entitled: bool
    rule: Any
    reason: str
    source: str | None


def resolve(school: SchoolChanged, code: str, offering: OfferingView | None, day: date) -> Entitlement:
    """Whether `school` may have the service `code` on `day`; `offering` is what its district lists under the code."""
    facts = school.facts_on(day)
    district = next(iter(school.organizations_on(day, "accountable-lea")), None)
    ruling = _ruling(facts, district, offering, day)
    return Entitlement(
        school_id=school.id,
        offering=code,
        service_date=day,
        service_class="included" if ruling.entitled else "not-offered",
        facts=EntitlementFacts(
            school_name=facts and facts.name,
            operational_status=facts and facts.operational_status,
            arrangement=facts and facts.arrangement,
            operator_ids=school.organizations_on(day, "operator"),
            accountable_district_id=district,
        ),
        **ruling._asdict(),
    )


def _ruling(facts: SchoolFacts | None, district: UUID | None, offering: OfferingView | None, day: date) -> _Ruling:
    if offering is not None and offering.hazard:
        reason = "A hazard is attended to for every school that the district answers for."
        return _Ruling(True, "hazard", reason, offering.entitlement_source)
    if facts is None:
        reason = (
            f"Nothing is known of the school on {day}: before its first and after its last day it counts as closed."
        )
        return _Ruling(False, "closed", reason, None)
    if facts.operational_status not in SERVED:
        reason = f"The school's operationalStatus on {day} is `{facts.operational_status}`."
        return _Ruling(False, "closed", reason, facts.source)
    if offering is None:
        reason = "The school's accountable district lists no service under this code."
        return _Ruling(False, "not-in-catalogue", reason, None)
    source = offering.entitlement_source
    if offering.district_id != district:
        reason = f"On {day} the school answers to another district than the one that offers the service."
        return _Ruling(False, "other-district", reason, source)
    if not offering.covers(day):
        reason = f"The service is offered from {offering.valid_from} until {offering.valid_to or 'further notice'}."
        return _Ruling(False, "not-in-period", reason, source)
    entitled = facts.arrangement in offering.entitled_arrangements
    reason = f"By {source}, a school run as `{facts.arrangement}` is {'' if entitled else 'not '}entitled to it."
    return _Ruling(entitled, "arrangement", reason, source)
