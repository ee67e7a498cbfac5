"""Accrual: what becomes of completed requests by their entitlement, their estimates and their fees."""

from datetime import UTC, datetime
from typing import Any

import pytest
from contracts.registry import SchoolChanged

from tests.shared_services.books import HOURS, WORK_ORDER, Books
from tests.shared_services.calendars import CALENDAR
from tests.shared_services.conftest import FIELD_TRIP, HVAC, Cast, facts, held

PIECE = HVAC | {
    "code": "MNT-KEYS",
    "name": "New keys",
    "entitledArrangements": [],
    "price": {"model": "per-work-order", "cents": 9_950},
}
BY_THE_HOUR = PIECE | {"code": "MNT-MOVE", "price": {"model": "per-hour"}}
BOUGHT = {"class": "purchased"}
FLEET = {"vehicles": [{"code": "bus", "name": "Bus", "seats": 44, "count": 5}]}
FEES = [{"on": "cancelled", "lessThanHours": 24, "cents": 12_500}]
TRIP: dict[str, Any] = {
    "destination": "Field Museum",
    "headcount": 10,
    "departsAt": "2026-12-03T10:00:00-06:00",
    "returnsAt": "2026-12-03T13:00:00-06:00",
}


@pytest.fixture
async def books(cast: Cast) -> Books:
    """A district's books, with a service by the piece and one by the hour for sale to Orr."""
    for terms in (PIECE, BY_THE_HOUR):
        await cast.offer(terms)
    await cast.grant("Orr", BOUGHT | {"service": "MNT-KEYS"}, BOUGHT | {"service": "MNT-MOVE"})
    return Books(cast)


async def done(books: Books, offering: str, **more: Any) -> dict[str, Any]:
    """A request of Orr's whose work is done."""
    return await finish(books, await books.cast.submit("north", "Orr", offering, **more))


async def finish(books: Books, request: dict[str, Any]) -> dict[str, Any]:
    """A new request after its work is done."""
    for to in ("accepted", "scheduled", "in-progress", "completed"):
        day = {"scheduledFor": "2026-11-24"} if to == "scheduled" else {}
        answer = await books.cast.move("district", request, to, **day)
        assert answer.status_code == 200, answer.text
        request = answer.json()
    return request


async def accrue(books: Books) -> dict[str, Any]:
    return dict(await books.made("charges/accruals", {"districtId": str(books.cast.ids["district"])}))


async def lines(books: Books) -> list[tuple[str, str, int]]:
    items = (await books.cast.platform.get("/v1/charges")).json()["items"]
    return [(item["kind"], item["status"], item["amountCents"]) for item in items]


async def test_a_bought_piece_is_charged_at_its_rate(books: Books) -> None:
    await books.rate(WORK_ORDER | {"offering": "MNT-KEYS"})
    await done(books, "MNT-KEYS")
    assert ((await accrue(books))["accrued"], await lines(books)) == (1, [("purchase", "accrued", 9_950)])


async def test_a_quote_that_differs_from_the_rate_waits_for_somebody_to_look_at_it(books: Books) -> None:
    await books.rate(WORK_ORDER | {"offering": "MNT-KEYS", "centsPerUnit": 9_000})
    request = await done(books, "MNT-KEYS")
    (waiting,) = (await accrue(books))["awaiting"]
    assert (waiting["number"], "9950 cents were quoted" in waiting["reason"]) == (request["number"], True)


async def test_a_piece_without_a_rate_waits_for_one(books: Books) -> None:
    await done(books, "MNT-KEYS")
    (waiting,) = (await accrue(books))["awaiting"]
    assert "/v1/rates" in waiting["reason"]


async def test_hours_wait_until_somebody_says_how_many(books: Books) -> None:
    await books.rate(HOURS | {"offering": "MNT-MOVE"})
    request = await done(books, "MNT-MOVE")
    (waiting,) = (await accrue(books))["awaiting"]
    hours = {"offering": "MNT-MOVE", "serviceDate": "2026-11-24", "requestId": request["id"]}
    await books.made("charges", books.hours("Orr", "3", **hours))
    assert "how much" in waiting["reason"]
    assert (await accrue(books), await lines(books)) == (
        {"accrued": 0, "awaiting": [], "nextAfter": None},
        [("purchase", "accrued", 13_500)],
    )


