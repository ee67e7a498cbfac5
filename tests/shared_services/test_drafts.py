"""Drafts: the author's alone until they are submitted, and then a request like any other."""

from typing import Any

import httpx2
import pytest

from tests.shared_services.conftest import Cast, errors

URL = "/v1/requests/drafts"


async def begin(cast: Cast, who: str = "north", **body: Any) -> dict[str, Any]:
    answer = await cast.clients[who].post(URL, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def submit(cast: Cast, draft: dict[str, Any], who: str = "north", **headers: str) -> httpx2.Response:
    tag = {"if-match": f'"{draft["version"]}"'}
    return await cast.clients[who].post(f"{URL}/{draft['id']}/submission", headers=tag | headers)


async def test_a_draft_may_lack_anything_and_has_no_number(cast: Cast) -> None:
    draft = await begin(cast, description="Something about the boiler")
    assert (draft["status"], draft["request"]["description"]) == ("draft", "Something about the boiler")
    assert "number" not in draft


async def test_nobody_but_its_author_sees_a_draft(cast: Cast) -> None:
    draft = await begin(cast, **cast.body("Orr"))
    for who in ("district", "south", "platform"):
        assert (await cast.clients[who].get(f"{URL}/{draft['id']}")).status_code == 404
        assert (await cast.clients[who].get(URL)).json()["items"] == []
        assert (await cast.clients[who].get("/v1/requests")).json()["items"] == []
    assert [one["id"] for one in (await cast.clients["north"].get(URL)).json()["items"]] == [draft["id"]]
    assert [row for row in await cast.said() if ".request." in row.type] == []


async def test_its_author_revises_a_draft_in_the_version_that_it_read(cast: Cast) -> None:
    draft = await begin(cast, description="Cold")
    url, first = f"{URL}/{draft['id']}", {"if-match": '"1"'}
    revised = await cast.clients["north"].put(url, json=cast.body("Orr"), headers=first)
    late = await cast.clients["north"].put(url, json={}, headers=first)
    assert (revised.json()["request"]["offering"], revised.headers["etag"]) == ("MNT-HVAC", '"2"')
    assert late.status_code == 412


async def test_a_submitted_draft_is_a_request_of_the_same_id_with_a_number(cast: Cast) -> None:
    draft = await begin(cast, **cast.body("Orr"))
    made = await submit(cast, draft)
    assert made.status_code == 201, made.text
    request = made.json()
    assert (request["id"], request["status"], request["number"]) == (draft["id"], "submitted", "MNT-2026-000001")
    history = (await cast.clients["district"].get(f"/v1/requests/{request['id']}/history")).json()["items"]
    assert [(step["from"], step["to"]) for step in history] == [("draft", "submitted")]
    assert (await cast.clients["north"].get(URL)).json()["items"] == []


async def test_a_draft_sent_twice_under_one_key_is_one_request(cast: Cast) -> None:
    draft = await begin(cast, **cast.body("Orr"))
    once, again = [await submit(cast, draft, **{"idempotency-key": "d"}) for _ in range(2)]
    assert (once.status_code, once.content) == (again.status_code, again.content)


async def test_what_a_draft_lacks_is_asked_for_when_it_is_submitted(cast: Cast) -> None:
    draft = await begin(cast, schoolId=str(cast.ids["Orr"]))
    assert errors(await submit(cast, draft)) == {"offering": "missing", "description": "missing"}
    assert (await cast.clients["north"].get(f"{URL}/{draft['id']}")).status_code == 200


async def test_a_draft_for_a_foreign_school_is_refused_like_a_request(cast: Cast) -> None:
    draft = await begin(cast, **cast.body("Mann"))
    assert errors(await submit(cast, draft)) == {"schoolId": "not-yours"}


@pytest.mark.parametrize("who", ["north", "south"])
async def test_only_its_author_discards_a_draft(cast: Cast, who: str) -> None:
    draft = await begin(cast)
    answer = await cast.clients[who].delete(f"{URL}/{draft['id']}", headers={"if-match": '"1"'})
    left = (await cast.clients["north"].get(URL)).json()["items"]
    assert (answer.status_code, len(left)) == ((204, 0) if who == "north" else (404, 1))
