"""Work orders: handed out, reported on twice and in any order, and what the work took."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any, get_args

import httpx2
import pytest
from contracts.shared_services import RequestStatus, WorkOrderStatus
from hypothesis import given
from hypothesis import strategies as st
from shared_services.requests.lifecycle import LIFECYCLE
from shared_services.workorders.rules import age, cents_of, follow
from shared_services.workorders.schemas import Labor, NewUpdate, Parts

from tests.shared_services.conftest import Cast, errors

START = datetime(2026, 11, 24, 16, tzinfo=UTC)
ON_SITE = {"updateId": "u1", "status": "on-site", "at": "2026-11-24T16:00:00Z", "externalId": "CMMS-77"}
DONE = {"updateId": "u2", "status": "completed", "at": "2026-11-24T18:00:00Z"}


class Yard:
    """A request that was accepted, and a vendor that may be handed its work."""

    def __init__(self, cast: Cast, request: dict[str, Any]) -> None:
        self.cast, self.request = cast, request

    async def hand_out(self, who: str = "district", **worker: str) -> httpx2.Response:
        """Hand the work out."""
        body = {"requestId": self.request["id"], "instructions": "Replace the valve"}
        to = worker or {"vendorId": str(self.cast.ids["vendor"])}
        return await self.cast.clients[who].post("/v1/work-orders", json=body | to)

    async def order(self, **worker: str) -> dict[str, Any]:
        """A work order."""
        answer = await self.hand_out(**worker)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def report(self, order: dict[str, Any], update: dict[str, Any], who: str = "vendor") -> httpx2.Response:
        """A report of the vendor's."""
        return await self.cast.clients[who].post(f"/v1/work-orders/{order['id']}/updates", json=update)

    async def status(self) -> str:
        """How far the request is."""
        answer = await self.cast.platform.get(f"/v1/requests/{self.request['id']}")
        return str(answer.json()["status"])


@pytest.fixture
async def yard(cast: Cast) -> Yard:
    """An accepted request, and two vendors."""
    await cast.organization("vendor", "vendor")
    await cast.organization("rival", "vendor")
    request = await cast.submit("north", "Orr", building="Main", room="Boiler room")
    return Yard(cast, (await cast.move("district", request, "accepted")).json())


async def test_work_that_is_handed_out_is_assigned_to_the_vendor(yard: Yard) -> None:
    order = await yard.order()
    request = (await yard.cast.platform.get(f"/v1/requests/{yard.request['id']}")).json()
    assert (order["status"], order["number"]) == ("issued", f"{yard.request['number']}-W1")
    assert (order["schoolName"], order["building"], order["room"]) == ("Orr", "Main", "Boiler room")
    assert (request["status"], request["crew"]) == ("assigned", "vendor")


async def test_the_vendors_reports_move_the_request(yard: Yard) -> None:
    order = await yard.order()
    seen = []
    for update in (ON_SITE, DONE):
        answer = (await yard.report(order, update)).json()
        seen.append((answer["status"], answer["externalId"], await yard.status()))
    assert seen == [("on-site", "CMMS-77", "in-progress"), ("completed", "CMMS-77", "completed")]
    history = await yard.cast.platform.get(f"/v1/requests/{yard.request['id']}/history")
    assert history.json()["items"][-1]["clientId"] == "vendor"


async def test_a_report_sent_again_changes_nothing(yard: Yard) -> None:
    order = await yard.order()
    first = await yard.report(order, ON_SITE)
    again = await asyncio.gather(*(yard.report(order, ON_SITE) for _ in range(5)))
    assert {answer.status_code for answer in again} == {200}
    assert all(answer.json() == first.json() for answer in again)
    updates = await yard.cast.clients["vendor"].get(f"/v1/work-orders/{order['id']}/updates")
    assert len(updates.json()["items"]) == 1


async def test_a_late_report_of_earlier_news_undoes_nothing(yard: Yard) -> None:
    order = await yard.order()
    await yard.report(order, DONE)
    late = (await yard.report(order, ON_SITE)).json()
    assert (late["status"], late["externalId"], await yard.status()) == ("completed", "CMMS-77", "completed")


async def test_the_senders_count_goes_before_its_clock(yard: Yard) -> None:
    order = await yard.order()
    await yard.report(order, DONE | {"sequence": 2, "at": "2026-11-24T16:00:00Z"})
    wrong_clock = (await yard.report(order, ON_SITE | {"sequence": 1, "at": "2026-11-24T19:00:00Z"})).json()
    assert wrong_clock["status"] == "completed"


async def test_one_number_is_one_report(yard: Yard) -> None:
    order = await yard.order()
    await yard.report(order, ON_SITE)
    assert errors(await yard.report(order, ON_SITE | {"status": "declined"})) == {"updateId": "reused"}


async def test_a_request_is_done_when_all_of_its_work_orders_are(yard: Yard) -> None:
    first, second = await yard.order(), await yard.order(crew="Plumbers")
    await yard.report(first, DONE)
    halfway = await yard.status()
    await yard.report(second, DONE, who="district")
    assert (halfway, await yard.status()) == ("assigned", "completed")


