"""Who is entitled to what. Safety comes first: a hazard is taken, whatever else is true."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from typing import Any, get_args
from uuid import UUID

from contracts.registry import SchoolChanged, SchoolFacts, ServiceTerm
from contracts.vocabulary import EntitlementLayer, ServiceClass

from shared_services.catalog.schemas import GRADES, OfferingView, Price
from shared_services.entitlements.schemas import Decision, Entitlement, EntitlementFacts, Quota, Rule

SERVED = {"active", "added", "changed", "new", "reopened"}
"""The operational statuses in which a school takes services."""

TAKEN: set[ServiceClass] = {"mandated", "included", "opted-in", "purchased"}
PAID: set[ServiceClass] = {"opted-in", "purchased"}
LEFT: set[ServiceClass] = {"opted-out-with-credit", "opted-out-no-credit", "vendor-self-procured"}
"""The classes of a school that does without: it gets the service at its price only."""

LAYERS = get_args(EntitlementLayer)


@dataclass(frozen=True)
class Circumstances:
    """What else bears on a decision: the terms in force on the date, who owns the building, and what was used up."""

    terms: Sequence[ServiceTerm] = ()
    building_owners: AbstractSet[UUID] = frozenset()
    used: int = 0
    hazard: bool = False


@dataclass(frozen=True)
class _Ruling:
    decision: Decision
    rule: Rule
    reason: str
    source: str | None
    service_class: ServiceClass = "not-offered"
    layer: EntitlementLayer | None = None
    more: dict[str, Any] = field(default_factory=dict)


PLAIN = Circumstances()


def school_year_of(day: date) -> int:
    """The school year of a date, by its ending calendar year: it turns on 1 July (NCES)."""
    return day.year + (day.month >= 7)


def prevailing(terms: Iterable[ServiceTerm], code: str, category: str) -> ServiceTerm | None:
    """The term that decides: by layer, then the offering's own before its category's, then the one that began last."""
    matching = [term for term in terms if term.service in (code, category)]

    def rank(term: ServiceTerm) -> tuple[int, bool, int, str, str]:
        began = -term.valid_from.toordinal()
        return LAYERS.index(term.layer), term.service != code, began, term.service_class, term.source

    return min(matching, key=rank, default=None)


def answering(school: SchoolChanged, day: date) -> UUID | None:
    """The district that answers for a school on a day."""
    return next(iter(school.organizations_on(day, "accountable-lea")), None)


def deciding_term(offering: OfferingView, terms: Iterable[ServiceTerm], own: UUID | None) -> ServiceTerm | None:
    """What decides over a service of a school whose `own` district is known.

    That is what the registry lays down of the offering district's services, and for the schools of that district
    the law that its catalogue names.
    """
    found = [term for term in terms if (term.district_id or own) == offering.district_id]
    if offering.mandated_by and offering.district_id == own:
        found.append(
            ServiceTerm(
                service=offering.code,
                service_class="mandated",
                layer="law",
                source=offering.mandated_by,
                valid_from=offering.valid_from,
            )
        )
    return prevailing(found, offering.code, offering.category)


def resolve(
    school: SchoolChanged, code: str, offering: OfferingView | None, day: date, also: Circumstances = PLAIN
) -> Entitlement:
    """Whether `school` may have the service `code` on `day`; `offering` is what is listed for it under the code."""
    facts, district = school.facts_on(day), answering(school, day)
    ruling = _ruling(facts, district, offering, day, also)
    if offering is not None and (offering.hazard or also.hazard):
        ruling = _hazard(ruling, offering)
    said = EntitlementFacts(
        school_name=facts and facts.name,
        operational_status=facts and facts.operational_status,
        arrangement=facts and facts.arrangement,
        operator_ids=school.organizations_on(day, "operator"),
        accountable_district_id=district,
    )
    return _entitlement(school.id, code, offering, day, ruling, said)


def unknown_school(school_id: UUID, district_id: UUID, offering: OfferingView, day: date, hazard: bool) -> Entitlement:
    """The decision as long as nothing was heard of the school: taken, and looked at again."""
    reason = "Nothing is known of the school yet; the request is taken and decided when the registry is heard."
    ruling = _Ruling("accept", "unknown-school", reason, None, "included", more={"provisional": True})
    if offering.hazard or hazard:
        ruling = _hazard(_Ruling("refuse", "unknown-school", reason, None, more={"provisional": True}), offering)
    facts = EntitlementFacts(
        school_name=None,
        operational_status=None,
        arrangement=None,
        operator_ids=[],
        accountable_district_id=district_id,
    )
    return _entitlement(school_id, offering.code, offering, day, ruling, facts)


def _entitlement(
    school_id: UUID, code: str, offering: OfferingView | None, day: date, ruling: _Ruling, facts: EntitlementFacts
) -> Entitlement:
    approvals = [offering.approval] if offering and offering.approval and ruling.decision == "accept" else []
    return Entitlement(
        school_id=school_id,
        offering=code,
        service_date=day,
        entitled=ruling.decision == "accept",
        decision=ruling.decision,
        service_class=ruling.service_class,
        layer=ruling.layer,
        rule=ruling.rule,
        reason=ruling.reason,
        source=ruling.source,
        approvals=["school"] if ruling.decision == "quote" else [] if ruling.rule == "hazard" else approvals,
        facts=facts,
        **ruling.more,
    )


def _hazard(ruling: _Ruling, offering: OfferingView) -> _Ruling:
    """A hazard is taken; if it would not be, whether it is charged is decided later."""
    reason = "A hazard is attended to for every school that the district answers for."
    free = ruling.decision == "accept" and ruling.more.get("price") is None
    more = ruling.more | {"charge_decided_later": not free, "price": None}
    return _Ruling("accept", "hazard", reason, offering.entitlement_source, "included", ruling.layer, more)


def _ruling(
    facts: SchoolFacts | None, district: UUID | None, offering: OfferingView | None, day: date, also: Circumstances
) -> _Ruling:
    if facts is None:
        reason = (
            f"Nothing is known of the school on {day}: before its first and after its last day it counts as closed."
        )
        return _Ruling("refuse", "closed", reason, None)
    if facts.operational_status not in SERVED:
        reason = f"The school's operationalStatus on {day} is `{facts.operational_status}`."
        return _Ruling("refuse", "closed", reason, facts.source)
    if offering is None:
        reason = "The school's accountable district lists no service under this code."
        return _Ruling("refuse", "not-in-catalogue", reason, None)
    source = offering.entitlement_source
    term = deciding_term(offering, also.terms, district)
    if term is None and offering.district_id != district:
        reason = f"On {day} the school answers to another district than the one that offers the service."
        return _Ruling("refuse", "other-district", reason, source)
    if not offering.covers(day):
        reason = f"The service is offered from {offering.valid_from} until {offering.valid_to or 'further notice'}."
        return _Ruling("refuse", "not-in-period", reason, source)
    unmet = _unmet(facts, offering, also.building_owners)
    if unmet is not None:
        return _Ruling("refuse", "prerequisite", unmet, source)
    return _by_arrangement(facts, offering) if term is None else _by_term(term, offering, day, also.used)


def _unmet(facts: SchoolFacts, offering: OfferingView, owners: AbstractSet[UUID]) -> str | None:
    """The first prerequisite that the school does not meet, in words."""
    needed = offering.prerequisites
    if needed.district_owned_building and offering.district_id not in owners:
        whose = "in a building of another owner" if owners else "in no building whose owner the registry names"
        return f"The service is for district-owned buildings; on that day the school is {whose}."
    if needed.school_types and facts.school_type not in needed.school_types:
        return f"The service is for schools of the type {', '.join(needed.school_types)}, not `{facts.school_type}`."
    low, high = needed.grade_low or GRADES[0], needed.grade_high or GRADES[-1]
    if (needed.grade_low or needed.grade_high) and not _has_grades(facts, low, high):
        has = f"{facts.grade_low or 'unknown'} to {facts.grade_high or 'unknown'}"
        return f"The service is for grades {low} to {high}; the school has {has}."
    return None


def _has_grades(facts: SchoolFacts, low: str, high: str) -> bool:
    """True if a grade of the school lies in the span; ungraded and adult schools have none."""
    if facts.grade_low not in GRADES or facts.grade_high not in GRADES:
        return False
    first, last = GRADES.index(facts.grade_low), GRADES.index(facts.grade_high)
    return first <= GRADES.index(high) and GRADES.index(low) <= last


def _by_arrangement(facts: SchoolFacts, offering: OfferingView) -> _Ruling:
    entitled = facts.arrangement in offering.entitled_arrangements
    source = offering.entitlement_source
    reason = f"By {source}, a school run as `{facts.arrangement}` is {'' if entitled else 'not '}entitled to it."
    decision: Decision = "accept" if entitled else "refuse"
    return _Ruling(decision, "arrangement", reason, source, "included" if entitled else "not-offered", "default")


def _by_term(term: ServiceTerm, offering: OfferingView, day: date, used: int) -> _Ruling:
    more: dict[str, Any] = {"credit_cents": term.credit_cents}
    if term.quota is not None:
        count = term.quota.count
        left = max(count - used, 0)
        more["quota"] = Quota(count=count, used=used, remaining=left, school_year=school_year_of(day))
    price = offering.price
    if term.service_class in PAID:
        more["price"] = price
    rule: Rule = "mandate" if term.service_class == "mandated" and term.layer == "law" else "election"
    words = f"By {term.source} ({term.layer}), the service is `{term.service_class}` for the school on {day}"
    spent = term.quota is not None and used >= term.quota.count
    if term.service_class in TAKEN and not spent:
        return _Ruling("accept", rule, f"{words}.", term.source, term.service_class, term.layer, more)
    if spent and term.service_class in TAKEN:
        rule, words = "quota", f"{words}, and all {used} of the school year are used"
    if (spent or term.service_class in LEFT) and _priced(price):
        words = f"{words}; it can have it at its price"
        return _Ruling("quote", rule, f"{words}.", term.source, term.service_class, term.layer, more | {"price": price})
    return _Ruling("refuse", rule, f"{words}.", term.source, term.service_class, term.layer, more)


def _priced(price: Price | None) -> bool:
    return price is not None and price.cents is not None
