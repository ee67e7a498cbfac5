"""Maintenance: what the dispatcher sets, what may be a duplicate, when work counts, and until when it is reopened."""

from datetime import timedelta
from typing import Any

import pytest
from shared_services.requests.closing import close_completed
from shared_services.requests.rules import alike

from tests.shared_services.calendars import PROMISES
from tests.shared_services.conftest import GAS_LEAK, HVAC, Cast, errors

HIGH = {"impact": "high", "urgency": "high"}
LOW = {"impact": "low", "urgency": "low"}


async def weigh(cast: Cast, who: str, request: dict[str, Any], weight: dict[str, str]) -> Any:
    """Set a priority."""
    return await cast.clients[who].post(
        f"/v1/requests/{request['id']}/priority",
        json={"weight": weight, "reason": "Flooding now"},
        headers={"if-match": f'"{request["version"]}"'},
    )


async def completed(cast: Cast) -> dict[str, Any]:
    """A request whose work is done."""
    request = await cast.submit("north", "Orr")
    steps: list[tuple[str, dict[str, str]]] = [
        ("accepted", {}),
        ("assigned", {"crew": "HVAC North"}),
        ("in-progress", {}),
        ("completed", {}),
    ]
    for to, more in steps:
        request = (await cast.move("district", request, to, **more)).json()
    return request


async def close(cast: Cast) -> int:
    """Let the task that closes requests run once."""
    async with cast.service.app.state.database.transaction() as session:
        return await close_completed(session, cast.now)


async def read(cast: Cast, request: dict[str, Any]) -> dict[str, Any]:
    """A request as it is now."""
    return dict((await cast.platform.get(f"/v1/requests/{request['id']}")).json())


async def test_the_requester_asks_for_a_priority_and_the_dispatcher_sets_it(cast: Cast) -> None:
    made = await cast.submit("north", "Orr", asked=HIGH)
    triaged = (await cast.move("district", made, "triaged", weight=LOW)).json()
    assert (made["asked"], made["priority"]) == (HIGH, None)
    assert (triaged["asked"], triaged["priority"], triaged["particulars"]["weight"]) == (HIGH, "P4", LOW)


async def test_a_changed_priority_is_audited_and_leaves_the_status(cast: Cast) -> None:
    made = await cast.submit("north", "Orr")
    triaged = (await cast.move("district", made, "triaged", weight=LOW)).json()
    refused = await weigh(cast, "north", triaged, HIGH)
    changed = (await weigh(cast, "district", triaged, HIGH)).json()
    assert refused.status_code == 403
    assert (changed["status"], changed["priority"]) == ("triaged", "P1")
    history = (await cast.platform.get(f"/v1/requests/{made['id']}/history")).json()["items"]
    step = history[-1]
    assert (step["from"], step["to"], step["reason"], step["clientId"]) == (
        "triaged",
        "triaged",
        "Flooding now",
        "district",
    )
    assert [one["particulars"]["priority"] for one in history] == [None, "P4", "P1"]


async def test_a_hazard_overrides_the_matrix(cast: Cast) -> None:
    await cast.offer(GAS_LEAK | {"code": "MNT-GAS"})
    made = await cast.submit("north", "Orr", "MNT-GAS")
    assert (await cast.move("district", made, "triaged", weight=LOW)).json()["priority"] == "P1"


async def test_the_matrix_of_the_district_decides(cast: Cast) -> None:
    degrees = ("low", "medium", "high")
    matrix = [{"impact": one, "urgency": other, "priority": "P3"} for one in degrees for other in degrees]
    body = PROMISES | {"matrix": matrix, "districtId": str(cast.ids["district"]), "reason": "Test"}
    await cast.clients["district"].post("/v1/service-levels", json=body)
    await cast.offer(HVAC | {"code": "MNT-ROUTINE", "serviceLevel": "routine"})
    made = await cast.submit("north", "Orr", "MNT-ROUTINE")
    assert (await cast.move("district", made, "triaged", weight=HIGH)).json()["priority"] == "P3"


