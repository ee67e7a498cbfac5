"""The lifecycle: its table, the two sides, and nothing beside it."""

import json
from typing import Any, get_args

import pytest
from contracts.shared_services import RequestStatus
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.shared_services.conftest import Cast, errors

SIDES = {"provider": "district", "requester": "north"}
STEPS = {
    ("submitted", "accepted"): "provider",
    ("submitted", "refused"): "provider",
    ("submitted", "cancelled"): "requester",
    ("accepted", "scheduled"): "provider",
    ("accepted", "refused"): "provider",
    ("accepted", "cancelled"): "requester",
    ("scheduled", "in-progress"): "provider",
    ("scheduled", "cancelled"): "requester",
    ("in-progress", "completed"): "provider",
    ("completed", "closed"): "requester",
    ("completed", "in-progress"): "requester",
}
STATUSES = get_args(RequestStatus)
TO_CLOSED = ["accepted", "scheduled", "in-progress", "completed", "closed"]


def needed(to: str) -> dict[str, Any]:
    """What a step needs beside its name, to be on the safe side."""
    return {"reason": "because"} | ({"scheduledFor": "2026-12-01"} if to == "scheduled" else {})


async def at(cast: Cast, *steps: str) -> dict[str, Any]:
    """A new request after some steps, each taken by whom it belongs to."""
    request = await cast.submit("north", "Orr")
    for to in steps:
        who = SIDES[STEPS[request["status"], to]]
        answer = await cast.move(who, request, to, **needed(to))
        assert answer.status_code == 200, answer.text
        request = answer.json()
    return request


async def test_a_request_goes_from_submitted_to_closed_and_its_history_says_how(cast: Cast) -> None:
    request = await at(cast, *TO_CLOSED)
    history = (await cast.clients["north"].get(f"/v1/requests/{request['id']}/history")).json()["items"]
    assert (request["status"], request["version"], request["scheduledFor"]) == ("closed", 6, "2026-12-01")
    assert [(step["from"], step["to"]) for step in history] == list(
        zip([None, "submitted", *TO_CLOSED], ["submitted", *TO_CLOSED], strict=False)
    )
    assert [step["clientId"] for step in history] == ["north", *["district"] * 4, "north"]
    assert history[1]["reason"] == "because"
    assert {step["at"] for step in history} == {"2026-11-24T15:00:00Z"}


@pytest.mark.parametrize("start", STATUSES)
async def test_from_each_status_exactly_the_steps_of_the_table_are_taken(cast: Cast, start: str) -> None:
    paths = {"submitted": [], "refused": ["refused"], "cancelled": ["cancelled"]}
    path = paths.get(start, TO_CLOSED[: TO_CLOSED.index(start) + 1] if start in TO_CLOSED else [])
    taken = set()
    for to in STATUSES:
        request = await at(cast, *path)
        answer = await cast.move("platform", request, to, **needed(to))
        assert answer.status_code in (200, 409), answer.text
        if answer.status_code == 200:
            taken.add((start, to))
    assert taken == {step for step in STEPS if step[0] == start}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=st.lists(st.sampled_from(STATUSES), max_size=8))
async def test_no_sequence_of_steps_leaves_the_table(cast: Cast, wanted: list[str]) -> None:
    request = await cast.submit("north", "Orr")
    for to in wanted:
        answer = await cast.move("platform", request, to, **needed(to))
        expected = (request["status"], to) in STEPS
        assert answer.status_code == (200 if expected else 409)
        request = answer.json() if expected else request
    assert (await cast.platform.get(f"/v1/requests/{request['id']}")).json() == request


async def test_a_step_outside_the_table_names_the_present_status_and_the_steps_there_are(cast: Cast) -> None:
    request = await cast.submit("north", "Orr")
    problem = (await cast.move("district", request, "completed")).json()
    assert (problem["status"], problem["type"]) == (409, "urn:concordat:problem:not-in-lifecycle")
    assert (problem["presentStatus"], problem["allowed"]) == ("submitted", ["accepted", "refused", "cancelled"])


@pytest.mark.parametrize("step", STEPS)
async def test_a_step_is_taken_by_its_own_side_only(cast: Cast, step: tuple[str, str]) -> None:
    start, to = step
    request = await at(cast, *(TO_CLOSED[: TO_CLOSED.index(start) + 1] if start in TO_CLOSED else []))
    other = next(who for side, who in SIDES.items() if side != STEPS[step])
    answer = await cast.move(other, request, to, **needed(to))
    assert answer.status_code == 403
    assert (await cast.platform.get(f"/v1/requests/{request['id']}")).json() == request


