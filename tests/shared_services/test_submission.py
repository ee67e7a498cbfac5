"""Requests come in: who may ask, for what, when, and what is put on record."""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.shared_services.conftest import FIELD_TRIP, Cast, errors, facts, held


async def test_an_entitled_request_is_acknowledged_and_not_yet_accepted(cast: Cast) -> None:
    made = await cast.submit("north", "Orr", externalId="0042")
    assert (made["status"], made["refusal"], made["entitlement"]["entitled"]) == ("submitted", None, True)
    assert (made["schoolName"], made["serviceDate"], made["externalId"]) == ("Orr", "2026-11-24", "0042")
    assert (made["requestingOrganizationId"], made["providingOrganizationId"]) == (
        str(cast.ids["north"]),
        str(cast.ids["district"]),
    )


async def test_numbers_count_by_category_and_year_and_keep_their_zeros(cast: Cast) -> None:
    numbers = [(await cast.submit("north", "Orr"))["number"] for _ in range(2)]
    trip = await cast.submit("north", "Orr", "TRN-FIELD-TRIP", serviceDate="2027-02-01")
    cast.now = datetime(2027, 1, 1, 12, tzinfo=UTC)
    assert [*numbers, trip["number"]] == ["MNT-2026-000001", "MNT-2026-000002", "TRN-2026-000001"]
    assert (await cast.submit("north", "Orr"))["number"] == "MNT-2027-000001"


async def test_a_request_without_entitlement_is_put_on_record_as_refused_with_the_clause(cast: Cast) -> None:
    made = await cast.submit("charters", "Charter")
    assert made["status"] == "refused"
    assert made["refusal"]["rule"] == "arrangement"
    assert "independent-charter" in made["refusal"]["reason"]
    assert made["refusal"]["source"] == "Services handbook, 7.1"
    assert re.fullmatch(r"MNT-2026-\d{6}", made["number"])


async def test_a_hazard_is_taken_from_a_school_that_is_entitled_to_nothing(cast: Cast) -> None:
    made = await cast.submit("charters", "Charter", "MNT-GAS-LEAK")
    assert (made["status"], made["refusal"]) == ("submitted", None)


async def test_a_hazard_is_still_taken_only_from_those_who_answer_for_the_school(cast: Cast) -> None:
    answer = await cast.clients["north"].post("/v1/requests", json=cast.body("Charter", "MNT-GAS-LEAK"))
    assert errors(answer) == {"schoolId": "not-yours"}


async def test_a_decision_stays_as_it_was_when_the_terms_change(cast: Cast) -> None:
    made = await cast.submit("north", "Orr")
    offered = (await cast.platform.get("/v1/offerings?category=maintenance")).json()["items"][0]
    url, tag = f"/v1/offerings/{offered['id']}", {"if-match": '"1"'}
    await cast.platform.patch(url, json={"entitledArrangements": []}, headers=tag)
    assert (await cast.clients["north"].get(f"/v1/requests/{made['id']}")).json() == made
    assert (await cast.submit("north", "Orr"))["status"] == "refused"


async def test_the_district_asks_for_its_own_schools_and_for_those_that_others_run(cast: Cast) -> None:
    made = [await cast.submit("district", school) for school in ("Public", "Orr")]
    assert {one["requestingOrganizationId"] for one in made} == {str(cast.ids["district"])}


async def test_the_platform_asks_on_behalf_of_the_operator_or_else_of_the_district(cast: Cast) -> None:
    made = [await cast.submit("platform", school) for school in ("Orr", "Public")]
    asked = [one["requestingOrganizationId"] for one in made]
    assert asked == [str(cast.ids["north"]), str(cast.ids["district"])]


@pytest.mark.parametrize("who", ["south", "elsewhere", "state"])
async def test_nobody_else_learns_whether_the_school_exists(cast: Cast, who: str) -> None:
    cast.ids["nowhere"] = uuid4()
    told = []
    for school in ("Orr", "nowhere"):
        answer = await cast.clients[who].post("/v1/requests", json=cast.body(school))
        assert errors(answer) == {"schoolId": "not-yours"}
        said = {name: value for name, value in answer.json().items() if name != "traceId"}
        told.append(json.dumps(said).replace(str(cast.ids[school]), ""))
    assert told[0] == told[1]


