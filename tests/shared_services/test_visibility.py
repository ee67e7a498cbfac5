"""Who sees which requests: lists, reads, histories and steps by one condition."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from tests.shared_services.conftest import Cast, held

SUMMER = datetime(2027, 7, 2, 15, tzinfo=UTC)


async def seen(cast: Cast, who: str) -> list[str]:
    items = (await cast.clients[who].get("/v1/requests")).json()["items"]
    return sorted(item["number"] for item in items)


async def reads(cast: Cast, who: str, request: dict[str, Any]) -> list[int]:
    url = f"/v1/requests/{request['id']}"
    return [(await cast.clients[who].get(url + path)).status_code for path in ("", "/history")]


async def test_two_operators_never_see_each_others_requests(cast: Cast) -> None:
    orr, mann = await cast.submit("north", "Orr"), await cast.submit("south", "Mann")
    assert (await seen(cast, "north"), await seen(cast, "south")) == ([orr["number"]], [mann["number"]])
    assert (await reads(cast, "north", mann), await reads(cast, "south", orr)) == ([404, 404], [404, 404])
    assert (await cast.move("south", orr, "cancelled")).status_code == 404


async def test_the_district_sees_what_it_serves_and_another_district_nothing(cast: Cast) -> None:
    made = [await cast.submit("north", "Orr"), await cast.submit("south", "Mann")]
    numbers = sorted(one["number"] for one in made)
    assert (await seen(cast, "district"), await seen(cast, "elsewhere")) == (numbers, [])
    assert (await cast.move("elsewhere", made[0], "accepted")).status_code == 404


async def test_the_platform_sees_all_and_a_state_agency_none(cast: Cast) -> None:
    made = await cast.submit("north", "Orr")
    assert (await seen(cast, "platform"), await seen(cast, "state")) == ([made["number"]], [])
    assert await reads(cast, "state", made) == [404, 404]


async def test_the_operator_sees_what_its_district_asked_for_at_its_school(cast: Cast) -> None:
    made = await cast.submit("district", "Orr")
    assert await seen(cast, "north") == [made["number"]]


async def test_a_foreign_request_and_none_look_the_same(cast: Cast) -> None:
    made = await cast.submit("north", "Orr")
    ids = [made["id"], str(uuid4())]
    answers = [(await cast.clients["south"].get(f"/v1/requests/{one}")).json() for one in ids]
    words = [answer["detail"].replace(one, "") for answer, one in zip(answers, ids, strict=True)]
    assert words[0] == words[1]


@pytest.fixture
async def handed_over(cast: Cast) -> tuple[dict[str, Any], dict[str, Any]]:
    """A school that goes from north to south on 1 July 2027, and a request of each."""
    turn = [
        held(cast.ids["district"], "accountable-lea"),
        held(cast.ids["north"], "operator", "2018-07-01", "2027-07-01"),
        held(cast.ids["south"], "operator", "2027-07-01"),
    ]
    await cast.school("Turn", assignments=turn)
    old = await cast.submit("north", "Turn", serviceDate="2027-06-30")
    cast.now = SUMMER
    return old, await cast.submit("south", "Turn")


Requests = tuple[dict[str, Any], dict[str, Any]]


async def test_a_former_operator_keeps_reading_its_own_period(cast: Cast, handed_over: Requests) -> None:
    old, _ = handed_over
    assert (await seen(cast, "north"), await reads(cast, "north", old)) == ([old["number"]], [200, 200])


async def test_a_former_operator_writes_no_more(cast: Cast, handed_over: Requests) -> None:
    old, new = handed_over
    submitted = await cast.clients["north"].post("/v1/requests", json=cast.body("Turn"))
    own, successors = await cast.move("north", old, "cancelled"), await cast.move("north", new, "cancelled")
    assert (submitted.status_code, own.status_code, successors.status_code) == (422, 403, 404)


async def test_a_new_operator_sees_nothing_of_its_predecessor(cast: Cast, handed_over: Requests) -> None:
    old, new = handed_over
    assert (await seen(cast, "south"), await reads(cast, "south", old)) == ([new["number"]], [404, 404])


async def test_a_request_for_a_day_after_the_handover_is_taken_over_by_the_new_operator(cast: Cast) -> None:
    turn = [
        held(cast.ids["district"], "accountable-lea"),
        held(cast.ids["north"], "operator", "2018-07-01", "2027-07-01"),
        held(cast.ids["south"], "operator", "2027-07-01"),
    ]
    await cast.school("Turn", assignments=turn)
    made = await cast.submit("north", "Turn", serviceDate="2027-07-02")
    early = await cast.move("south", made, "cancelled")
    cast.now = SUMMER
    assert (early.status_code, (await cast.move("south", made, "cancelled")).status_code) == (403, 200)


async def test_a_former_operator_reads_nothing_that_was_said_after_its_last_day(cast: Cast) -> None:
    roles = [held(cast.ids["district"], "accountable-lea")]
    roles += [held(cast.ids["north"], "operator", "2018-07-01", "2027-07-01")]
    await cast.school("Turn", assignments=[*roles, held(cast.ids["south"], "operator", "2027-07-01")])
    made = await cast.submit("district", "Turn", serviceDate="2027-06-30")
    url = f"/v1/requests/{made['id']}/messages"
    for now, text in ((cast.now, "Before"), (datetime(2027, 7, 1, 5, 1, tzinfo=UTC), "After midnight in Chicago")):
        cast.now = now
        assert (await cast.clients["district"].post(url, json={"text": text})).status_code == 201
    heard = [item["text"] for item in (await cast.clients["north"].get(url)).json()["items"]]
    assert heard == ["Before"]


async def test_requests_are_listed_by_status_school_and_category(cast: Cast) -> None:
    orr = await cast.submit("north", "Orr")
    trip = await cast.submit("district", "Public", "TRN-FIELD-TRIP", serviceDate="2027-02-01")
    await cast.move("district", orr, "accepted")
    found = {}
    for query in ("status=accepted", f"schoolId={cast.ids['Public']}", "category=transportation", "status=closed"):
        items = (await cast.platform.get(f"/v1/requests?{query}")).json()["items"]
        found[query.split("=")[0], query.split("=")[1][:6]] = [item["number"] for item in items]
    assert list(found.values()) == [[orr["number"]], [trip["number"]], [trip["number"]], []]


async def test_a_list_is_walked_page_by_page_without_loss_or_repeat(cast: Cast) -> None:
    made = [(await cast.submit("north", "Orr"))["number"] for _ in range(5)]
    walked, url = [], "/v1/requests?limit=2"
    while url:
        answer = await cast.clients["north"].get(url)
        walked += [item["number"] for item in answer.json()["items"]]
        url = answer.links.get("next", {}).get("url", "")
    assert walked == made


async def test_a_history_is_paged_too(cast: Cast) -> None:
    made = await cast.submit("north", "Orr")
    await cast.move("district", made, "accepted")
    page = (await cast.clients["north"].get(f"/v1/requests/{made['id']}/history?limit=1")).json()
    assert [step["to"] for step in page["items"]] == ["submitted"]
    assert page["nextCursor"]
