"""From completed requests to a statement that finance nets: accrual, closing, late entries, disputes."""

import asyncio
import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.shared_services.books import HOURS, Books
from tests.shared_services.conftest import Cast, errors

DECEMBER = datetime(2026, 12, 1, 15, tzinfo=UTC)


@pytest.fixture
def books(cast: Cast) -> Books:
    return Books(cast)


async def complete(cast: Cast, who: str = "north", school: str = "Orr", **more: Any) -> dict[str, Any]:
    """A request of today whose work is done."""
    request = await cast.submit(who, school, **more)
    for to in ("accepted", "scheduled", "in-progress", "completed"):
        day = {"scheduledFor": "2026-11-24"} if to == "scheduled" else {}
        answer = await cast.move("platform", request, to, **day)
        assert answer.status_code == 200, answer.text
        request = answer.json()
    return request


async def accrue(books: Books, who: str = "district") -> dict[str, Any]:
    return dict(await books.made("charges/accruals", {"districtId": str(books.cast.ids["district"])}, who))


async def billed(books: Books) -> dict[str, Any]:
    """A line of two hours in October, billed."""
    await books.rate(HOURS)
    line = await books.made("charges", books.hours("Orr"))
    assert (await books.close("2026-10-01")).status_code == 201
    return dict(await books.read(line))


async def test_included_use_stands_on_the_statement_at_zero(books: Books) -> None:
    request = await complete(books.cast)
    assert await accrue(books) == {"accrued": 1, "awaiting": [], "nextAfter": None}
    (statement,) = await books.statements("2026-11-15", "north")
    assert (statement["includedUses"], statement["netCents"], statement["status"]) == (1, 0, "open")
    (line,) = statement["lines"]
    assert (line["requestId"], line["kind"], line["amountCents"]) == (request["id"], "included", 0)


async def test_an_accrual_sent_again_and_at_the_same_time_charges_nothing_twice(books: Books) -> None:
    for _ in range(3):
        await complete(books.cast)
    reports = await asyncio.gather(*(accrue(books) for _ in range(3)))
    assert (sum(report["accrued"] for report in reports), (await accrue(books))["accrued"]) == (3, 0)
    assert len((await books.cast.platform.get("/v1/charges")).json()["items"]) == 3


async def test_a_request_that_is_not_done_is_not_charged(books: Books) -> None:
    await books.cast.submit("north", "Orr")
    assert (await accrue(books))["accrued"] == 0


async def test_a_waived_request_costs_nothing_and_says_why(books: Books) -> None:
    request = await complete(books.cast, offering="MNT-GAS-LEAK")
    waiver = {"requestId": request["id"], "reason": "A danger to all"}
    line = await books.made("charges/waivers", waiver)
    again = await books.post("charges/waivers", waiver)
    assert (line["amountCents"], line["reason"], again.status_code) == (0, "A danger to all", 409)


async def test_a_statement_adds_up_credits_purchases_and_adjustments(books: Books) -> None:
    await books.rate(HOURS)
    await books.rate(HOURS, purpose="credit", centsPerUnit=1_000)
    await books.made("charges", books.hours("Orr", "2"))
    wrong = await books.made("charges", books.hours("Orr", "1"))
    await books.made("charges", books.hours("Orr", "3", purpose="credit"))
    await books.made(f"charges/{wrong['id']}/corrections", {"quantity": "2", "reason": "Two"})
    (statement,) = await books.statements("2026-10-31")
    sums = [statement[name] for name in ("creditsCents", "purchasesCents", "adjustmentsCents", "netCents")]
    assert sums == [-3_000, 13_500, 4_500, 15_000]
    assert sum(line["amountCents"] for line in statement["lines"]) == 15_000
    assert (statement["schoolName"], statement["payerName"]) == ("Orr", "north")


async def test_what_comes_late_goes_to_the_next_month_with_its_own_date(books: Books) -> None:
    line = await billed(books)
    late = await books.made("charges", books.hours("Orr", "1"))
    assert (line["status"], line["month"]) == ("billed", "2026-10-01")
    assert (late["status"], late["month"], late["serviceDate"]) == ("accrued", "2026-11-01", "2026-10-15")


