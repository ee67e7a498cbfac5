"""What a request has to say: its form, its riders, its place, for whom it is filed, and under which number."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_services.catalog.intake_form import detail_errors, form_faults

from tests.shared_services.conftest import FIELD_TRIP, HVAC, Cast, errors

FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "door": {"type": "string", "pattern": "^D[0-9]+$"},
        "keys": {"type": "integer", "minimum": 1},
        "holders": {"type": "array", "items": {"type": "object", "required": ["role"]}},
    },
    "required": ["door", "keys"],
    "additionalProperties": False,
}


@pytest.fixture
async def formed(cast: Cast) -> Cast:
    """A district that gives out keys by a form."""
    await cast.offer(HVAC | {"code": "MNT-KEYS", "kind": "keys", "intakeForm": FORM})
    return cast


async def test_details_that_fit_the_form_are_kept(formed: Cast) -> None:
    details = {"door": "D12", "keys": 2, "holders": [{"role": "nurse"}]}
    made = await formed.submit("north", "Orr", "MNT-KEYS", details=details)
    assert made["details"] == details


async def test_every_error_of_the_details_points_to_its_place_in_the_body(formed: Cast) -> None:
    details = {"door": "12", "holders": [{"role": "nurse"}, {}], "color": "red"}
    body = formed.body("Orr", "MNT-KEYS", details=details, serviceDate="2026-11-01")
    assert errors(await formed.clients["north"].post("/v1/requests", json=body)) == {
        "details.door": "pattern",
        "details.keys": "missing",
        "details.holders.1.role": "missing",
        "details.color": "additionalProperties",
        "serviceDate": "in-the-past",
    }


async def test_a_service_without_a_form_takes_no_details(cast: Cast) -> None:
    body = cast.body("Orr", details={"door": "D12"})
    assert errors(await cast.clients["north"].post("/v1/requests", json=body)) == {"details": "no-form"}


@pytest.mark.parametrize(
    "form", [{"type": "sentence"}, {"$ref": "http://127.0.0.1:1/form"}, {"$ref": "#/nowhere"}, {"pattern": "("}]
)
async def test_a_form_that_is_no_schema_of_its_own_is_refused(cast: Cast, form: dict[str, Any]) -> None:
    body = HVAC | {"code": "MNT-2", "districtId": str(cast.ids["district"]), "intakeForm": form}
    found = errors(await cast.platform.post("/v1/offerings", json=body))
    assert set(found.values()) == {"json-schema"}


@pytest.mark.parametrize("value", ["\0", [[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]], 2**63, "x" * 20_001])
async def test_details_that_cannot_be_kept_are_refused(formed: Cast, value: object) -> None:
    body = formed.body("Orr", "MNT-KEYS", details={"door": value})
    assert list(errors(await formed.clients["north"].post("/v1/requests", json=body))) == ["body.details"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(form=st.dictionaries(st.sampled_from(["type", "properties", "required", "enum", "items"]), json_values))
def test_any_document_is_a_form_or_has_a_fault(form: dict[str, Any]) -> None:
    if not form_faults(form):
        assert isinstance(detail_errors(form, {"a": 1}), list)


async def test_special_transport_names_riders_by_opaque_references_only(cast: Cast) -> None:
    await cast.offer(FIELD_TRIP | {"code": "TRN-SPECIAL", "kind": "special-transport", "leadTimeHours": 0})
    north = cast.clients["north"]
    named = await north.post("/v1/requests", json=cast.body("Orr", "TRN-SPECIAL", riders=["Mary Jones"]))
    none = await north.post("/v1/requests", json=cast.body("Orr", "TRN-SPECIAL"))
    other = await north.post("/v1/requests", json=cast.body("Orr", riders=["ref-0001"]))
    assert list(errors(named)) == ["body.riders.0"]
    assert errors(none) == {"riders": "missing"}
    assert errors(other) == {"riders": "only-for-special-transport"}
    made = await cast.submit("north", "Orr", "TRN-SPECIAL", riders=["ref-0001"])
    assert made["riders"] == ["ref-0001"]
    assert "riders" not in (await cast.said())[-1].data


async def test_the_department_files_on_behalf_of_the_school(cast: Cast) -> None:
    made = await cast.submit("district", "Orr", onBehalfOf=str(cast.ids["north"]))
    assert made["requestingOrganizationId"] == str(cast.ids["north"])
    assert made["filedByOrganizationId"] == str(cast.ids["district"])
    assert (await cast.move("north", made, "cancelled")).status_code == 200


@pytest.mark.parametrize(
    ("who", "named", "rule"), [("north", "district", "district-only"), ("district", "south", "not-of-the-school")]
)
async def test_nobody_files_for_whom_it_does_not_answer(cast: Cast, who: str, named: str, rule: str) -> None:
    body = cast.body("Orr", onBehalfOf=str(cast.ids[named]))
    assert errors(await cast.clients[who].post("/v1/requests", json=body)) == {"onBehalfOf": rule}


async def test_a_number_of_ones_own_is_used_once(cast: Cast) -> None:
    made = await cast.submit("north", "Orr", externalId="A-1")
    again = await cast.clients["north"].post("/v1/requests", json=cast.body("Orr", externalId="A-1"))
    other = await cast.submit("south", "Mann", externalId="A-1")
    assert (again.status_code, again.json()["requestId"]) == (409, made["id"])
    assert other["externalId"] == "A-1"


async def test_a_request_is_part_of_another_of_the_same_school(cast: Cast) -> None:
    parent = await cast.submit("north", "Orr")
    child = await cast.submit("north", "Orr", parentId=parent["id"])
    listed = (await cast.clients["north"].get("/v1/requests", params={"parentId": parent["id"]})).json()["items"]
    assert [one["id"] for one in listed] == [child["id"]]
    body = cast.body("Mann", parentId=parent["id"])
    assert errors(await cast.clients["south"].post("/v1/requests", json=body)) == {"parentId": "unknown-request"}


async def test_next_years_terms_are_an_offering_of_the_same_code(cast: Cast) -> None:
    this = await cast.offer(HVAC | {"code": "MNT-YEAR", "validTo": "2027-07-01"})
    after = await cast.offer(HVAC | {"code": "MNT-YEAR", "validFrom": "2027-07-01", "entitledArrangements": []})
    found = {}
    for day in ("2027-06-30", "2027-07-01"):
        query = {"schoolId": str(cast.ids["Orr"]), "offering": "MNT-YEAR", "serviceDate": day}
        said = (await cast.platform.get("/v1/entitlements", params=query)).json()
        listed = (await cast.platform.get("/v1/offerings", params={"asOf": day})).json()["items"]
        found[day] = (said["entitled"], [one["id"] for one in listed if one["code"] == "MNT-YEAR"])
    assert found == {"2027-06-30": (True, [this["id"]]), "2027-07-01": (False, [after["id"]])}
    longer = await cast.platform.patch(
        f"/v1/offerings/{this['id']}", json={"validTo": "2027-08-01"}, headers={"if-match": '"1"'}
    )
    assert (longer.status_code, longer.json()["type"]) == (409, "urn:concordat:problem:code-taken")


async def test_terms_of_an_offering_come_back_as_they_were_laid_down(cast: Cast) -> None:
    terms = {
        "kind": "hvac",
        "unit": "work order",
        "included": "Labor",
        "beyondScope": "Portable units",
        "mandatedBy": "Local code 7",
        "prerequisites": {"districtOwnedBuilding": True, "gradeLow": "PK", "gradeHigh": "08", "schoolTypes": []},
        "intakeForm": FORM,
        "price": {"model": "per-work-order", "cents": None},
        "approval": "school",
        "fees": [{"on": "cancelled", "lessThanHours": 24, "cents": 5000}],
        "vendorAllowed": True,
    }
    made = await cast.offer(HVAC | {"code": "MNT-FULL"} | terms)
    assert {name: made[name] for name in terms} == terms
    body = HVAC | {"code": "MNT-3", "districtId": str(cast.ids["district"]), "kind": "field-trip"}
    assert errors(await cast.platform.post("/v1/offerings", json=body)) == {"kind": "of-its-category"}