async def test_who_may_ask_turns_at_midnight_in_the_district(cast: Cast) -> None:
    turn = [
        held(cast.ids["district"], "accountable-lea"),
        held(cast.ids["north"], "operator", "2018-07-01", "2027-07-01"),
        held(cast.ids["south"], "operator", "2027-07-01"),
    ]
    await cast.school("Turn", assignments=turn)
    last_minute = datetime(2027, 7, 1, 4, 59, tzinfo=UTC)  # 30 June, 23:59 in Chicago
    seen = []
    for cast.now in (last_minute, last_minute + timedelta(minutes=1)):
        answers = [await cast.clients[who].post("/v1/requests", json=cast.body("Turn")) for who in ("north", "south")]
        seen.append([answer.status_code for answer in answers])
    assert seen == [[201, 422], [422, 201]]


async def test_a_service_date_may_be_today_in_the_district_but_not_yesterday(cast: Cast) -> None:
    cast.now = datetime(2026, 11, 25, 5, 59, tzinfo=UTC)  # still the 24th in Chicago
    bodies = [cast.body("Orr", serviceDate=day) for day in ("2026-11-24", "2026-11-23")]
    today, yesterday = [await cast.clients["north"].post("/v1/requests", json=body) for body in bodies]
    assert today.status_code == 201
    assert errors(yesterday) == {"serviceDate": "in-the-past"}


async def test_notice_of_exactly_48_hours_before_the_day_begins_is_enough(cast: Cast) -> None:
    body = cast.body("Orr", "TRN-FIELD-TRIP", serviceDate="2026-11-27")
    cast.now = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)  # midnight in Chicago
    in_time = await cast.clients["north"].post("/v1/requests", json=body)
    cast.now += timedelta(seconds=1)
    late = await cast.clients["north"].post("/v1/requests", json=body)
    assert in_time.status_code == 201
    assert errors(late) == {"serviceDate": "lead-time"}
    assert "48 hours" in late.json()["errors"][0]["message"]


async def test_notice_is_counted_in_hours_when_the_clocks_change(cast: Cast) -> None:
    body = cast.body("Orr", "TRN-FIELD-TRIP", serviceDate="2027-03-15")  # the 14th has 23 hours in Chicago
    cast.now = datetime(2027, 3, 13, 5, 0, tzinfo=UTC)
    in_time = await cast.clients["north"].post("/v1/requests", json=body)
    cast.now = datetime(2027, 3, 13, 6, 0, tzinfo=UTC)  # midnight two days before
    late = await cast.clients["north"].post("/v1/requests", json=body)
    assert in_time.status_code == 201
    assert errors(late) == {"serviceDate": "lead-time"}


async def test_a_code_that_the_district_does_not_list_is_refused_with_the_list_to_choose_from(cast: Cast) -> None:
    body = cast.body("Orr", "MNT-NONE", serviceDate="2020-01-01")
    answer = await cast.clients["north"].post("/v1/requests", json=body)
    assert errors(answer) == {"serviceDate": "in-the-past", "offering": "not-in-catalogue"}
    assert f"/v1/offerings?districtId={cast.ids['district']}" in answer.text


async def test_a_request_for_a_day_after_the_school_closed_is_refused_on_record(cast: Cast) -> None:
    known = [facts("Shut", "2018-07-01", "2027-07-01"), facts("Shut", "2027-07-01", operational_status="closed")]
    await cast.school("Shut", "north", facts=known)
    made = await cast.submit("north", "Shut", serviceDate="2027-07-01")
    assert (made["status"], made["refusal"]["rule"]) == ("refused", "closed")
    assert "closed" in made["refusal"]["reason"]


