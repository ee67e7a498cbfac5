"""What districts offer."""

import asyncio

import pytest

from tests.shared_services.conftest import FIELD_TRIP, HVAC, Cast, errors


async def test_a_district_offers_a_service_and_everybody_reads_it(cast: Cast) -> None:
    made = await cast.offer(HVAC | {"code": "MNT-007"})
    read = await cast.clients["north"].get(f"/v1/offerings/{made['id']}")
    assert read.json() == made
    assert (made["code"], made["leadTimeHours"], made["hazard"], made["validTo"]) == ("MNT-007", 0, False, None)


@pytest.mark.parametrize("who", ["north", "elsewhere", "state"])
async def test_only_the_district_itself_changes_its_catalogue(cast: Cast, who: str) -> None:
    body = HVAC | {"code": "MNT-2", "districtId": str(cast.ids["district"])}
    offered = (await cast.platform.get("/v1/offerings")).json()["items"][0]
    patch, tag = {"name": "Mine"}, {"if-match": '"1"'}
    made = await cast.clients[who].post("/v1/offerings", json=body)
    changed = await cast.clients[who].patch(f"/v1/offerings/{offered['id']}", json=patch, headers=tag)
    assert (made.status_code, changed.status_code) == (403, 403)


async def test_an_operator_has_no_catalogue_of_its_own(cast: Cast) -> None:
    body = HVAC | {"districtId": str(cast.ids["north"])}
    assert (await cast.clients["north"].post("/v1/offerings", json=body)).status_code == 403
    assert errors(await cast.platform.post("/v1/offerings", json=body)) == {"districtId": "unknown-district"}


async def test_a_code_is_used_once_in_a_district_and_again_in_another(cast: Cast) -> None:
    body = HVAC | {"districtId": str(cast.ids["district"])}
    again = await cast.clients["district"].post("/v1/offerings", json=body)
    assert (again.status_code, again.json()["errors"][0]["field"]) == (409, "code")
    assert (await cast.offer(HVAC, "elsewhere"))["code"] == "MNT-HVAC"


async def test_the_same_offer_sent_twice_under_one_key_is_one(cast: Cast) -> None:
    body = HVAC | {"code": "MNT-TWICE", "districtId": str(cast.ids["district"])}
    send = [cast.platform.post("/v1/offerings", json=body, headers={"idempotency-key": "k"}) for _ in range(5)]
    answers = await asyncio.gather(*send)
    assert {(answer.status_code, answer.json()["id"]) for answer in answers} == {(201, answers[0].json()["id"])}


async def test_offerings_are_found_by_category_and_district(cast: Cast) -> None:
    await cast.offer(FIELD_TRIP, "elsewhere")
    query = f"category=transportation&districtId={cast.ids['elsewhere']}"
    items = (await cast.platform.get(f"/v1/offerings?{query}")).json()["items"]
    assert [(item["code"], item["districtId"]) for item in items] == [("TRN-FIELD-TRIP", str(cast.ids["elsewhere"]))]


async def test_an_offering_is_changed_by_whoever_read_its_present_version(cast: Cast) -> None:
    offered = await cast.offer(HVAC | {"code": "MNT-2"})
    url, district = f"/v1/offerings/{offered['id']}", cast.clients["district"]
    blind = await district.patch(url, json={"leadTimeHours": 24})
    changed = await district.patch(url, json={"leadTimeHours": 24}, headers={"if-match": '"1"'})
    late = await district.patch(url, json={"leadTimeHours": 12}, headers={"if-match": '"1"'})
    unchanged = await district.get(url, headers={"if-none-match": changed.headers["etag"]})
    assert [answer.status_code for answer in (blind, changed, late, unchanged)] == [428, 200, 412, 304]
    assert changed.json() == offered | {"leadTimeHours": 24, "version": 2}


async def test_a_change_of_terms_is_said_and_what_was_before_is_kept(cast: Cast) -> None:
    offered = await cast.offer(HVAC | {"code": "MNT-2"})
    url, tag = f"/v1/offerings/{offered['id']}", {"if-match": '"1"'}
    await cast.clients["district"].patch(url, json={"entitledArrangements": []}, headers=tag)
    row = (await cast.said())[-1]
    assert (row.type, row.version, row.actor) == ("concordat.shared-services.offering.changed.v1", 2, "district")
    assert (row.data["entitledArrangements"], row.before["entitledArrangements"]) == (
        [],
        ["traditional", "contracted-manager"],
    )


async def test_terms_that_contradict_each_other_are_refused_all_at_once(cast: Cast) -> None:
    broken = {"validTo": "2020-07-01", "hazard": True, "leadTimeHours": 1}
    body = HVAC | {"code": "MNT-2", "districtId": str(cast.ids["district"])}
    made = await cast.platform.post("/v1/offerings", json=body | broken)
    offered = await cast.offer(body)
    changed = await cast.platform.patch(f"/v1/offerings/{offered['id']}", json=broken, headers={"if-match": '"1"'})
    expected = {"validTo": "after-start", "leadTimeHours": "no-notice-for-a-hazard"}
    assert errors(made) == errors(changed) == expected
    assert (await cast.platform.get(f"/v1/offerings/{offered['id']}")).json() == offered


@pytest.mark.parametrize("name", ["name", "description", "entitledArrangements", "hazard", "validFrom"])
async def test_a_null_is_no_value_for_a_term(cast: Cast, name: str) -> None:
    offered = await cast.offer(HVAC | {"code": "MNT-2"})
    answer = await cast.platform.patch(f"/v1/offerings/{offered['id']}", json={name: None}, headers={"if-match": '"1"'})
    assert list(errors(answer)) == [f"body.{name}"]


async def test_an_end_is_taken_back_with_null(cast: Cast) -> None:
    offered = await cast.offer(HVAC | {"code": "MNT-2", "validTo": "2027-07-01"})
    url = f"/v1/offerings/{offered['id']}"
    answer = await cast.platform.patch(url, json={"validTo": None}, headers={"if-match": '"1"'})
    assert answer.json()["validTo"] is None


async def test_an_unknown_offering_is_not_found(cast: Cast) -> None:
    url = f"/v1/offerings/{cast.ids['north']}"
    changed = await cast.platform.patch(url, json={}, headers={"if-match": '"1"'})
    assert ((await cast.platform.get(url)).status_code, changed.status_code) == (404, 404)