@pytest.mark.parametrize(
    ("who", "scope", "to"), [("district", "requests:manage", "accepted"), ("north", "requests:write", "cancelled")]
)
async def test_each_side_needs_its_own_scope(cast: Cast, who: str, scope: str, to: str) -> None:
    request = await cast.submit("north", "Orr")
    scopes = {"requests:read", "requests:write", "requests:manage"} - {scope}
    cast.clients["bare"] = cast.service.client(*scopes, organization_id=cast.ids[who])
    answer = await cast.move("bare", request, to)
    assert (answer.status_code, answer.json()["scope"]) == (403, scope)


async def test_a_district_that_asked_for_its_own_school_stands_on_both_sides(cast: Cast) -> None:
    request = await cast.submit("district", "Public")
    for to in TO_CLOSED:
        answer = await cast.move("district", request, to, **needed(to))
        assert answer.status_code == 200, answer.text
        request = answer.json()
    assert request["status"] == "closed"


@pytest.mark.parametrize(("path", "to"), [([], "refused"), (TO_CLOSED[:4], "in-progress")])
async def test_a_refusal_and_a_reopening_need_a_reason(cast: Cast, path: list[str], to: str) -> None:
    request = await at(cast, *path)
    assert errors(await cast.move("platform", request, to)) == {"reason": "missing"}
    assert list(errors(await cast.move("platform", request, to, reason=" "))) == ["body.reason"]


async def test_a_refusal_by_the_provider_shows_its_words_and_says_only_the_rule(cast: Cast) -> None:
    request = await cast.submit("north", "Orr")
    refused = (await cast.move("district", request, "refused", reason="Mr. Smith is away")).json()
    row = (await cast.said())[-1]
    assert refused["refusal"] == {"rule": "provider", "reason": "Mr. Smith is away", "source": None}
    assert (row.data["status"], row.data["refusal"]) == ("refused", "provider")
    assert "Smith" not in json.dumps(row.data)


@pytest.mark.parametrize(
    ("to", "more", "rule"),
    [
        ("scheduled", {}, "missing"),
        ("scheduled", {"scheduledFor": "2026-11-23"}, "in-the-past"),
        ("cancelled", {"scheduledFor": "2026-12-01"}, "only-with-scheduled"),
    ],
)
async def test_a_day_of_work_belongs_to_scheduling(cast: Cast, to: str, more: dict[str, str], rule: str) -> None:
    request = await at(cast, "accepted")
    assert errors(await cast.move("platform", request, to, **more)) == {"scheduledFor": rule}


async def test_a_reopened_request_keeps_its_number(cast: Cast) -> None:
    completed = await at(cast, *TO_CLOSED[:4])
    reopened = (await cast.move("north", completed, "in-progress", reason="still cold")).json()
    assert (reopened["id"], reopened["number"], reopened["status"]) == (
        completed["id"],
        completed["number"],
        "in-progress",
    )


async def test_a_step_needs_the_version_that_was_read(cast: Cast) -> None:
    request = await cast.submit("north", "Orr")
    url = f"/v1/requests/{request['id']}/transitions"
    blind = await cast.clients["district"].post(url, json={"to": "accepted"})
    taken = await cast.move("district", request, "accepted")
    late = await cast.move("north", request, "cancelled")
    assert [answer.status_code for answer in (blind, taken, late)] == [428, 200, 412]
    assert late.json()["currentEtag"] == taken.headers["etag"] == '"2"'


async def test_a_read_of_what_is_held_already_is_not_modified(cast: Cast) -> None:
    request = await cast.submit("north", "Orr")
    url, north = f"/v1/requests/{request['id']}", cast.clients["north"]
    first = await north.get(url)
    again = await north.get(url, headers={"if-none-match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


async def test_every_step_is_said_with_the_version_that_it_made(cast: Cast) -> None:
    request = await at(cast, *TO_CLOSED)
    said = [row for row in await cast.said() if row.data["id"] == request["id"]]
    assert [(row.version, row.data["status"]) for row in said] == list(enumerate(["submitted", *TO_CLOSED], start=1))
    assert {row.type for row in said} == {"concordat.shared-services.request.changed.v1"}
