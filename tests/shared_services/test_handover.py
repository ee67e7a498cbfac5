"""Handover: everything open at a school that changes its operator is transferred, cancelled or left to be completed."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.shared_services.books import HOURS, Books
from tests.shared_services.conftest import Cast, errors, facts, held

TURN = "2026-12-01"
DECEMBER = datetime(2026, 12, 1, 15, tzinfo=UTC)


class Scene(Books):
    """A school that goes from north to south on 1 December 2026."""

    async def set(self, name: str = "Turn", closes: bool = False) -> None:
        cast = self.cast
        roles = [
            held(cast.ids["district"], "accountable-lea"),
            held(cast.ids["north"], "operator", "2018-07-01", TURN),
        ]
        said: dict[str, Any] = {"assignments": roles}
        if closes:
            said["facts"] = [facts(name, end=TURN), facts(name, TURN, operational_status="closed")]
        else:
            roles.append(held(cast.ids["south"], "operator", TURN))
        await cast.school(name, **said)

    async def open(self, who: str = "district", day: str = TURN) -> Any:
        """An answer to what is open."""
        params = {"schoolId": str(self.cast.ids["Turn"]), "on": day}
        return await self.cast.clients[who].get("/v1/handovers", params=params)

    def body(self, **more: Any) -> dict[str, Any]:
        """A handover's body."""
        return {"schoolId": str(self.cast.ids["Turn"]), "effectiveOn": TURN, "reason": "New agreement"} | more

    async def say(self, request: dict[str, Any], who: str, text: str) -> None:
        """Let `who` say something about a request, which is taken."""
        answer = await self.cast.clients[who].post(f"/v1/requests/{request['id']}/messages", json={"text": text})
        assert answer.status_code == 201, answer.text

    async def heard(self, request: dict[str, Any], who: str) -> list[str]:
        """What `who` reads of what was said."""
        answer = await self.cast.clients[who].get(f"/v1/requests/{request['id']}/messages")
        return [message["text"] for message in answer.json()["items"]]

    async def request(self, request: dict[str, Any], who: str = "platform") -> Any:
        """An answer to the reading of a request."""
        return await self.cast.clients[who].get(f"/v1/requests/{request['id']}")


@pytest.fixture
async def scene(cast: Cast) -> Scene:
    scene = Scene(cast)
    await scene.set()
    return scene


async def test_all_that_is_open_is_listed_and_nothing_else(scene: Scene) -> None:
    cast = scene.cast
    open_one, ended = [await cast.submit("north", "Turn") for _ in range(2)]
    await cast.move("north", ended, "cancelled")
    await cast.submit("district", "Turn")
    await cast.submit("north", "Orr")
    await scene.rate(HOURS)
    line = await scene.made("charges", scene.hours("Turn"))
    await cast.grant("Turn", {"service": "MNT-HVAC"})
    listed = (await scene.open()).json()
    assert {(item["kind"], item["id"]) for item in listed["items"]} == {
        ("request", open_one["id"]),
        ("charge", line["id"]),
        ("election", None),
    }
    assert listed["fromOrganizationId"] == str(cast.ids["north"])
    assert listed["toOrganizationId"] == str(cast.ids["south"])


async def test_a_transferred_request_gets_a_new_requester_and_keeps_its_history(scene: Scene) -> None:
    cast = scene.cast
    made = await cast.submit("north", "Turn", serviceDate="2026-12-10")
    cast.now = DECEMBER
    await scene.made("handovers", scene.body())
    now = (await scene.request(made, "south")).json()
    history = (await cast.clients["south"].get(f"/v1/requests/{made['id']}/history")).json()["items"]
    assert (now["requestingOrganizationId"], now["status"]) == (str(cast.ids["south"]), made["status"])
    assert [step["to"] for step in history] == [made["status"], made["status"]]
    assert history[0]["clientId"] == "north"
    assert (await cast.move("south", now, "cancelled")).status_code == 200


async def test_the_former_operator_keeps_reading_its_own_period_and_writes_no_more(scene: Scene) -> None:
    cast = scene.cast
    old = await cast.submit("north", "Turn", serviceDate="2026-11-30")
    cast.now = DECEMBER
    await scene.made("handovers", scene.body())
    now = await scene.request(old, "north")
    step = await cast.move("north", now.json(), "cancelled")
    assert (now.status_code, step.status_code) == (200, 403)


