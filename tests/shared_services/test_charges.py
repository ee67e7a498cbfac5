"""Charges: by the rate of the day, approved, accrued once, corrected by reversal only, never after a school's end."""

import asyncio
from uuid import UUID

import pytest
from contracts.registry import AgreementChanged
from shared_services import keeping

from tests.shared_services.books import CLEANING, HOURS, WORK_ORDER, Books
from tests.shared_services.conftest import Cast, envelope, errors, facts, held

CLOSED_IN_MARCH = [
    facts("Gone", end="2027-03-01"),
    facts("Gone", start="2027-03-01", operational_status="closed"),
]


@pytest.fixture
def books(cast: Cast) -> Books:
    return Books(cast)


async def test_a_pupil_year_is_charged_in_full_and_after_coming_back_for_the_days_that_are_left(books: Books) -> None:
    await books.rate()
    full = await books.made("charges", books.line("Mann"))
    back = books.line("Orr", serviceDate="2027-01-25", proRata={"days": 84, "ofDays": 180})
    late = await books.made("charges", back)
    assert (full["amountCents"], late["amountCents"]) == (3_600_000, 1_680_000)
    assert (full["month"], late["month"]) == ("2026-08-01", "2027-01-01")
    assert (await books.read(full))["amountCents"] == 3_600_000


async def test_a_work_order_in_a_building_of_three_is_split_to_the_cent(books: Books) -> None:
    await books.rate(CLEANING | {"unit": "pass-through", "centsPerUnit": 10_000, "costBasisCents": 10_000})
    schools = [str(books.cast.ids[name]) for name in ("Orr", "Mann", "Charter")]
    shares = [{"schoolId": school, "weight": 1} for school in schools]
    body = {"offering": "MNT-HVAC", "unit": "pass-through", "quantity": "10", "serviceDate": "2026-10-15"}
    said = await books.made("charges/allocations", body | {"shares": shares})
    parts = {line["schoolId"]: line["amountCents"] for line in said["charges"]}
    assert [parts[school] for school in sorted(schools)] == [33_334, 33_333, 33_333]
    assert (said["amountCents"], sum(parts.values())) == (100_000, 100_000)
    assert {line["reckoning"]["allocated"] for line in said["charges"]} == {"1/3"}


async def test_the_schools_in_a_building_bear_a_sum_by_their_shares_of_it(books: Books) -> None:
    await books.rate(CLEANING | {"unit": "pass-through", "centsPerUnit": 10_000, "costBasisCents": 10_000})
    building = UUID(int=7)
    for name, share in (("Big", 0.75), ("Small", 0.25)):
        there = {"building_id": building, "share": share, "valid_from": "2018-07-01", "source": "Lease"}
        await books.cast.school(name, "north", buildings=[there], facts=[facts(name)])
    body = {"offering": "MNT-HVAC", "unit": "pass-through", "quantity": "10", "serviceDate": "2026-10-15"}
    said = await books.made("charges/allocations", body | {"buildingId": str(building)})
    parts = {line["schoolId"]: line["amountCents"] for line in said["charges"]}
    assert parts == {str(books.cast.ids["Big"]): 75_000, str(books.cast.ids["Small"]): 25_000}


async def test_a_sum_is_shared_by_two_schools_or_more_each_once(books: Books) -> None:
    await books.rate(HOURS)
    orr = {"schoolId": str(books.cast.ids["Orr"]), "weight": 1}
    body = {"offering": "MNT-HVAC", "unit": "per-hour", "quantity": "10", "serviceDate": "2026-10-15"}
    assert errors(await books.post("charges/allocations", body | {"shares": [orr, orr]})) == {
        "shares": "several-schools"
    }
    assert errors(await books.post("charges/allocations", body)) == {"shares": "one-of"}


async def test_a_charge_says_all_that_it_lacks_at_once(books: Books) -> None:
    lacking = books.line("Orr", serviceTo="2026-08-01")
    assert errors(await books.post("charges", lacking)) == {"serviceTo": "after-start", "unit": "no-rate"}


async def test_only_a_yearly_unit_has_an_end_and_a_part_of_the_year(books: Books) -> None:
    await books.rate(HOURS)
    wrong = books.hours("Orr", serviceTo="2026-11-01")
    assert errors(await books.post("charges", wrong)) == {"serviceTo": "only-yearly"}
    part = books.hours("Orr", proRata={"days": 1, "ofDays": 2})
    assert errors(await books.post("charges", part)) == {"proRata": "part-of-a-year"}


async def test_an_amount_beyond_any_bill_is_refused_with_the_field(books: Books) -> None:
    await books.rate(HOURS, centsPerUnit=10**13, costBasisCents=10**13)
    assert errors(await books.post("charges", books.hours("Orr", "2"))) == {"quantity": "too-much"}


