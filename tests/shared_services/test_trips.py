"""Trips: the notice to the departure, the vehicle of the party, the hours of the daily runs, and the plan of a day."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_services.trips.rules import Outing, busiest, choose
from shared_services.trips.schemas import Vehicle

from tests.shared_services.calendars import CALENDAR
from tests.shared_services.conftest import FIELD_TRIP, Cast, errors

CHICAGO = ZoneInfo("America/Chicago")
FLEET: dict[str, Any] = {
    "vehicles": [
        {"code": "small-bus", "name": "Small bus", "seats": 12, "wheelchairPlaces": 2, "count": 2},
        {"code": "bus", "name": "Bus", "seats": 44, "count": 5},
    ],
    "blackouts": [{"validFrom": "2026-12-14", "validTo": "2026-12-19", "reason": "State tests"}],
}
TRIP = {
    "destination": "Field Museum",
    "headcount": 10,
    "departsAt": "2026-12-03T10:00:00",
    "returnsAt": "2026-12-03T13:00:00",
}
FEES = [
    {"on": "cancelled", "lessThanHours": 48, "cents": 5000},
    {"on": "cancelled", "lessThanHours": 24, "cents": 12500},
    {"on": "rescheduled", "lessThanHours": 72, "cents": 2500},
]


@pytest.fixture
async def fleet(cast: Cast) -> Cast:
    """A district with buses, bell tiers and a trip to order."""
    district = {"districtId": str(cast.ids["district"]), "reason": "Test"}
    for what, document in (("calendars", CALENDAR), ("trips/fleets", FLEET)):
        answer = await cast.clients["district"].post(f"/v1/{what}", json=document | district)
        assert answer.status_code == 201, answer.text
    await cast.offer(FIELD_TRIP | {"code": "TRN-TRIP", "kind": "field-trip", "fees": FEES})
    return cast


def body(cast: Cast, school: str = "Orr", **more: Any) -> dict[str, Any]:
    """An order; local times are Chicago's."""
    trip = TRIP | more
    for name in ("departsAt", "returnsAt"):
        trip[name] = datetime.fromisoformat(trip[name]).replace(tzinfo=CHICAGO).isoformat()
    return trip | {"request": cast.body(school, "TRN-TRIP")}


async def order(cast: Cast, who: str = "north", **more: Any) -> httpx2.Response:
    """Order a trip."""
    return await cast.clients[who].post("/v1/trips", json=body(cast, **more))