async def test_what_was_handed_over_stays_readable_to_the_former_operator_as_it_was(scene: Scene) -> None:
    cast = scene.cast
    coming = await cast.submit("north", "Turn", serviceDate="2026-12-10")
    cast.now = DECEMBER
    done = await scene.made("handovers", scene.body())
    assert (await cast.move("district", (await scene.request(coming)).json(), "accepted")).status_code == 200
    (item,) = (await cast.clients["north"].get(f"/v1/handovers/{done['id']}")).json()["items"]
    assert (item["outcome"], item["asItWas"]) == ("transfer", coming)
    read = (await scene.request(coming, "north")).json()
    listed = (await cast.clients["north"].get("/v1/requests/transferred")).json()["items"]
    assert (read, listed) == (coming, [coming])


async def test_what_is_said_and_done_after_the_handover_is_not_for_the_former_operator(scene: Scene) -> None:
    cast = scene.cast
    made = await cast.submit("north", "Turn", serviceDate="2026-11-30")
    await scene.say(made, "north", "Before")
    cast.now = DECEMBER
    await scene.made("handovers", scene.body())
    cast.now = DECEMBER + timedelta(hours=1)
    await scene.say(made, "south", "After")
    await cast.move("district", (await scene.request(made)).json(), "accepted")
    assert await scene.heard(made, "north") == ["Before"]
    assert await scene.heard(made, "south") == ["Before", "After"]
    steps = (await cast.clients["north"].get(f"/v1/requests/{made['id']}/history")).json()["items"]
    assert [step["to"] for step in steps] == ["submitted", "submitted"]


async def test_a_former_operator_finds_what_it_handed_over_on_no_live_list(scene: Scene) -> None:
    cast = scene.cast
    await cast.submit("north", "Turn", serviceDate="2026-11-30")
    cast.now = DECEMBER
    await scene.made("handovers", scene.body())
    assert (await cast.clients["north"].get("/v1/requests")).json()["items"] == []
    assert len((await cast.clients["south"].get("/v1/requests")).json()["items"]) == 1


async def test_an_item_is_decided_by_itself_before_the_rule(scene: Scene) -> None:
    cast = scene.cast
    moved, ended, kept = [await cast.submit("north", "Turn") for _ in range(3)]
    cast.now = DECEMBER
    decisions = [{"id": ended["id"], "outcome": "cancel"}, {"id": kept["id"], "outcome": "complete"}]
    await scene.made("handovers", scene.body(decisions=decisions))
    seen = [(await scene.request(one)).json() for one in (moved, ended, kept)]
    names = {str(cast.ids[name]): name for name in ("north", "south")}
    assert [(names[one["requestingOrganizationId"]], one["status"]) for one in seen] == [
        ("south", moved["status"]),
        ("north", "cancelled"),
        ("north", kept["status"]),
    ]


async def test_what_cannot_become_what_was_decided_is_named_and_nothing_happens(scene: Scene) -> None:
    cast = scene.cast
    begun = await cast.submit("north", "Turn")
    for to in ("accepted", "scheduled", "in-progress"):
        day = {"scheduledFor": "2026-11-24"} if to == "scheduled" else {}
        begun = (await cast.move("platform", begun, to, **day)).json()
    other = await cast.submit("north", "Turn")
    cast.now = DECEMBER
    stranger = str(UUID(int=9))
    decisions = [{"id": begun["id"], "outcome": "cancel"}, {"id": stranger, "outcome": "cancel"}]
    answer = await scene.post("handovers", scene.body(decisions=decisions))
    said = {(error["rule"], error["value"]) for error in answer.json()["errors"]}
    assert (answer.status_code, said) == (422, {("not-allowed", begun["id"]), ("not-open", stranger)})
    assert (await scene.request(other)).json()["requestingOrganizationId"] == str(cast.ids["north"])


async def test_a_school_that_closes_hands_over_to_nobody(cast: Cast) -> None:
    scene = Scene(cast)
    await scene.set(closes=True)
    made = await cast.submit("north", "Turn")
    cast.now = DECEMBER
    assert errors(await scene.post("handovers", scene.body())) == {"decisions": "not-allowed"}
    done = await scene.made("handovers", scene.body(rule={"request": "cancel"}))
    assert (done["toOrganizationId"], (await scene.request(made)).json()["status"]) == (None, "cancelled")


async def test_unpaid_lines_stay_with_the_former_operator_unless_they_are_transferred_by_reversal(scene: Scene) -> None:
    cast = scene.cast
    await scene.rate(HOURS)
    stays, goes = [await scene.made("charges", scene.hours("Turn", n)) for n in ("1", "2")]
    cast.now = DECEMBER
    await scene.made("handovers", scene.body(decisions=[{"id": goes["id"], "outcome": "transfer"}]))
    lines = (await cast.platform.get("/v1/charges")).json()["items"]
    names = {str(cast.ids[name]): name for name in ("north", "south")}
    assert [(line["kind"], names[line["payerId"]], line["amountCents"], line["status"]) for line in lines] == [
        ("purchase", "north", 4_500, "accrued"),
        ("purchase", "north", 9_000, "adjusted"),
        ("reversal", "north", -9_000, "accrued"),
        ("repost", "south", 9_000, "accrued"),
    ]
    assert stays["id"] == lines[0]["id"]