async def test_a_correction_of_a_billed_line_leaves_its_statement_as_it_was(books: Books) -> None:
    line = await billed(books)
    before = (await books.statements("2026-10-01"))[0]["netCents"]
    await books.made(f"charges/{line['id']}/corrections", {"amountCents": 0, "reason": "Not ours"})
    after = [(await books.statements(month))[0]["netCents"] for month in ("2026-10-01", "2026-11-01")]
    assert (before, after) == (9_000, [9_000, -9_000])


async def test_closing_a_month_closes_every_earlier_one(books: Books) -> None:
    await books.rate(HOURS)
    old = await books.made("charges", books.hours("Orr", serviceDate="2026-07-15"))
    await books.close("2026-10-20")
    assert (await books.read(old))["status"] == "billed"
    again = await books.close("2026-09-01")
    assert (again.status_code, again.json()["type"]) == (409, "urn:concordat:problem:month-closed")


async def test_a_month_is_closed_when_it_is_over_where_the_district_is(books: Books) -> None:
    books.cast.now = datetime(2026, 12, 1, 5, 59, tzinfo=UTC)
    early = await books.close("2026-11-01")
    books.cast.now = datetime(2026, 12, 1, 6, 0, tzinfo=UTC)
    assert (errors(early), (await books.close("2026-11-01")).status_code) == ({"month": "not-over"}, 201)


async def test_no_line_slips_into_a_month_while_it_is_closed(books: Books) -> None:
    await books.rate(HOURS)
    posts = [books.made("charges", books.hours("Orr")) for _ in range(6)]
    *lines, closed = await asyncio.gather(*posts, books.close("2026-10-01"))
    closed_at = datetime.fromisoformat(closed.json()["closedAt"])
    now = [await books.read(line) for line in lines]
    assert {line["status"] for line in now if line["month"] == "2026-10-01"} <= {"billed"}
    assert {line["status"] for line in now if line["month"] == "2026-11-01"} <= {"accrued"}
    assert (len(now), closed_at) == (6, books.cast.now)


async def test_only_the_district_closes_its_month(books: Books) -> None:
    assert (await books.close("2026-10-01", "north")).status_code == 403


def netting(books: Books, month: str) -> str:
    return f"/v1/statements/netting?districtId={books.cast.ids['district']}&month={month}"


async def test_a_closed_month_is_exported_for_netting_by_payer_and_school(books: Books) -> None:
    await billed(books)
    answer = await books.cast.clients["district"].get(netting(books, "2026-10-01"))
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["payerName"], row["schoolName"], row["netCents"], row["status"]) == ("north", "Orr", "9000", "closed")
    assert answer.headers["content-disposition"] == 'attachment; filename="netting-2026-10.csv"'


async def test_an_open_month_is_not_exported(books: Books) -> None:
    await books.rate(HOURS)
    await books.made("charges", books.hours("Orr"))
    answer = await books.cast.clients["district"].get(netting(books, "2026-10-01"))
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:concordat:problem:month-open")


async def test_a_name_that_looks_like_a_formula_stays_text_in_the_export(books: Books) -> None:
    await books.cast.organization('=HYPERLINK("evil")', "operator")
    await books.cast.school("Evil", '=HYPERLINK("evil")')
    await books.rate(HOURS)
    await books.made("charges", books.hours("Evil"))
    await books.close("2026-10-01")
    (row,) = csv.DictReader(io.StringIO((await books.cast.platform.get(netting(books, "2026-10-01"))).text))
    assert row["payerName"] == '\'=HYPERLINK("evil")'