async def test_a_closed_school_is_not_charged(books: Books) -> None:
    await books.rate()
    await books.rate(HOURS)
    await books.cast.school("Gone", "north", facts=CLOSED_IN_MARCH)
    late = books.hours("Gone", serviceDate="2027-03-01")
    assert errors(await books.post("charges", late)) == {"serviceDate": "not-served"}
    answer = await books.post("charges", books.line("Gone"))
    assert errors(answer) == {"serviceTo": "not-served"}
    assert "2027-03-01" in answer.json()["errors"][0]["message"]
    assert (await books.post("charges", books.line("Gone", serviceTo="2027-03-01"))).status_code == 201


async def test_an_operator_is_not_charged_beyond_its_last_day(books: Books) -> None:
    await books.rate()
    turn = [
        held(books.cast.ids["district"], "accountable-lea"),
        held(books.cast.ids["north"], "operator", "2018-07-01", "2027-01-01"),
        held(books.cast.ids["south"], "operator", "2027-01-01"),
    ]
    await books.cast.school("Turn", assignments=turn)
    assert errors(await books.post("charges", books.line("Turn"))) == {"serviceTo": "not-served"}
    old = await books.made("charges", books.line("Turn", serviceTo="2027-01-01", proRata={"days": 90, "ofDays": 180}))
    new = await books.made("charges", books.line("Turn", serviceDate="2027-01-01", proRata={"days": 90, "ofDays": 180}))
    assert [line["payerId"] for line in (old, new)] == [str(books.cast.ids["north"]), str(books.cast.ids["south"])]


async def test_a_rate_of_an_agreement_charges_nothing_after_the_agreement_ends(books: Books) -> None:
    await books.rate(HOURS, agreementKind="in-innovation-network-agreement")
    await _agree(books.cast, "2026-07-01", "2026-11-01")
    assert (await books.post("charges", books.hours("Orr", serviceDate="2026-10-31"))).status_code == 201
    assert errors(await books.post("charges", books.hours("Orr", serviceDate="2026-11-01"))) == {"unit": "no-rate"}


async def test_an_estimate_under_the_threshold_is_approved_and_one_at_it_waits_for_its_payer(books: Books) -> None:
    await books.rate(HOURS, approvalThresholdCents=9_000)
    small = await books.made("charges", books.hours("Orr", "1.99", stage="estimate"))
    large = await books.made("charges", books.hours("Orr", "2", stage="estimate"))
    assert (small["status"], large["status"], large["month"]) == ("approved", "estimate", None)
    waits = await books.post(f"charges/{large['id']}/accrual", {}, version=1)
    assert (waits.status_code, waits.json()["type"]) == (409, "urn:concordat:problem:approval-needed")
    approved = await books.made(f"charges/{large['id']}/approval", {"decision": "approved"}, "north", version=1)
    accrued = await books.made(f"charges/{large['id']}/accrual", {}, version=2)
    assert (approved["status"], accrued["status"], accrued["month"]) == ("approved", "accrued", "2026-10-01")


async def test_only_the_payer_approves_an_estimate_and_the_district_may_withdraw_it(books: Books) -> None:
    await books.rate(HOURS, approvalThresholdCents=1)
    line = await books.made("charges", books.hours("Orr", stage="estimate"))
    url = f"charges/{line['id']}/approval"
    refused = [(await books.post(url, {"decision": "approved"}, who, 1)).status_code for who in ("district", "south")]
    withdrawn = await books.made(url, {"decision": "declined"}, version=1)
    late = await books.post(url, {"decision": "approved"}, "north", version=2)
    assert (refused, withdrawn["status"], late.status_code) == ([403, 404], "declined", 409)


async def test_work_on_request_over_the_threshold_is_estimated_first(books: Books) -> None:
    await books.rate(HOURS, approvalThresholdCents=9_000)
    request = await books.cast.submit("north", "Orr")
    today = {"serviceDate": "2026-11-24", "requestId": request["id"]}
    answer = await books.post("charges", books.hours("Orr", **today))
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:concordat:problem:approval-needed")


