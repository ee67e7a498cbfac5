"""The lifecycle: its table, the sides, and nothing beside it."""

import json
from typing import Any, get_args

import pytest
from contracts.shared_services import RequestStatus
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.shared_services.conftest import EVENT_CLEANING, Cast, errors

SIDES = {"provider": "district", "requester": "north"}
NOT_OURS = "refused duplicate referred converted-to-project"
TABLE = {
    "submitted": {"provider": f"accepted triaged awaiting-approval needs-info {NOT_OURS}", "requester": "cancelled"},
    "quoted": {"provider": "refused", "requester": "submitted cancelled"},
    "needs-info": {"provider": NOT_OURS, "requester": "submitted cancelled"},
    # Here it is the district's finance that approves.
    "awaiting-approval": {"provider": "accepted refused", "requester": "cancelled"},
    "accepted": {
        "provider": f"triaged assigned scheduled awaiting-approval on-hold needs-info {NOT_OURS}",
        "requester": "cancelled",
    },
    "triaged": {
        "provider": f"assigned scheduled awaiting-approval on-hold needs-info {NOT_OURS}",
        "requester": "cancelled",
    },
    "assigned": {"provider": f"scheduled in-progress on-hold {NOT_OURS}", "requester": "cancelled"},
    "scheduled": {"provider": "assigned in-progress on-hold", "requester": "cancelled"},
    "on-hold": {"provider": f"triaged assigned scheduled in-progress {NOT_OURS}", "requester": "cancelled"},
    "in-progress": {"provider": "completed on-hold converted-to-project"},
    "completed": {"requester": "closed in-progress"},
    "closed": {"requester": "in-progress"},
}
STEPS = {(start, to): side for start, sides in TABLE.items() for side, names in sides.items() for to in names.split()}
STATUSES = get_args(RequestStatus)
TO_CLOSED = ["accepted", "scheduled", "in-progress", "completed", "closed"]
PATHS = {
    "submitted": [],
    "quoted": [],
    "triaged": ["accepted", "triaged"],
    "assigned": ["triaged", "assigned"],
    "on-hold": ["accepted", "on-hold"],
} | {status: TO_CLOSED[: count + 1] for count, status in enumerate(TO_CLOSED)}


def needed(to: str, other: dict[str, Any]) -> dict[str, Any]:
    """What a step needs beside its name and a reason."""
    parts = {
        "scheduled": {"scheduledFor": "2026-12-01"},
        "triaged": {"weight": {"impact": "medium", "urgency": "high"}},
        "assigned": {"crew": "HVAC North"},
        "on-hold": {"holdReason": "parts"},
        "awaiting-approval": {"approver": "finance"},
        "duplicate": {"duplicateOf": other["id"]},
        "referred": {"referredTo": "Water department"},
        "converted-to-project": {"project": "CIP-2027-14"},
    }
    return {"reason": "because"} | parts.get(to, {})


class Walker:
    """Leads new requests of one school to wherever a test wants them."""

    def __init__(self, cast: Cast, other: dict[str, Any]) -> None:
        self.cast, self.other = cast, other

    async def at(self, status: str) -> dict[str, Any]:
        """A new request in a status."""
        request = await self.cast.submit("north", "Orr", "MNT-EVENT" if status == "quoted" else "MNT-HVAC")
        return await self.walk(request, *PATHS.get(status, [status]))

    async def walk(self, request: dict[str, Any], *steps: str) -> dict[str, Any]:
        """A request after some steps, each taken by whom it belongs to."""
        for to in steps:
            answer = await self.move(SIDES[STEPS[request["status"], to]], request, to)
            assert answer.status_code == 200, answer.text
            request = answer.json()
        return request

    async def move(self, who: str, request: dict[str, Any], to: str) -> Any:
        """A step with all that it needs."""
        return await self.cast.move(who, request, to, **needed(to, self.other))


@pytest.fixture
async def walker(cast: Cast) -> Walker:
    """A walker through the requests of Orr, which has opted out of one priced service."""
    await cast.offer(EVENT_CLEANING)
    await cast.grant("Orr", {})
    return Walker(cast, await cast.submit("north", "Orr"))


async def at(cast: Cast, *steps: str) -> dict[str, Any]:
    """A new request after some steps."""
    request = await cast.submit("north", "Orr")
    return await Walker(cast, request).walk(request, *steps)


