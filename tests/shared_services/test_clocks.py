"""Promises: when they fall due, what stops them, and that nothing sets them back."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from contracts.shared_services import RequestStatus
from hypothesis import given
from hypothesis import strategies as st
from shared_services.clocks.open_time import open_time
from shared_services.clocks.promises import ServiceLevel
from shared_services.clocks.rules import Moment, Reading, Working, read_clocks

from tests.shared_services.calendars import CALENDAR, PROMISES, ROUTINE, THANKSGIVING, calendar
from tests.shared_services.conftest import GAS_LEAK, HVAC, Cast, errors

CHICAGO = ZoneInfo("America/Chicago")
WORKING = Working(open_time(calendar().model_dump_json(by_alias=True)), timedelta(hours=9), 1)
LEVEL = ServiceLevel.model_validate(ROUTINE)
FRIDAY = datetime(2025, 11, 21, 15, 30, tzinfo=CHICAGO)


def at(text: str) -> datetime:
    """A local time in Chicago."""
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO)


def moment(when: str, status: RequestStatus, waits_for: Any = None, by_provider: bool = True) -> Moment:
    """A step of a request."""
    return Moment(at(when), status, by_provider, waits_for)


def read(*steps: Moment, priority: Any = None, now: str = "2025-12-20 12:00") -> dict[str, Reading]:
    """What the clocks say of a request that came in on the Friday before Thanksgiving."""
    submitted = Moment(FRIDAY, "submitted", by_provider=False)
    readings = read_clocks(LEVEL, priority, [submitted, *steps], WORKING, at(now))
    return {reading.clock: reading for reading in readings}


def test_a_promise_is_kept_by_the_step_that_it_is_about() -> None:
    clocks = read(
        moment("2025-11-24 09:00", "accepted"),
        moment("2025-11-25 10:00", "in-progress"),
        moment("2025-12-02 10:00", "completed"),
    )
    met = {name: clock.met_at for name, clock in clocks.items()}
    assert met == {
        "acknowledge": at("2025-11-24 09:00"),
        "respond": at("2025-11-25 10:00"),
        "complete": at("2025-12-02 10:00"),
    }
    late = {name: clock.late(at("2025-12-20 12:00")) for name, clock in clocks.items()}
    assert late == {"acknowledge": False, "respond": False, "complete": True}


def test_a_pause_stops_only_the_clocks_that_its_reason_names() -> None:
    clocks = read(moment("2025-11-24 08:00", "on-hold", waits_for="parts"), moment("2025-11-25 08:00", "in-progress"))
    assert clocks["respond"].due_at == at("2025-11-25 15:30")
    assert clocks["complete"].due_at == at("2025-12-02 15:30")


def test_a_hold_for_a_reason_without_a_pause_stops_nothing() -> None:
    held = read(moment("2025-11-24 08:00", "on-hold", waits_for="budget"), now="2025-11-25 12:00")
    assert held["complete"].due_at == at("2025-12-01 15:30")
    assert held["complete"].paused_since is None


def test_a_pause_that_nobody_ends_runs_out() -> None:
    waiting = read(moment("2025-12-01 07:00", "on-hold", waits_for="parts"), now="2025-12-08 12:00")
    forgotten = read(moment("2025-12-01 07:00", "on-hold", waits_for="parts"), now="2026-06-01 12:00")
    assert waiting["complete"].paused_since == at("2025-12-01 07:00")
    assert waiting["complete"].due_at == forgotten["complete"].due_at == at("2025-12-11 15:30")
    assert forgotten["complete"].paused_since is None
    assert forgotten["complete"].late(at("2026-06-01 12:00"))


def test_another_priority_changes_how_long_a_clock_has_and_not_since_when() -> None:
    urgent = read(moment("2025-11-25 12:00", "triaged"), priority="P1")
    assert urgent["complete"].due_at == at("2025-11-24 15:30")


def test_reopened_work_goes_on_with_the_time_that_was_left() -> None:
    clocks = read(
        moment("2025-11-24 07:00", "in-progress"),
        moment("2025-11-24 15:30", "completed"),
        moment("2025-12-15 07:00", "in-progress", by_provider=False),
        now="2025-12-15 08:00",
    )
    complete = clocks["complete"]
    assert complete.met_at is None
    # Friday's half hour and Monday's eight and a half are used; 27 of 36 hours are left.
    assert complete.due_at == at("2025-12-17 16:00")
    assert clocks["respond"].met_at == at("2025-11-24 07:00")


def test_a_cancelled_request_owes_nothing_any_more() -> None:
    clocks = read(moment("2025-11-24 08:00", "cancelled", by_provider=False))
    assert {clock.stopped_at for clock in clocks.values()} == {at("2025-11-24 08:00")}
    assert not any(clock.late(at("2026-06-01 08:00")) for clock in clocks.values())


def test_without_a_calendar_only_what_runs_day_and_night_is_due() -> None:
    level = LEVEL.model_copy(
        update={"targets": [*LEVEL.targets[:1], LEVEL.targets[1].model_copy(update={"unit": "hours"})]}
    )
    readings = read_clocks(level, None, [Moment(FRIDAY, "submitted", by_provider=False)], None, FRIDAY)
    assert [reading.due_at for reading in readings] == [None, FRIDAY + timedelta(hours=2)]


statuses = st.sampled_from(["triaged", "on-hold", "in-progress", "needs-info", "completed", "assigned"])
steps = st.lists(st.tuples(st.integers(1, 100_000), statuses, st.sampled_from([None, "parts", "budget"])), max_size=8)


@given(steps=steps, now=st.integers(0, 10_000))
def test_no_history_makes_a_promise_due_earlier_or_forgives_what_was_used(steps: Any, now: int) -> None:
    moments, when = [Moment(FRIDAY.astimezone(UTC), "submitted", by_provider=False)], FRIDAY.astimezone(UTC)
    for minutes, status, reason in steps:
        when += timedelta(minutes=minutes)
        moments.append(Moment(when, status, True, reason if status == "on-hold" else None))
    plain = read_clocks(LEVEL, None, moments[:1], WORKING, when)
    for first, reading in zip(
        plain, read_clocks(LEVEL, None, moments, WORKING, when + timedelta(hours=now)), strict=True
    ):
        assert reading.due_at is not None
        assert first.due_at is not None
        assert reading.due_at >= first.due_at
        assert reading.used >= 0
        assert reading.late(when) <= (reading.used >= 1 or reading.met_at is not None)


@pytest.fixture
async def promised(cast: Cast) -> Cast:
    """A district with a calendar and promises, on the Friday before Thanksgiving 2025."""
    cast.now = FRIDAY
    await post(cast, "calendars", CALENDAR)
    await post(cast, "service-levels", PROMISES)
    await cast.offer(HVAC | {"code": "MNT-ROUTINE", "serviceLevel": "routine"})
    await cast.offer(GAS_LEAK | {"code": "MNT-GAS", "serviceLevel": "emergency"})
    return cast


async def post(cast: Cast, what: str, document: dict[str, Any], who: str = "district") -> dict[str, Any]:
    """Lay down the district's next version."""
    body = document | {"districtId": str(cast.ids["district"]), "reason": "Test"}
    answer = await cast.clients[who].post(f"/v1/{what}", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def clocks(cast: Cast, request: dict[str, Any], **query: str) -> dict[str, Any]:
    """The clocks of a request as its requester reads them."""
    answer = await cast.clients["north"].get(f"/v1/requests/{request['id']}/clocks", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def due(said: dict[str, Any]) -> dict[str, str]:
    """When each clock is due, in Chicago."""
    return {
        clock["clock"]: datetime.fromisoformat(clock["dueAt"]).astimezone(CHICAGO).strftime("%m-%d %H:%M")
        for clock in said["clocks"]
    }


async def test_a_request_is_due_by_the_calendar_of_its_district(promised: Cast) -> None:
    routine = await promised.submit("north", "Orr", "MNT-ROUTINE")
    emergency = await promised.submit("north", "Orr", "MNT-GAS")
    said = await clocks(promised, routine)
    assert due(said) == {"acknowledge": "11-24 10:30", "respond": "11-25 15:30", "complete": "12-01 15:30"}
    assert (said["calendarVersion"], said["promiseVersion"]) == (1, 1)
    assert due(await clocks(promised, emergency)) == {"respond": "11-21 16:30"}


async def test_a_corrected_calendar_gives_new_due_times_and_the_old_ones_stay_readable(promised: Cast) -> None:
    request = await promised.submit("north", "Orr", "MNT-ROUTINE")
    before = promised.now + timedelta(hours=1)
    promised.now += timedelta(hours=2)
    snow = {"name": "Snow", "validFrom": "2025-11-24", "validTo": "2025-11-25"}
    report = await post(promised, "calendars", CALENDAR | {"closures": [THANKSGIVING, snow]})
    now, then = await clocks(promised, request), await clocks(promised, request, knownAt=before.isoformat())
    assert (report["version"], report["requestsDatedAnew"]) == (2, 1)
    assert (now["calendarVersion"], due(now)["complete"]) == (2, "12-02 15:30")
    assert (then["calendarVersion"], due(then)["complete"]) == (1, "12-01 15:30")


async def test_dating_anew_adds_to_the_history_and_rewrites_nothing(promised: Cast) -> None:
    request = await promised.submit("north", "Orr", "MNT-ROUTINE")
    history = f"/v1/requests/{request['id']}/history"
    before = (await promised.clients["north"].get(history)).json()["items"]
    await post(promised, "calendars", CALENDAR | {"closures": []})
    await post(promised, "calendars", CALENDAR | {"closures": []})
    after = (await promised.clients["north"].get(history)).json()["items"]
    assert after[: len(before)] == before
    # The nearest promise, the acknowledgement, is not touched by Thanksgiving.
    assert len(after) == len(before)
    snow = {"name": "Snow", "validFrom": "2025-11-24", "validTo": "2025-11-25"}
    await post(promised, "calendars", CALENDAR | {"closures": [snow]})
    dated = (await promised.clients["north"].get(history)).json()["items"][-1]
    assert (dated["from"], dated["to"], dated["side"]) == ("submitted", "submitted", "system")
    assert dated["reason"] == "Calendar version 4: Test"
    assert (await promised.said())[-1].data["dueAt"] == "2025-11-25T16:30:00Z"


async def test_what_was_promised_when_a_request_came_in_holds(promised: Cast) -> None:
    request = await promised.submit("north", "Orr", "MNT-ROUTINE")
    looser = ROUTINE | {"targets": [{"clock": "complete", "amount": 90, "unit": "business-days"}]}
    await post(promised, "service-levels", {"classes": [looser]})
    assert due(await clocks(promised, request))["complete"] == "12-01 15:30"


async def test_what_is_late_by_an_hour_is_listed_the_first_due_first(promised: Cast) -> None:
    routine = await promised.submit("north", "Orr", "MNT-ROUTINE")
    emergency = await promised.submit("south", "Mann", "MNT-GAS")
    unpromised = await promised.submit("north", "Orr")
    listed = {}
    for limit in ("2025-11-21T22:31:00Z", "2025-11-24T16:31:00Z"):
        answer = await promised.clients["district"].get("/v1/requests", params={"dueBefore": limit, "limit": 1})
        page = answer.json()
        listed[limit] = [page["items"][0]["number"]]
        if "next" in answer.links:
            more = await promised.clients["district"].get(answer.links["next"]["url"])
            listed[limit] += [item["number"] for item in more.json()["items"]]
    assert list(listed.values()) == [[emergency["number"]], [emergency["number"], routine["number"]]]
    assert unpromised["dueAt"] is None


async def test_whoever_is_told_of_a_delay_depends_on_how_much_of_the_time_is_used(promised: Cast) -> None:
    request = await promised.submit("north", "Orr", "MNT-ROUTINE")
    told = []
    for promised.now in (at("2025-11-24 07:30"), at("2025-11-24 09:00"), at("2025-11-24 10:31")):
        acknowledge = (await clocks(promised, request))["clocks"][0]
        told.append((acknowledge["usedPercent"], acknowledge["late"], acknowledge["escalatedTo"]))
    assert told == [(25, False, []), (62, False, ["Foreman"]), (100, True, ["Foreman", "Director of facilities"])]


async def test_asking_back_is_an_acknowledgement_and_pauses_the_rest(promised: Cast) -> None:
    request = await promised.submit("north", "Orr", "MNT-ROUTINE")
    promised.now = at("2025-11-24 08:00")
    request = (await promised.move("district", request, "needs-info", reason="Which room?")).json()
    promised.now = at("2025-11-25 08:00")
    asked = await clocks(promised, request)
    assert [bool(clock["metAt"]) for clock in asked["clocks"]] == [True, False, False]
    assert [clock["pausedSince"] for clock in asked["clocks"]] == [None, *["2025-11-24T14:00:00Z"] * 2]
    await promised.move("north", request, "submitted", reason="Room 12")
    assert due(await clocks(promised, request))["respond"] == "11-26 15:30"


@pytest.mark.parametrize("what", ["calendars", "service-levels"])
async def test_only_the_district_lays_down_its_calendar_and_its_promises(cast: Cast, what: str) -> None:
    document = {"calendars": CALENDAR, "service-levels": PROMISES}[what]
    body = document | {"districtId": str(cast.ids["district"]), "reason": "Mine"}
    assert (await cast.clients["north"].post(f"/v1/{what}", json=body)).status_code == 403
    await post(cast, what, document)
    await post(cast, what, document)
    listed = await cast.clients["north"].get(f"/v1/{what}", params={"districtId": str(cast.ids["district"])})
    assert [item["version"] for item in listed.json()["items"]] == [1, 2]


async def test_a_zone_that_does_not_exist_is_refused_by_field(cast: Cast) -> None:
    body = CALENDAR | {"timeZone": "America/Chigaco", "districtId": str(cast.ids["district"]), "reason": "Typo"}
    assert list(errors(await cast.platform.post("/v1/calendars", json=body))) == ["body.timeZone"]


@pytest.mark.parametrize("opens", [0, "07:00Z", "25:00"])
async def test_hours_are_local_times(cast: Cast, opens: object) -> None:
    hours = [{"weekday": "monday", "opens": opens, "closes": "16:00"}]
    body = CALENDAR | {"hours": hours, "districtId": str(cast.ids["district"]), "reason": "Test"}
    assert list(errors(await cast.platform.post("/v1/calendars", json=body))) == ["body.hours.0.opens"]


async def test_promises_that_contradict_themselves_are_refused_all_at_once(cast: Cast) -> None:
    twice = ROUTINE | {"targets": [ROUTINE["targets"][0]] * 2, "reopenDays": 1}
    body = {"classes": [twice, twice], "districtId": str(cast.ids["district"]), "reason": "Test"}
    assert errors(await cast.platform.post("/v1/service-levels", json=body)) == {
        "classes.0.targets.1": "repeated",
        "classes.0.reopenDays": "not-before-closing",
        "classes.1.code": "repeated",
        "classes.1.targets.1": "repeated",
        "classes.1.reopenDays": "not-before-closing",
    }


async def test_a_class_that_the_district_never_promised_is_no_term_of_an_offering(cast: Cast) -> None:
    body = HVAC | {"code": "MNT-2", "districtId": str(cast.ids["district"]), "serviceLevel": "routine"}
    assert errors(await cast.platform.post("/v1/offerings", json=body)) == {"serviceLevel": "unknown-class"}
