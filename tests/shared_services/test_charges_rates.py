"""Rates: dated, shown with their cost, and never above what a law allows."""

from typing import Any

import pytest

from tests.shared_services.books import CLEANING, HOURS, Books
from tests.shared_services.conftest import Cast, errors


@pytest.fixture
def books(cast: Cast) -> Books:
    return Books(cast)


def law(cast: Cast, **more: Any) -> dict[str, Any]:
    plain = {"kind": "price-not-above-cost", "clause": "IC 20-25.7-4-9", "validFrom": "2020-07-01"}
    return plain | {"districtId": str(cast.ids["district"])} | more


def fee(cents: int) -> dict[str, Any]:
    return CLEANING | {"unit": "percentage-fee", "centsPerUnit": cents, "costBasisCents": cents}


async def test_a_rate_shows_its_method_and_cost_to_everybody_who_pays(books: Books) -> None:
    rate = await books.rate()
    shown = (await books.cast.clients["north"].get(f"/v1/rates/{rate['id']}")).json()
    assert shown == rate
    assert (shown["costBasisCents"], shown["method"]) == (12_000, "Last year's cost, divided by pupils")


async def test_a_price_above_cost_is_refused_with_the_clause_where_a_law_forbids_it(books: Books) -> None:
    await books.made("charging-rules", law(books.cast))
    answer = await books.post(
        "rates", CLEANING | {"districtId": str(books.cast.ids["district"]), "centsPerUnit": 12_001}
    )
    assert errors(answer) == {"centsPerUnit": "above-cost"}
    assert "IC 20-25.7-4-9" in answer.json()["errors"][0]["message"]


async def test_a_price_above_cost_is_published_where_no_law_forbids_it(books: Books) -> None:
    await books.made("charging-rules", law(books.cast, arrangement="independent-charter"))
    assert (await books.rate(arrangement="contracted-manager", centsPerUnit=13_000))["centsPerUnit"] == 13_000


async def test_a_price_for_all_schools_keeps_the_law_of_each_arrangement(books: Books) -> None:
    await books.made("charging-rules", law(books.cast, arrangement="independent-charter"))
    answer = await books.post(
        "rates", CLEANING | {"districtId": str(books.cast.ids["district"]), "centsPerUnit": 13_000}
    )
    assert errors(answer) == {"centsPerUnit": "above-cost"}


async def test_a_law_that_ended_before_the_rate_begins_forbids_nothing(books: Books) -> None:
    await books.made("charging-rules", law(books.cast, validTo="2026-07-01"))
    assert (await books.rate(centsPerUnit=13_000))["version"] == 1


@pytest.mark.parametrize(("cents", "taken"), [(300, True), (301, False)])
async def test_a_fee_on_revenue_stays_under_its_statutory_cap(books: Books, cents: int, taken: bool) -> None:
    await books.made("charging-rules", law(books.cast, kind="fee-cap", capCents=300))
    answer = await books.post("rates", fee(cents) | {"districtId": str(books.cast.ids["district"])})
    assert answer.status_code == (201 if taken else 422)
    if not taken:
        assert errors(answer) == {"centsPerUnit": "above-fee-cap"}


async def test_a_law_younger_than_the_rate_stops_the_next_charge(books: Books) -> None:
    await books.rate(centsPerUnit=13_000)
    await books.made("charges", books.line("Mann"))
    await books.made("charging-rules", law(books.cast))
    assert errors(await books.post("charges", books.line("Orr"))) == {"centsPerUnit": "above-cost"}


async def test_a_rate_is_proved_against_every_law_on_it(books: Books) -> None:
    rate = await books.rate(centsPerUnit=13_000)
    for clause, kind in (("Cost", {}), ("Cap", {"kind": "fee-cap", "capCents": 300})):
        await books.made("charging-rules", law(books.cast, clause=clause, **kind))
    proof = (await books.cast.clients["north"].get(f"/v1/rates/{rate['id']}/proof")).json()
    assert [(one["rule"]["clause"], one["kept"]) for one in proof["proofs"]] == [("Cost", False), ("Cap", True)]


async def test_a_cap_is_said_with_a_fee_cap_and_only_there(books: Books) -> None:
    wrong = [law(books.cast, capCents=300), law(books.cast, kind="fee-cap")]
    for body in wrong:
        assert errors(await books.post("charging-rules", body)) == {"capCents": "with-fee-cap"}


async def test_two_such_rates_at_the_same_time_are_refused_and_one_after_the_other_is_taken(books: Books) -> None:
    first = await books.rate()
    clash = await books.post("rates", CLEANING | {"districtId": str(books.cast.ids["district"])})
    assert (clash.status_code, clash.json()["type"]) == (409, "urn:concordat:problem:overlapping-period")
    ended = await books.made(f"rates/{first['id']}/end", {"validTo": "2027-07-01"}, version=1)
    second = await books.rate(validFrom="2027-07-01", centsPerUnit=12_500)
    assert (ended["validTo"], second["validFrom"]) == ("2027-07-01", "2027-07-01")


async def test_a_rate_cannot_end_before_what_was_charged_by_it(books: Books) -> None:
    rate = await books.rate()
    await books.made("charges", books.line("Orr"))
    answer = await books.post(f"rates/{rate['id']}/end", {"validTo": "2026-08-01"}, version=1)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:concordat:problem:rate-in-use")


async def test_a_rate_only_ends_inside_its_period(books: Books) -> None:
    rate = await books.rate(validTo="2027-07-01")
    for day in ("2026-07-01", "2027-07-02"):
        answer = await books.post(f"rates/{rate['id']}/end", {"validTo": day}, version=1)
        assert errors(answer) == {"validTo": "in-period"}


async def test_the_rate_for_the_schools_own_arrangement_comes_before_the_one_for_all(books: Books) -> None:
    await books.rate(HOURS)
    await books.rate(HOURS, arrangement="traditional", centsPerUnit=4_000)
    amounts = [(await books.made("charges", books.hours(school)))["amountCents"] for school in ("Orr", "Public")]
    assert amounts == [9_000, 8_000]


async def test_a_rate_is_published_for_what_is_offered(books: Books) -> None:
    body = CLEANING | {"districtId": str(books.cast.ids["district"]), "offering": "NO-SUCH", "validTo": "2026-07-01"}
    assert errors(await books.post("rates", body)) == {"validTo": "after-start"}
    assert errors(await books.post("rates", body | {"validTo": None})) == {"offering": "not-in-catalogue"}


@pytest.mark.parametrize("who", ["north", "elsewhere"])
async def test_nobody_but_the_district_publishes_its_rates(books: Books, who: str) -> None:
    body = CLEANING | {"districtId": str(books.cast.ids["district"])}
    assert (await books.post("rates", body, who)).status_code == 403


async def test_rates_are_listed_as_of_a_day(books: Books) -> None:
    old = await books.rate(validFrom="2025-07-01", validTo="2026-07-01")
    new = await books.rate()
    shown = {}
    for day in ("2026-06-30", "2026-07-01"):
        items = (await books.cast.platform.get(f"/v1/rates?offering=MNT-HVAC&asOf={day}")).json()["items"]
        shown[day] = [item["id"] for item in items]
    assert shown == {"2026-06-30": [old["id"]], "2026-07-01": [new["id"]]}