async def test_an_estimate_goes_over_and_has_to_be_approved_by_its_new_payer(scene: Scene) -> None:
    await scene.rate(HOURS, approvalThresholdCents=1)
    old = await scene.made("charges", scene.hours("Turn", stage="estimate"))
    scene.cast.now = DECEMBER
    await scene.made("handovers", scene.body())
    now = await scene.read(old)
    assert (now["payerId"], now["status"]) == (str(scene.cast.ids["south"]), "estimate")


async def test_a_handover_is_decided_once_it_is_there(scene: Scene) -> None:
    await scene.cast.submit("north", "Turn")
    assert errors(await scene.post("handovers", scene.body())) == {"effectiveOn": "not-yet"}


async def test_nothing_is_handed_over_on_a_day_without_a_change(scene: Scene) -> None:
    answer = await scene.open(day="2026-12-02")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:concordat:problem:no-handover")


async def test_a_second_handover_finds_nothing_left(scene: Scene) -> None:
    await scene.cast.submit("north", "Turn")
    scene.cast.now = DECEMBER
    await scene.made("handovers", scene.body())
    assert (await scene.post("handovers", scene.body())).status_code == 409


async def test_the_district_decides_the_former_operator_reads_and_nobody_else(scene: Scene) -> None:
    await scene.cast.submit("north", "Turn")
    scene.cast.now = DECEMBER
    everybody = ("north", "south", "elsewhere", "district")
    read = [(await scene.open(who)).status_code for who in everybody]
    decided = [(await scene.post("handovers", scene.body(), who)).status_code for who in everybody]
    assert (read, decided) == ([200, 404, 404, 200], [403, 404, 404, 201])


async def test_a_successor_sees_of_a_handover_only_what_came_to_it(scene: Scene) -> None:
    cast = scene.cast
    moved, kept = [await cast.submit("north", "Turn") for _ in range(2)]
    cast.now = DECEMBER
    done = await scene.made("handovers", scene.body(decisions=[{"id": kept["id"], "outcome": "complete"}]))
    seen = {}
    for who in ("north", "south", "charters"):
        items = (await cast.clients[who].get("/v1/handovers/decided")).json()["items"]
        seen[who] = [[item["id"] for item in one["items"]] for one in items]
    assert seen == {"north": [[moved["id"], kept["id"]]], "south": [[moved["id"]]], "charters": []}
    assert (await cast.clients["charters"].get(f"/v1/handovers/{done['id']}")).status_code == 404


async def test_a_series_goes_over_with_its_requests(scene: Scene) -> None:
    cast = scene.cast
    series = await _series(scene)
    cast.now = DECEMBER
    listed = (await scene.open()).json()["items"]
    await scene.made("handovers", scene.body())
    requests = [(await scene.request(one)).json() for one in series["requests"]]
    assert [(item["kind"], item["id"]) for item in listed] == [("series", series["id"])]
    assert {one["requestingOrganizationId"] for one in requests} == {str(cast.ids["south"])}
    assert (await cast.clients["south"].get(f"/v1/request-series/{series['id']}")).status_code == 200


async def test_a_cancelled_series_does_not_happen_from_the_day_on(scene: Scene) -> None:
    series = await _series(scene)
    scene.cast.now = DECEMBER
    await scene.made("handovers", scene.body(rule={"series": "cancel"}))
    statuses = {one["serviceDate"]: (await scene.request(one)).json()["status"] for one in series["requests"]}
    assert {day: status == "cancelled" for day, status in statuses.items()} == {
        day: date.fromisoformat(day) >= date.fromisoformat(TURN) for day in statuses
    }


async def test_a_handover_is_told_without_peoples_words(scene: Scene) -> None:
    await scene.cast.submit("north", "Turn")
    scene.cast.now = DECEMBER
    await scene.made("handovers", scene.body(reason="They were late again"))
    told = (await scene.cast.said())[-1]
    assert told.type == "concordat.shared-services.handover.decided.v1"
    assert "late" not in str(told.data)


async def _series(scene: Scene) -> dict[str, Any]:
    repeats = {"weekdays": ["wednesday"], "validFrom": "2026-11-25", "validTo": "2026-12-17"}
    body = {"request": scene.cast.body("Turn"), "repeats": repeats}
    return dict(await scene.made("request-series", body, "north"))