async def test_what_has_ended_is_not_weighed_any_more(cast: Cast) -> None:
    made = await cast.submit("north", "Orr")
    ended = (await cast.move("north", made, "cancelled")).json()
    assert (await weigh(cast, "district", ended, HIGH)).status_code == 409


async def test_the_board_of_a_crew_shows_what_it_has_to_do(cast: Cast) -> None:
    made = [await cast.submit("north", "Orr") for _ in range(3)]
    for request, crew in zip(made, ("HVAC North", "HVAC South", "HVAC North"), strict=True):
        accepted = (await cast.move("district", request, "accepted")).json()
        assigned = (await cast.move("district", accepted, "assigned", crew=crew)).json()
    await cast.move("north", assigned, "cancelled")
    query = {"crew": "HVAC North", "open": "true"}
    items = (await cast.clients["district"].get("/v1/requests", params=query)).json()["items"]
    assert [item["number"] for item in items] == [made[0]["number"]]


async def test_what_may_be_the_same_is_suggested(cast: Cast) -> None:
    one = await cast.submit("north", "Orr", building="Main", room="Room 012")
    same = await cast.submit("north", "Orr", building="main", room="rm. 12")
    await cast.submit("north", "Orr", building="Main", room="Room 13")
    await cast.submit("south", "Mann", building="Main", room="Room 12")
    gone = await cast.submit("north", "Orr", building="Main", room="Room 12")
    await cast.move("north", gone, "cancelled")
    similar = await cast.clients["north"].get(f"/v1/requests/{same['id']}/similar")
    assert [item["number"] for item in similar.json()] == [one["number"]]
    assert (await cast.clients["south"].get(f"/v1/requests/{same['id']}/similar")).status_code == 404


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Room 012", "rm. 12", True),
        ("Gym", "gym, north door", True),
        ("Room 1", "Room 11", False),
        (None, "Room 1", True),
        ("Salle é", "salle É", True),
    ],
)
def test_places_are_alike_by_their_words(one: str | None, other: str | None, same: bool) -> None:
    assert alike(one, other) is alike(other, one) is same


async def test_completed_work_counts_after_a_while_without_anybodys_step(cast: Cast) -> None:
    done = await completed(cast)
    assert (done["completedAt"], done["closesAt"]) == ("2026-11-24T15:00:00Z", "2026-12-04T15:00:00Z")
    cast.now += timedelta(days=10, seconds=-1)
    early = await close(cast)
    cast.now += timedelta(seconds=1)
    assert (early, await close(cast), await close(cast)) == (0, 1, 0)
    closed = await read(cast, done)
    assert (closed["status"], closed["version"]) == ("closed", done["version"] + 1)
    history = (await cast.platform.get(f"/v1/requests/{done['id']}/history")).json()["items"]
    assert (history[-1]["side"], history[-1]["clientId"]) == ("system", "system")
    assert (await cast.said())[-1].data["status"] == "closed"


async def test_closed_work_is_reopened_under_its_number_until_the_window_ends(cast: Cast) -> None:
    done, other = await completed(cast), await completed(cast)
    closed = [(await cast.move("north", request, "closed")).json() for request in (done, other)]
    cast.now += timedelta(days=30)
    reopened = (await cast.move("north", closed[0], "in-progress", reason="cold again")).json()
    cast.now += timedelta(seconds=1)
    late = await cast.move("north", closed[1], "in-progress", reason="cold again")
    assert (reopened["number"], reopened["status"], reopened["completedAt"]) == (done["number"], "in-progress", None)
    assert (late.status_code, late.json()["type"]) == (409, "urn:concordat:problem:reopening-too-late")


async def test_a_reopened_request_is_not_closed_by_its_old_date(cast: Cast) -> None:
    done = await completed(cast)
    await cast.move("north", done, "in-progress", reason="still cold")
    cast.now += timedelta(days=20)
    assert await close(cast) == 0
    assert (await read(cast, done))["status"] == "in-progress"


async def test_a_wish_that_is_no_weight_is_refused(cast: Cast) -> None:
    body = cast.body("Orr", asked={"impact": "enormous"})
    answer = await cast.clients["north"].post("/v1/requests", json=body)
    assert set(errors(answer)) == {"body.asked.impact", "body.asked.urgency"}
