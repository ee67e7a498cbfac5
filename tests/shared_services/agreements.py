"""An agreement as the registry says it, for tests of what depends on one."""

from typing import Any

from contracts.registry import AgreementChanged

from tests.shared_services.conftest import Cast

AGREEMENT = "019a6006-1b5f-7685-8b41-d2ddad9bd83f"


def agreement(cast: Cast, until: str = "2027-07-01", after: str = "expired", **more: Any) -> AgreementChanged:
    """An agreement of the district and north for Orr that is in force from July 2024, and what comes after it."""
    plain = {
        "id": AGREEMENT,
        "version": 1,
        "instrument": "in-innovation-network-agreement",
        "instrumentVersion": "2024",
        "jurisdiction": "IN",
        "title": "Agreement",
        "legalBasis": [],
        "parties": [
            {"organizationId": cast.ids["district"], "role": "district"},
            {"organizationId": cast.ids["north"], "role": "operator"},
        ],
        "schools": [{"schoolId": cast.ids["Orr"], "validFrom": "2024-07-01"}],
        "executedOn": "2024-05-01",
        "effectiveFrom": "2024-07-01",
        "firstFullSchoolYear": 2025,
        "textSha256": "0" * 64,
        "standings": [
            {"validFrom": "2024-07-01", "validTo": until, "status": "active", "inForce": True},
            {"validFrom": until, "status": after, "inForce": False},
        ],
    }
    return AgreementChanged.model_validate(plain | more)