async def test_estimates_are_accrued_when_the_work_is_done_and_approved(books: Books) -> None:
    await books.rate(HOURS | {"offering": "MNT-MOVE", "approvalThresholdCents": 9_000})
    await books.rate(WORK_ORDER | {"offering": "MNT-MOVE"})
    request = await books.cast.submit("north", "Orr", "MNT-MOVE")
    of_request = {"offering": "MNT-MOVE", "serviceDate": "2026-11-24", "requestId": request["id"], "stage": "estimate"}
    large = await books.made("charges", books.hours("Orr", "3", **of_request))
    await books.made("charges", books.hours("Orr", "1", **of_request | {"unit": "per-work-order"}))
    assert (await accrue(books))["accrued"] == 0
    await finish(books, request)
    report = await accrue(books)
    assert (report["accrued"], [one["reason"] for one in report["awaiting"]]) == (
        1,
        ["Its payer has not approved it yet."],
    )
    await books.made(f"charges/{large['id']}/approval", {"decision": "approved"}, "north", version=1)
    assert ((await accrue(books))["accrued"], [status for _, status, _ in await lines(books)]) == (1, ["accrued"] * 2)


async def test_a_hazard_that_is_not_included_waits_for_a_decision(books: Books) -> None:
    await books.cast.grant("Orr", {"service": "MNT-HVAC", "class": "opted-out-no-credit"})
    request = await done(books, "MNT-HVAC", hazard=True)
    (waiting,) = (await accrue(books))["awaiting"]
    await books.made("charges/waivers", {"requestId": request["id"], "reason": "Glass where children play"})
    assert "hazard" in waiting["reason"]
    assert ((await accrue(books))["awaiting"], await lines(books)) == ([], [("included", "accrued", 0)])


async def test_a_late_cancellation_is_charged_by_the_terms_once(books: Books) -> None:
    cast = books.cast
    for what, document in (("calendars", CALENDAR), ("trips/fleets", FLEET)):
        await books.made(what, document | {"districtId": str(cast.ids["district"]), "reason": "Test"})
    await cast.offer(FIELD_TRIP | {"code": "TRN-TRIP", "kind": "field-trip", "fees": FEES})
    trip = await books.made("trips", TRIP | {"request": cast.body("Orr", "TRN-TRIP")}, "north")
    cast.now = datetime(2026, 12, 3, 15, 59, tzinfo=UTC)
    await cast.move("north", trip["request"], "cancelled")
    assert [(await accrue(books))["accrued"] for _ in range(2)] == [1, 0]
    assert await lines(books) == [("fee", "accrued", 12_500)]


async def test_what_a_school_bought_is_not_charged_once_it_is_closed_on_that_day(books: Books) -> None:
    await books.rate(WORK_ORDER | {"offering": "MNT-KEYS"})
    await done(books, "MNT-KEYS")
    ids = books.cast.ids
    closed = [facts("Orr", end="2026-11-24"), facts("Orr", "2026-11-24", operational_status="closed")]
    roles = [held(ids["district"], "accountable-lea"), held(ids["north"], "operator")]
    await books.cast.hear(SchoolChanged(id=ids["Orr"], version=2, facts=closed, assignments=roles))
    report = await accrue(books)
    assert (report["accrued"], "closed" in report["awaiting"][0]["reason"]) == (0, True)


async def test_a_line_goes_to_the_month_of_the_service_or_the_first_open_one(books: Books) -> None:
    await done(books, "MNT-HVAC")
    books.cast.now = datetime(2026, 12, 2, 15, tzinfo=UTC)
    await books.close("2026-11-01")
    await accrue(books)
    (line,) = (await books.cast.platform.get("/v1/charges")).json()["items"]
    assert (line["serviceDate"], line["month"]) == ("2026-11-24", "2026-12-01")