async def test_a_settled_month_says_so_on_every_line_and_is_settled_once(books: Books) -> None:
    line = await billed(books)
    body = {
        "districtId": str(books.cast.ids["district"]),
        "payerId": str(books.cast.ids["north"]),
        "month": "2026-10-01",
        "reference": "Payment of 3 November",
    }
    settled = await books.made("statements/settlements", body)
    assert (settled["netCents"], (await books.read(line))["status"]) == (9_000, "settled")
    assert (await books.statements("2026-10-01"))[0]["status"] == "settled"
    assert (await books.post("statements/settlements", body)).json()["type"] == "urn:concordat:problem:already-settled"


async def test_an_open_month_and_an_empty_one_are_not_settled(books: Books) -> None:
    body = {"districtId": str(books.cast.ids["district"]), "payerId": str(books.cast.ids["north"]), "reference": "x"}
    await books.rate(HOURS)
    await books.made("charges", books.hours("Orr"))
    still_open = await books.post("statements/settlements", body | {"month": "2026-10-01"})
    empty = await books.post("statements/settlements", body | {"month": "2026-09-01"})
    assert (still_open.json()["type"], errors(empty)) == (
        "urn:concordat:problem:month-open",
        {"payerId": "nothing-billed"},
    )


async def test_a_payer_disputes_a_billed_line_and_the_district_has_thirty_days(books: Books) -> None:
    line = await billed(books)
    body = {"reason": "Nobody came", "appealClause": "Agreement, 14.2"}
    dispute = await books.made(f"charges/{line['id']}/disputes", body, "north")
    assert (dispute["answerBy"], dispute["responderId"]) == ("2026-12-24", str(books.cast.ids["district"]))
    assert (await books.read(line))["status"] == "disputed"
    assert (await books.statements("2026-10-01"))[0]["disputedCents"] == 9_000


async def test_an_upheld_dispute_reverses_the_line_and_posts_it_again(books: Books) -> None:
    line = await billed(books)
    dispute = await books.made(f"charges/{line['id']}/disputes", {"reason": "One hour only"}, "north")
    decision = {"decision": "upheld", "reason": "The log says one", "quantity": "1"}
    decided = await books.made(f"disputes/{dispute['id']}/decision", decision, version=1)
    (november,) = await books.statements("2026-11-01", "north")
    assert (decided["decision"], (await books.read(line))["status"]) == ("upheld", "adjusted")
    assert [(new["kind"], new["amountCents"]) for new in november["lines"]] == [("reversal", -9_000), ("repost", 4_500)]


async def test_a_rejected_dispute_changes_nothing_and_is_decided_once(books: Books) -> None:
    line = await billed(books)
    dispute = await books.made(f"charges/{line['id']}/disputes", {"reason": "Too dear"}, "north")
    url, rejected = f"disputes/{dispute['id']}/decision", {"decision": "rejected", "reason": "By the rate"}
    with_correction = await books.post(url, rejected | {"amountCents": 0}, version=1)
    await books.made(url, rejected, version=1)
    again = await books.post(url, rejected, version=2)
    assert errors(with_correction) == {"decision": "rejected-as-it-is"}
    assert (await books.read(line), again.json()["type"]) == (line, "urn:concordat:problem:dispute-decided")


async def test_only_the_payer_disputes_and_only_the_responder_decides(books: Books) -> None:
    line = await billed(books)
    url, body = f"charges/{line['id']}/disputes", {"reason": "Nobody came"}
    raised = [(await books.post(url, body, who)).status_code for who in ("district", "south", "north")]
    dispute = (await books.cast.clients["north"].get("/v1/disputes?openOnly=true")).json()["items"][0]
    decision = {"decision": "rejected", "reason": "No"}
    decided = [
        (await books.post(f"disputes/{dispute['id']}/decision", decision, who, 1)).status_code
        for who in ("north", "south", "district")
    ]
    assert (raised, decided) == ([403, 404, 201], [403, 404, 200])


async def test_an_open_line_is_corrected_and_not_disputed(books: Books) -> None:
    await books.rate(HOURS)
    line = await books.made("charges", books.hours("Orr"))
    answer = await books.post(f"charges/{line['id']}/disputes", {"reason": "No"}, "north")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:concordat:problem:not-disputable")