async def ordered(cast: Cast, **more: Any) -> dict[str, Any]:
    """A trip that is taken."""
    answer = await order(cast, **more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def reschedule(cast: Cast, trip: dict[str, Any], **hours: str) -> httpx2.Response:
    """Move a trip."""
    moved = body(cast, **hours)
    return await cast.clients["north"].post(
        f"/v1/trips/{trip['request']['id']}/reschedule",
        json={name: moved[name] for name in ("departsAt", "returnsAt")},
        headers={"if-match": f'"{trip["request"]["version"]}"'},
    )


@pytest.mark.parametrize(("submitted", "status"), [("10:00", 201), ("10:01", 422)])
async def test_notice_of_exactly_48_hours_before_the_departure_is_enough(
    fleet: Cast, submitted: str, status: int
) -> None:
    fleet.now = datetime.fromisoformat(f"2026-12-01 {submitted}").replace(tzinfo=CHICAGO)
    answer = await order(fleet)
    assert answer.status_code == status
    if status == 422:
        assert errors(answer) == {"startsAt": "lead-time"}


@pytest.mark.parametrize(
    ("returns", "conflict"), [("13:30", False), ("13:31", True), ("13:45", True), ("17:14", True), ("17:15", False)]
)
async def test_a_bus_is_not_back_during_the_afternoon_runs(fleet: Cast, returns: str, conflict: bool) -> None:
    answer = await order(fleet, returnsAt=f"2026-12-03T{returns}:00")
    if conflict:
        assert errors(answer) == {"returnsAt": "bell-tier-conflict"}
        assert "13:30 to 17:15" in answer.json()["errors"][0]["message"]
    else:
        assert answer.status_code == 201


async def test_there_are_no_runs_on_a_day_on_which_the_district_is_closed(fleet: Cast) -> None:
    saturday = {"departsAt": "2026-12-05T08:00:00", "returnsAt": "2026-12-05T14:00:00"}
    assert (await order(fleet, **saturday)).status_code == 201


async def test_all_that_stands_against_a_trip_is_told_at_once(fleet: Cast) -> None:
    fleet.now = datetime(2026, 12, 13, 15, tzinfo=UTC)
    hours = {"departsAt": "2026-12-14T08:00:00", "returnsAt": "2026-12-14T14:00:00"}
    answer = await order(fleet, headcount=400, **hours)
    assert {(error["field"], error["rule"]) for error in answer.json()["errors"]} == {
        ("startsAt", "lead-time"),
        ("departsAt", "bell-tier-conflict"),
        ("returnsAt", "bell-tier-conflict"),
        ("departsAt", "blackout"),
        ("departsAt", "fleet-in-use"),
    }


@pytest.mark.parametrize(
    ("party", "vehicle", "count"),
    [
        ({"headcount": 12}, "small-bus", 1),
        ({"headcount": 12, "aides": 1}, "bus", 1),
        ({"headcount": 100}, "bus", 3),
        ({"headcount": 20, "wheelchairs": 1}, "small-bus", 2),
    ],
)
async def test_the_party_decides_on_the_vehicle(fleet: Cast, party: dict[str, int], vehicle: str, count: int) -> None:
    made = await ordered(fleet, **party)
    assert (made["vehicle"], made["vehicleCount"]) == (vehicle, count)


async def test_the_number_of_a_request_approves_nothing_and_the_trip_number_comes_later(fleet: Cast) -> None:
    made = await ordered(fleet)
    assert (made["request"]["status"], made["tripNumber"]) == ("submitted", None)
    await fleet.move("district", made["request"], "accepted")
    approved = (await fleet.clients["north"].get(f"/v1/trips/{made['request']['id']}")).json()
    assert approved["tripNumber"] == made["request"]["number"].replace("TRN", "TRIP")


async def test_the_fleet_of_a_day_is_not_given_away_twice(fleet: Cast) -> None:
    answers = await asyncio.gather(*(order(fleet) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 422, 422, 422]
    later = {"departsAt": "2026-12-03T13:00:00", "returnsAt": "2026-12-03T13:30:00"}
    assert (await order(fleet, **later)).status_code == 201


async def test_a_cancelled_trip_gives_its_bus_back_and_costs_by_its_notice(fleet: Cast) -> None:
    trips = [await ordered(fleet) for _ in range(2)]
    early = (await fleet.move("north", trips[0]["request"], "cancelled")).json()
    fleet.now = datetime(2026, 12, 3, 9, 59, tzinfo=CHICAGO)
    late = (await fleet.move("north", trips[1]["request"], "cancelled")).json()
    assert (early["feeCents"], late["feeCents"], late["particulars"]["feeCents"]) == (0, 12500, 12500)
    fleet.now = datetime(2026, 12, 1, 9, tzinfo=CHICAGO)
    assert [(await order(fleet)).status_code for _ in range(2)] == [201, 201]


async def test_a_trip_is_moved_by_the_rules_of_an_order_and_keeps_its_number(fleet: Cast) -> None:
    made = await ordered(fleet)
    refused = await reschedule(fleet, made, departsAt="2026-12-04T09:00:00", returnsAt="2026-12-04T12:00:00")
    fleet.now = datetime(2026, 12, 1, 9, tzinfo=CHICAGO)
    moved = (await reschedule(fleet, made, departsAt="2026-12-04T09:15:00", returnsAt="2026-12-04T12:00:00")).json()
    assert errors(refused) == {"departsAt": "bell-tier-conflict"}
    assert (moved["request"]["number"], moved["request"]["serviceDate"]) == (made["request"]["number"], "2026-12-04")
    assert moved["request"]["feeCents"] == 2500
    history = await fleet.platform.get(f"/v1/requests/{made['request']['id']}/history")
    step = history.json()["items"][-1]
    assert (step["from"], step["to"], step["particulars"]["startsAt"]) == (
        "submitted",
        "submitted",
        "2026-12-04T15:15:00Z",
    )


async def test_a_moved_trip_does_not_stand_in_its_own_way(fleet: Cast) -> None:
    made = [await ordered(fleet) for _ in range(2)][1]
    answer = await reschedule(fleet, made, departsAt="2026-12-03T11:00:00", returnsAt="2026-12-03T13:00:00")
    assert answer.status_code == 200


async def test_a_trip_that_has_ended_is_not_moved(fleet: Cast) -> None:
    made = await ordered(fleet)
    made["request"] = (await fleet.move("north", made["request"], "cancelled")).json()
    answer = await reschedule(fleet, made, departsAt="2026-12-04T10:00:00", returnsAt="2026-12-04T12:00:00")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:concordat:problem:trip-has-begun")


async def test_a_school_that_opted_out_gets_a_quote_for_a_trip(fleet: Cast) -> None:
    await fleet.offer(
        FIELD_TRIP | {"code": "TRN-PAID", "kind": "athletics", "price": {"model": "per-trip", "cents": 30000}}
    )
    await fleet.grant("Orr", {"service": "transportation", "class": "opted-out-no-credit"})
    wanted = body(fleet)
    wanted["request"]["offering"] = "TRN-PAID"
    made = (await fleet.clients["north"].post("/v1/trips", json=wanted)).json()
    assert (made["request"]["status"], made["tripNumber"]) == ("quoted", None)


async def test_trips_are_ordered_as_trips_and_nothing_else_is(fleet: Cast) -> None:
    north = fleet.clients["north"]
    plain = await north.post("/v1/requests", json=fleet.body("Orr", "TRN-TRIP", serviceDate="2026-12-03"))
    wanted = body(fleet)
    wanted["request"]["offering"] = "MNT-HVAC"
    assert errors(plain) == {"offering": "ordered-as-a-trip"}
    assert errors(await north.post("/v1/trips", json=wanted)) == {"offering": "not-a-trip"}


async def test_hours_that_make_no_trip_are_refused(fleet: Cast) -> None:
    assert errors(await order(fleet, returnsAt="2026-12-03T09:59:00"))["returnsAt"] == "after-start"
    assert errors(await order(fleet, returnsAt="2026-12-18T12:00:00"))["returnsAt"] == "too-long"


async def test_a_district_without_a_fleet_takes_no_trips(cast: Cast) -> None:
    await cast.offer(FIELD_TRIP | {"code": "TRN-TRIP", "kind": "field-trip"})
    assert errors(await order(cast)) == {"offering": "no-fleet"}


async def test_the_dispatcher_sees_who_leaves_when_in_what(fleet: Cast) -> None:
    late = await ordered(fleet, departsAt="2026-12-03T11:00:00", headcount=30)
    early = await ordered(fleet)
    await ordered(fleet, departsAt="2026-12-04T10:00:00", returnsAt="2026-12-04T12:00:00")
    gone = await ordered(fleet, departsAt="2026-12-03T10:30:00")
    await fleet.move("north", gone["request"], "cancelled")
    plan = (await fleet.clients["district"].get("/v1/trips/day-plan?date=2026-12-03")).json()
    assert [trip["number"] for trip in plan["trips"]] == [early["request"]["number"], late["request"]["number"]]
    assert (plan["trips"][0]["schoolName"], plan["trips"][0]["departsAt"]) == ("Orr", "2026-12-03T16:00:00Z")
    assert plan["fleet"] == [
        {"vehicle": "small-bus", "count": 2, "busiest": 1},
        {"vehicle": "bus", "count": 5, "busiest": 1},
    ]


async def test_a_day_plan_is_for_the_district_that_drives(fleet: Cast) -> None:
    url = f"/v1/trips/day-plan?date=2026-12-03&districtId={fleet.ids['district']}"
    assert (await fleet.clients["elsewhere"].get(url)).status_code == 403
    assert (await fleet.platform.get(url)).status_code == 200
    assert errors(await fleet.platform.get("/v1/trips/day-plan?date=2026-12-03")) == {"query.districtId": "missing"}


async def test_a_fleet_that_contradicts_itself_is_refused(cast: Cast) -> None:
    blackout = {"validFrom": "2026-12-14", "validTo": "2026-12-14", "reason": "x"}
    broken = {"vehicles": FLEET["vehicles"][:1] * 2, "blackouts": [blackout]}
    answer = await cast.platform.post(
        "/v1/trips/fleets", json=broken | {"districtId": str(cast.ids["district"]), "reason": "Test"}
    )
    assert errors(answer) == {"vehicles.1.code": "repeated", "blackouts.0.validTo": "after-start"}


vehicles = st.lists(
    st.builds(
        Vehicle,
        code=st.uuids().map(str),
        name=st.just("V"),
        seats=st.integers(1, 60),
        wheelchair_places=st.integers(0, 3),
        count=st.integers(0, 9),
    ),
    max_size=5,
)


@given(fleet=vehicles, party=st.integers(1, 300), wheelchairs=st.integers(0, 10))
def test_whatever_is_chosen_takes_the_whole_party(fleet: list[Vehicle], party: int, wheelchairs: int) -> None:
    choice = choose(fleet, party, wheelchairs)
    if choice is None:
        assert not fleet or (wheelchairs and not any(vehicle.wheelchair_places for vehicle in fleet))
        return
    assert choice.count * choice.vehicle.seats >= party
    assert choice.count * choice.vehicle.wheelchair_places >= wheelchairs
    alone = [v for v in fleet if v.seats >= party and v.wheelchair_places >= wheelchairs]
    assert (choice.count == 1) == bool(alone)
    assert not alone or choice.vehicle.seats == min(vehicle.seats for vehicle in alone)


DAY = datetime(2026, 12, 3, tzinfo=UTC)
hours = st.tuples(st.integers(0, 22), st.integers(1, 8), st.integers(1, 3)).map(
    lambda out: Outing(DAY + timedelta(hours=out[0]), DAY + timedelta(hours=out[0] + out[1]), out[2])
)


@given(out=st.lists(hours, max_size=8), start=st.integers(0, 20), length=st.integers(1, 10))
def test_the_busiest_moment_is_that_of_a_count_minute_by_minute(out: list[Outing], start: int, length: int) -> None:
    first, last = DAY + timedelta(hours=start), DAY + timedelta(hours=start + length)
    halves = [first + timedelta(minutes=30 * count) for count in range(length * 2)]
    counted = [sum(one.count for one in out if one.departs_at <= at < one.returns_at) for at in halves]
    assert busiest(out, first, last) == max(counted)
