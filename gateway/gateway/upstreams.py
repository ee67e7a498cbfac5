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
        "/v1/reporting-periods",
        "/v1/zones",
        "/v1/lineage-events",
        "/v1/snapshots",
        "/v1/imports",
        "/v1/audit",
    ),
    "accountability": ("/v1/measures", "/v1/frameworks", "/v1/runs", "/v1/ratings"),
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
        "/v1/handovers",
        "/v1/equity-reports",
    ),
}
"""Service -> the first two segments of its paths."""

_SERVICES = {path: service for service, paths in PATHS.items() for path in paths}


def service_of(path: str) -> str | None:
    """The service that answers `path`; None: the gateway itself."""
    return _SERVICES.get("/".join(path.split("/", 3)[:3]))
