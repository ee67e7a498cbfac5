"""What an enrollment policy may not say, and from which day on a change of it counts. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date

from contracts.registry import EnrollmentType
from kit.errors import FieldError

from registry.enrollment.schemas import EnrollmentPolicyView, NewEnrollmentPolicy

NEEDS_AREA: frozenset[EnrollmentType] = frozenset(
    {"attendance-area", "automatic-assignment", "preference-area-lottery"}
)
NEEDS_TIERS: Mapping[EnrollmentType, tuple[tuple[str, str], ...]] = {
    "attendance-area": (("group", "area-residents"),),
    "automatic-assignment": (("group", "area-residents"), ("selection", "all")),
    "preference-area-lottery": (("group", "area-residents"), ("selection", "lottery")),
    "admissions-criteria": (("selection", "criteria"),),
}
"""What the tiers of a type must speak of, or the type is another one."""


def policy_errors(policy: NewEnrollmentPolicy) -> Iterator[FieldError]:
    """Everything wrong with a policy as such."""
    if policy.valid_to is not None and policy.valid_to <= policy.valid_from:
        message = f"must lie after validFrom, {policy.valid_from}"
        yield FieldError("validTo", "after-start", message, value=str(policy.valid_to))
    if policy.policy_type in NEEDS_AREA and policy.area_id is None:
        yield FieldError("areaId", "missing", f"name the area of a policy of the type {policy.policy_type}")
    if (policy.policy_type == "automatic-assignment") != (policy.refusal is not None):
        message = "an automatic assignment says how parents refuse it, any other policy does not"
        yield FieldError("refusal", "automatic-assignment", message)
    yield from _tier_errors(policy)
    yield from _seat_errors(policy)
    for number, kept in enumerate(policy.grandfathering):
        if kept.until is not None and kept.until <= policy.valid_from:
            message = f"is over before the policy begins, {policy.valid_from}; leave it out"
            yield FieldError(f"grandfathering.{number}.until", "after-start", message, value=str(kept.until))
    for number, promise in enumerate(policy.transport):
        if promise.means == "none" and promise.beyond_miles is not None:
            yield FieldError(f"transport.{number}.beyondMiles", "no-means", "nothing is promised; leave it out")


def _tier_errors(policy: NewEnrollmentPolicy) -> Iterator[FieldError]:
    names = [tier.name for tier in policy.tiers]
    for number, name in enumerate(names):
        if name in names[:number]:
            yield FieldError(f"tiers.{number}.name", "repeated", "name each tier once", value=name)
    for field, word in NEEDS_TIERS.get(policy.policy_type, ()):
        if all(getattr(tier, field) != word for tier in policy.tiers):
            message = f"a policy of the type {policy.policy_type} has a tier with the {field} `{word}`"
            yield FieldError("tiers", f"{policy.policy_type} {field}", message)
    if policy.policy_type == "enrolled-pupils-stay":
        for number, tier in enumerate(policy.tiers):
            if tier.group != "enrolled":
                message = "nobody new is enrolled; grandfathering says who may follow"
                yield FieldError(f"tiers.{number}.group", "enrolled-only", message, value=tier.group)


def _seat_errors(policy: NewEnrollmentPolicy) -> Iterator[FieldError]:
    grades = [seats.grade for seats in policy.seats]
    for number, seats in enumerate(policy.seats):
        if seats.grade in grades[:number]:
            yield FieldError(f"seats.{number}.grade", "repeated", "give each grade's seats once", value=seats.grade)
        if seats.open_seats is not None and seats.open_seats > seats.seats:
            message = f"are part of the {seats.seats} seats of the grade"
            yield FieldError(f"seats.{number}.openSeats", "at-most-seats", message, value=str(seats.open_seats))


def changes_since(before: EnrollmentPolicyView, after: EnrollmentPolicyView) -> date:
    """The first day of which a change says something else than before."""
    same = {"valid_to": None, "version": 0}
    if before.model_copy(update=same) != after.model_copy(update=same):
        return before.valid_from
    return min(before.valid_to or date.max, after.valid_to or date.max)