async def test_a_request_is_charged_once_by_a_rate_however_often_it_is_sent(books: Books) -> None:
    await books.rate(HOURS)
    request = await books.cast.submit("north", "Orr")
    body = books.hours("Orr", serviceDate="2026-11-24", requestId=request["id"])
    answers = await asyncio.gather(*(books.post("charges", body) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    lines = (await books.cast.platform.get(f"/v1/charges?requestId={request['id']}")).json()["items"]
    assert len(lines) == 1


async def test_a_request_is_charged_by_several_rates_or_waived_and_never_both(books: Books) -> None:
    await books.rate(HOURS)
    await books.rate(WORK_ORDER)
    priced, waived = [await books.cast.submit("north", "Orr") for _ in range(2)]
    day = {"serviceDate": "2026-11-24"}
    for unit in ("per-hour", "per-work-order"):
        await books.made("charges", books.hours("Orr", **day, requestId=priced["id"], unit=unit))
    await books.made("charges/waivers", {"requestId": waived["id"], "reason": "Our fault"})
    too_much = [
        await books.post("charges/waivers", {"requestId": priced["id"], "reason": "Our fault"}),
        await books.post("charges", books.hours("Orr", **day, requestId=waived["id"])),
    ]
    assert [answer.json()["type"] for answer in too_much] == ["urn:concordat:problem:already-charged"] * 2


async def test_an_estimated_credit_is_accrued_by_the_rate_for_credits(books: Books) -> None:
    await books.rate(HOURS, purpose="credit", centsPerUnit=1_000)
    line = await books.made("charges", books.hours("Orr", purpose="credit", stage="estimate"))
    accrued = await books.made(f"charges/{line['id']}/accrual", {}, version=1)
    assert (accrued["amountCents"], accrued["status"]) == (-2_000, "accrued")


async def test_a_declined_estimate_makes_room_for_another(books: Books) -> None:
    await books.rate(HOURS, approvalThresholdCents=1)
    request = await books.cast.submit("north", "Orr")
    body = books.hours("Orr", serviceDate="2026-11-24", requestId=request["id"], stage="estimate")
    first = await books.made("charges", body)
    await books.made(f"charges/{first['id']}/approval", {"decision": "declined"}, "north", version=1)
    assert (await books.post("charges", body)).status_code == 201


async def test_a_charge_sent_again_under_its_key_is_the_same_charge(books: Books) -> None:
    await books.rate(HOURS)
    client = books.cast.clients["district"]
    sent = [
        await client.post("/v1/charges", json=books.hours("Orr"), headers={"idempotency-key": "k"}) for _ in range(2)
    ]
    assert sent[0].json() == sent[1].json()
    assert len((await client.get("/v1/charges")).json()["items"]) == 1


async def test_a_credit_for_leaving_a_service_is_negative(books: Books) -> None:
    await books.rate(CLEANING | {"purpose": "credit", "centsPerUnit": 8_000})
    line = await books.made("charges", books.line("Orr", purpose="credit"))
    assert (line["kind"], line["amountCents"]) == ("credit", -2_400_000)


async def test_an_operator_sees_what_it_pays_and_nothing_of_others(books: Books) -> None:
    await books.rate(HOURS)
    orr, mann = [await books.made("charges", books.hours(school)) for school in ("Orr", "Mann")]
    seen = {}
    for who in ("north", "south", "district", "elsewhere", "state", "platform"):
        items = (await books.cast.clients[who].get("/v1/charges")).json()["items"]
        seen[who] = {item["id"] for item in items}
    both = {orr["id"], mann["id"]}
    assert seen == {
        "north": {orr["id"]}, "south": {mann["id"]}, "district": both, "elsewhere": set(), "state": set(),
        "platform": both,
    }  # fmt: skip
    assert (await books.cast.clients["south"].get(f"/v1/charges/{orr['id']}")).status_code == 404


@pytest.mark.parametrize("who", ["north", "elsewhere"])
async def test_nobody_but_the_district_charges(books: Books, who: str) -> None:
    await books.rate(HOURS)
    assert errors(await books.post("charges", books.hours("Orr"), who)) == {"schoolId": "not-yours"}
    line = await books.made("charges", books.hours("Orr"))
    correction = await books.post(f"charges/{line['id']}/corrections", {"amountCents": 0, "reason": "Ours"}, who)
    assert correction.status_code == (403 if who == "north" else 404)


async def test_every_line_is_told_without_peoples_words(books: Books) -> None:
    await books.rate(HOURS)
    await books.made("charges", books.hours("Orr", reason="The principal broke it"))
    said = (await books.cast.said())[-1]
    assert said.type == "concordat.shared-services.charge.changed.v1"
    assert (said.data["amountCents"], said.data["status"]) == (9_000, "accrued")
    assert "principal" not in str(said.data)


async def _agree(cast: Cast, start: str, end: str) -> None:
    """Let an agreement with north be in force for Orr."""
    period = {"validFrom": start, "validTo": end}
    event = AgreementChanged.model_validate(
        {
            "id": str(UUID(int=1)),
            "version": 1,
            "instrument": "in-innovation-network-agreement",
            "instrumentVersion": "1",
            "jurisdiction": "IN",
            "title": "Orr",
            "legalBasis": [],
            "parties": [],
            "schools": [period | {"schoolId": str(cast.ids["Orr"])}],
            "executedOn": start,
            "effectiveFrom": start,
            "firstFullSchoolYear": 2027,
            "textSha256": "0" * 64,
            "standings": [period | {"status": "active", "inForce": True}],
        }
    )
    async with cast.service.app.state.database.transaction() as session:
        await keeping.keep_agreement(session, event, envelope(event))