async def test_each_district_takes_requests_by_its_own_catalogue(cast: Cast) -> None:
    await cast.school("Far", "south", "elsewhere")
    await cast.offer(FIELD_TRIP | {"leadTimeHours": 0, "entitlementSource": "Transport policy"}, "elsewhere")
    made = await cast.submit("south", "Far", "TRN-FIELD-TRIP")
    assert (made["providingOrganizationId"], made["entitlement"]["source"]) == (
        str(cast.ids["elsewhere"]),
        "Transport policy",
    )


@pytest.mark.parametrize("description", ["", "   \n", "a\u0000b", "x" * 4001, None, 7])
async def test_a_description_says_something_that_can_be_kept(cast: Cast, description: object) -> None:
    answer = await cast.clients["north"].post("/v1/requests", json=cast.body("Orr") | {"description": description})
    assert list(errors(answer)) == ["body.description"]


async def test_half_a_character_is_no_text(cast: Cast) -> None:
    body = json.dumps(cast.body("Orr", description="\ud83d"))
    headers = {"content-type": "application/json"}
    answer = await cast.clients["north"].post("/v1/requests", content=body, headers=headers)
    assert list(errors(answer)) == ["body.description"]


async def test_all_errors_of_a_body_are_told_at_once(cast: Cast) -> None:
    body = {"schoolId": "x", "offering": "no code", "serviceDate": "2026-02-30", "priority": 1}
    answer = await cast.clients["north"].post("/v1/requests", json=body)
    fields = ("schoolId", "offering", "serviceDate", "priority", "description")
    assert set(errors(answer)) == {f"body.{name}" for name in fields}


async def test_the_same_request_sent_fifty_times_at_once_is_one(cast: Cast) -> None:
    north, key = cast.clients["north"], {"idempotency-key": "order-7"}
    answers = await asyncio.gather(*(north.post("/v1/requests", json=cast.body("Orr"), headers=key) for _ in range(50)))
    listed = (await north.get("/v1/requests")).json()["items"]
    assert {answer.status_code for answer in answers} == {201}
    assert {answer.json()["number"] for answer in answers} == {one["number"] for one in listed} == {"MNT-2026-000001"}
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1


async def test_a_refused_request_sent_again_under_its_key_stays_one_refusal(cast: Cast) -> None:
    charters, key = cast.clients["charters"], {"idempotency-key": "k"}
    first, second = [await charters.post("/v1/requests", json=cast.body("Charter"), headers=key) for _ in range(2)]
    assert first.json() == second.json()
    assert len((await charters.get("/v1/requests")).json()["items"]) == 1


async def test_fifty_different_requests_at_once_get_fifty_numbers(cast: Cast) -> None:
    made = await asyncio.gather(*(cast.submit("north", "Orr") for _ in range(50)))
    assert sorted(one["number"] for one in made) == [f"MNT-2026-{count:06}" for count in range(1, 51)]


async def test_a_request_that_is_not_taken_leaves_nothing_behind(cast: Cast) -> None:
    before = len(await cast.said())
    await cast.clients["south"].post("/v1/requests", json=cast.body("Orr"))
    assert len(await cast.said()) == before
    assert (await cast.platform.get("/v1/requests")).json()["items"] == []


async def test_a_request_is_said_to_the_others_without_the_texts_of_people(cast: Cast) -> None:
    made = await cast.submit("north", "Orr", description="Ask for Mrs. Jones", externalId="Jones-1")
    row = (await cast.said())[-1]
    assert (row.subject, row.version, row.actor) == (f"concordat.shared-services.request.{made['id']}", 1, "north")
    assert (row.data["status"], row.data["number"]) == ("submitted", made["number"])
    assert "Jones" not in json.dumps(row.data)


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [("POST", "", "requests:write"), ("GET", "", "requests:read"), ("GET", "/{id}/history", "requests:read")],
)
async def test_a_token_without_the_scope_is_told_which_one_it_lacks(
    cast: Cast, method: str, path: str, scope: str
) -> None:
    client = cast.service.client("catalog:read", organization_id=cast.ids["north"])
    answer = await client.request(method, "/v1/requests" + path.format(id=uuid4()), json=cast.body("Orr"))
    assert (answer.status_code, answer.json()["scope"]) == (403, scope)