async def test_a_request_goes_from_submitted_to_closed_and_its_history_says_how(cast: Cast) -> None:
    request = await at(cast, *TO_CLOSED)
    history = (await cast.clients["north"].get(f"/v1/requests/{request['id']}/history")).json()["items"]
    assert (request["status"], request["version"], request["scheduledFor"]) == ("closed", 6, "2026-12-01")
    assert [(step["from"], step["to"]) for step in history] == list(
        zip([None, "submitted", *TO_CLOSED], ["submitted", *TO_CLOSED], strict=False)
    )
    assert [step["clientId"] for step in history] == ["north", *["district"] * 4, "north"]
    assert [step["side"] for step in history] == ["requester", *["provider"] * 4, "requester"]
    assert history[1]["reason"] == "because"
    assert {step["at"] for step in history} == {"2026-11-24T15:00:00Z"}


@pytest.mark.parametrize("start", STATUSES)
async def test_from_each_status_exactly_the_steps_of_the_table_are_taken(
    cast: Cast, walker: Walker, start: str
) -> None:
    taken, request = set(), await walker.at(start)
    for to in STATUSES:
        answer = await walker.move("platform", request, to)
        assert answer.status_code in (200, 409), answer.text
        if answer.status_code == 200:
            taken.add(to)
            request = await walker.at(start)
    assert taken == {to for first, to in STEPS if first == start}


@pytest.mark.parametrize("start", TABLE)
async def test_a_step_is_taken_by_its_own_side_only(cast: Cast, walker: Walker, start: str) -> None:
    request = await walker.at(start)
    for to in (to for first, to in STEPS if first == start):
        other = next(who for side, who in SIDES.items() if side != STEPS[start, to])
        assert (await walker.move(other, request, to)).status_code == 403
    assert (await cast.platform.get(f"/v1/requests/{request['id']}")).json() == request


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=st.lists(st.sampled_from(STATUSES), max_size=8))
async def test_no_sequence_of_steps_leaves_the_table(cast: Cast, wanted: list[str]) -> None:
    other, request = await cast.submit("north", "Orr"), await cast.submit("north", "Orr")
    for to in wanted:
        answer = await cast.move("platform", request, to, **needed(to, other))
        expected = (request["status"], to) in STEPS
        assert answer.status_code == (200 if expected else 409)
        request = answer.json() if expected else request
    assert (await cast.platform.get(f"/v1/requests/{request['id']}")).json() == request


async def test_a_step_outside_the_table_names_the_present_status_and_the_steps_there_are(cast: Cast) -> None:
    request = await at(cast, "accepted", "assigned", "scheduled")
    problem = (await cast.move("district", request, "completed")).json()
    assert (problem["status"], problem["type"]) == (409, "urn:concordat:problem:not-in-lifecycle")
    assert (problem["presentStatus"], problem["allowed"]) == (
        "scheduled",
        ["assigned", "in-progress", "on-hold", "cancelled"],
    )


async def test_the_school_itself_approves_where_it_is_asked_to(cast: Cast) -> None:
    request = await cast.submit("north", "Orr")
    request = (await cast.move("district", request, "awaiting-approval", approver="school")).json()
    assert request["particulars"]["approver"] == "school"
    assert (await cast.move("district", request, "accepted")).status_code == 403
    assert (await cast.move("north", request, "accepted")).json()["status"] == "accepted"


@pytest.mark.parametrize(
    ("to", "field"),
    [
        ("triaged", "weight"),
        ("assigned", "crew"),
        ("on-hold", "holdReason"),
        ("awaiting-approval", "approver"),
        ("duplicate", "duplicateOf"),
        ("referred", "referredTo"),
        ("converted-to-project", "project"),
    ],
)
async def test_what_a_status_needs_is_asked_for_and_refused_elsewhere(cast: Cast, to: str, field: str) -> None:
    request = await at(cast, "accepted")
    missing = await cast.move("district", request, to, reason="because")
    part = needed(to, request)[field]
    misplaced = await cast.move("district", request, "scheduled", scheduledFor="2026-12-01", **{field: part})
    assert (errors(missing), errors(misplaced)) == ({field: "missing"}, {field: f"only-with-{to}"})


async def test_a_duplicate_names_another_request_of_the_same_school(cast: Cast) -> None:
    request, stranger = await cast.submit("north", "Orr"), await cast.submit("south", "Mann")
    for other in (request, stranger):
        answer = await cast.move("district", request, "duplicate", reason="twice", duplicateOf=other["id"])
        assert errors(answer) == {"duplicateOf": "unknown-request"}


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
        answer = await cast.move("district", request, to, **needed(to, request))
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