async def test_a_declined_work_order_leaves_the_request_to_the_district(yard: Yard) -> None:
    order = await yard.order()
    await yard.report(order, {"updateId": "u", "status": "declined", "at": "2026-11-24T16:00:00Z"})
    assert await yard.status() == "assigned"


async def test_a_vendor_sees_its_own_work_orders_and_nothing_else(yard: Yard) -> None:
    order = await yard.order()
    rival, vendor, north = (yard.cast.clients[who] for who in ("rival", "vendor", "north"))
    listed = [(await client.get("/v1/work-orders")).json()["items"] for client in (vendor, rival, north)]
    assert [len(items) for items in listed] == [1, 0, 0]
    assert (await rival.get(f"/v1/work-orders/{order['id']}")).status_code == 404
    assert (await yard.report(order, ON_SITE, who="rival")).status_code == 404
    assert (await vendor.get(f"/v1/requests/{yard.request['id']}")).status_code == 404


async def test_only_the_district_hands_out_and_takes_back(yard: Yard) -> None:
    assert (await yard.hand_out("north")).status_code == 403
    order = await yard.order()
    url = f"/v1/work-orders/{order['id']}/cancel"
    vendor = await yard.cast.clients["vendor"].post(url, json={"reason": "no"})
    back = await yard.cast.clients["district"].post(url, json={"reason": "Too late"})
    reported = (await yard.report(order, DONE)).json()
    assert (vendor.status_code, back.json()["status"]) == (403, "cancelled")
    assert (reported["status"], await yard.status()) == ("cancelled", "assigned")


async def test_work_is_handed_out_to_a_vendor_or_a_crew_and_to_nobody_else(yard: Yard) -> None:
    north = str(yard.cast.ids["north"])
    assert errors(await yard.hand_out(vendorId=north)) == {"vendorId": "unknown-vendor"}
    both = {"vendorId": str(yard.cast.ids["vendor"]), "crew": "Plumbers"}
    assert errors(await yard.hand_out(**both)) == {"vendorId": "one-of"}


async def test_work_on_what_is_not_accepted_is_not_handed_out(yard: Yard) -> None:
    yard.request = await yard.cast.submit("north", "Orr")
    assert (await yard.hand_out()).json()["type"] == "urn:concordat:problem:not-ready"


async def test_labor_and_parts_add_up_to_the_cent(yard: Yard) -> None:
    order = await yard.order()
    vendor, url = yard.cast.clients["vendor"], f"/v1/work-orders/{order['id']}/entries"
    labor = {"kind": "labor", "description": "Plumber", "minutes": 50, "centsPerHour": 6_499}
    parts = {"kind": "parts", "description": "Valve", "quantity": 3, "unitCents": 1_999}
    made = [(await vendor.post(url, json=entry)).json() for entry in (labor, parts)]
    assert [entry["cents"] for entry in made] == [5416, 5997]
    assert [one["entry"] for one in (await vendor.get(url)).json()["items"]] == [labor, parts]
    assert (await vendor.get(f"/v1/work-orders/{order['id']}")).json()["costCents"] == 11_413


async def test_every_change_is_said_without_the_instructions(yard: Yard) -> None:
    order = await yard.order()
    await yard.report(order, ON_SITE | {"note": "Mr. Smith let us in"})
    said = [row for row in await yard.cast.said() if row.subject.endswith(order["id"])]
    assert [(row.version, row.data["status"]) for row in said] == [(1, "issued"), (2, "on-site")]
    assert "Smith" not in str(said[1].data)
    assert "valve" not in str(said[0].data)


reports = st.fixed_dictionaries(
    {
        "updateId": st.sampled_from("abcd"),
        "status": st.sampled_from(["acknowledged", "on-site", "on-hold", "completed"]),
        "at": st.integers(0, 3).map(lambda hours: START + timedelta(hours=hours)),
        "sequence": st.none() | st.integers(0, 3),
    }
).map(NewUpdate.model_validate)
updates = st.lists(reports, min_size=1, max_size=4, unique_by=lambda update: update.update_id)


@given(sent=updates)
def test_the_newest_report_is_the_same_in_whatever_order_they_come(sent: list[NewUpdate]) -> None:
    assert len({max(order, key=age) for order in permutations(sent)}) == 1


@given(
    start=st.sampled_from(get_args(RequestStatus)),
    statuses=st.lists(st.sampled_from(get_args(WorkOrderStatus)), max_size=4),
)
def test_a_request_follows_only_by_steps_of_its_lifecycle(
    start: RequestStatus, statuses: list[WorkOrderStatus]
) -> None:
    provided = {(step.start, step.to) for step in LIFECYCLE if step.side == "provider"}
    for to in follow(start, statuses):
        assert (start, to) in provided
        start = to


@given(minutes=st.integers(1, 100_000), rate=st.integers(0, 10**8))
def test_labor_is_rounded_half_up_to_the_cent(minutes: int, rate: int) -> None:
    cents = cents_of(Labor(kind="labor", description="x", minutes=minutes, cents_per_hour=rate))
    assert -30 <= minutes * rate - cents * 60 < 30
    assert cents_of(Parts(kind="parts", description="x", quantity=minutes, unit_cents=7)) == minutes * 7
