"""The library's catalog: every kind of service, as it is written there, is taken by the service as it is."""

from typing import Any, get_args

import pytest
import yaml
from contracts.shared_services import ServiceKind

from tests.conftest import ROOT
from tests.shared_services.conftest import Cast

CATALOG: dict[str, Any] = yaml.safe_load((ROOT / "library" / "catalogs" / "district-services.yaml").read_text())


@pytest.fixture
async def catalog(cast: Cast) -> list[dict[str, Any]]:
    """The offerings as a district has laid them down."""
    levels = CATALOG["serviceLevels"] | {"districtId": str(cast.ids["elsewhere"]), "reason": "The library's"}
    assert (await cast.clients["elsewhere"].post("/v1/service-levels", json=levels)).status_code == 201
    terms = CATALOG["common"] | {"validFrom": "2026-07-01"}
    return [await cast.offer(terms | offering, "elsewhere") for offering in CATALOG["offerings"]]


async def test_the_catalog_has_every_kind_of_service_once(catalog: list[dict[str, Any]]) -> None:
    assert sorted(one["kind"] for one in catalog) == sorted(get_args(ServiceKind))


async def test_what_is_laid_down_says_what_is_written(catalog: list[dict[str, Any]]) -> None:
    for written, said in zip(CATALOG["offerings"], catalog, strict=True):
        shown = {name: said[name] for name in written if name not in ("prerequisites", "price")}
        assert shown == {name: value for name, value in written.items() if name in shown}


async def test_what_the_law_mandates_names_the_law(catalog: list[dict[str, Any]]) -> None:
    named = {one["kind"] for one in catalog if one["mandatedBy"]}
    assert named == {"special-transport", "homeless-transport"}


async def test_a_hazard_of_the_catalog_is_taken_from_a_school_in_any_building(
    cast: Cast, catalog: list[dict[str, Any]]
) -> None:
    await cast.school("Far", "south", "elsewhere")
    repair = await cast.submit("south", "Far", "MNT-REPAIR")
    glass = await cast.submit("south", "Far", "MNT-PLAYGROUND")
    assert (repair["status"], repair["refusal"]["rule"], glass["status"]) == ("refused", "prerequisite", "submitted")
