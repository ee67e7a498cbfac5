"""Which service answers which paths. Paths are the same inside and outside: nothing is rewritten."""

from collections.abc import Mapping, Sequence

PATHS: Mapping[str, Sequence[str]] = {
    "registry": (
        "/v1/organizations",
        "/v1/schools",
        "/v1/buildings",
        "/v1/instruments",
        "/v1/agreements",
        "/v1/rules",
        "/v1/waivers",
        "/v1/autonomies",
        "/v1/election-windows",
        "/v1/service-policies",
        "/v1/enrollment-policies",
        "/v1/deadlines",
        "/v1/reporting-periods",
        "/v1/zones",
        "/v1/lineage-events",
        "/v1/snapshots",
        "/v1/imports",
        "/v1/audit",
        "/v1/reports",
    ),
    "accountability": (
        "/v1/measures",
        "/v1/frameworks",
        "/v1/runs",
        "/v1/rating-orders",
        "/v1/reviews",
        "/v1/correction-requests",
        "/v1/ratings",
        "/v1/rating-snapshots",
        "/v1/rating-corrections",
        "/v1/manifest-keys",
        "/v1/suppression-policies",
        "/v1/appeals",
        "/v1/decisions",
        "/v1/rollups",
        "/v1/rollup-rules",
        "/v1/attributions",
        "/v1/operator-scorecards",
        "/v1/goals",
        "/v1/goal-attainment",
        "/v1/comparisons",
        "/v1/series-breaks",
    ),
    "shared-services": (
        "/v1/offerings",
        "/v1/requests",
        "/v1/request-series",
        "/v1/work-orders",
        "/v1/trips",
        "/v1/attachments",
        "/v1/service-levels",
        "/v1/calendars",
        "/v1/entitlements",
        "/v1/charges",
        "/v1/rates",
        "/v1/charging-rules",
        "/v1/billing-periods",
        "/v1/statements",
        "/v1/disputes",
        "/v1/obligations",
        "/v1/budgets",
        "/v1/handovers",
        "/v1/equity-reports",
        "/v1/closure-reports",
    ),
}
"""Service -> the first two segments of its paths."""

_SERVICES = {path: service for service, paths in PATHS.items() for path in paths}


def service_of(path: str) -> str | None:
    """The service that answers `path`; None: the gateway itself."""
    return _SERVICES.get("/".join(path.split("/", 3)[:3]))
