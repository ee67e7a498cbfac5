"""What a school has chosen or must take: law before agreement before policy before the catalogue."""

import asyncio
from datetime import date
from itertools import permutations
from typing import Any, get_args
from uuid import uuid4

import pytest
from contracts.registry import AgreementChanged, BuildingChanged, BuildingFacts, SchoolChanged, ServiceTerm
from contracts.vocabulary import EntitlementLayer, ServiceClass
from hypothesis import given
from hypothesis import strategies as st
from shared_services.entitlements.rules import LAYERS, prevailing

from tests.shared_services.conftest import EVENT_CLEANING, FIELD_TRIP, GAS_LEAK, HVAC, Cast, facts, held

DAY = "2027-01-15"


async def ask(cast: Cast, offering: str = "MNT-EVENT", day: str = DAY, school: str = "Orr") -> dict[str, Any]:
    """What the platform is told of a school's entitlement."""
    query = {"schoolId": str(cast.ids[school]), "offering": offering, "serviceDate": day}
    answer = await cast.platform.get("/v1/entitlements", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.fixture
async def opted_out(cast: Cast) -> Cast:
    """A school that has opted out of custodial work at events, which has a price."""
    await cast.offer(EVENT_CLEANING)
    await cast.offer(GAS_LEAK | {"code": "MNT-PLAYGROUND", "kind": "playground-safety"})
    await cast.grant("Orr", {"creditCents": 1_250_000})
    return cast


async def test_who_opted_out_gets_a_quote_that_names_the_clause_and_the_price(opted_out: Cast) -> None:
    said = await ask(opted_out)
    assert (said["entitled"], said["decision"], said["class"]) == (False, "quote", "opted-out-with-credit")
    assert (said["rule"], said["layer"], said["source"]) == ("election", "agreement", "Agreement, exhibit B")
    assert said["price"] == {"model": "per-hour", "cents": 4250}
    assert (said["creditCents"], said["approvals"]) == (1_250_000, ["school"])
    assert "Agreement, exhibit B" in said["reason"]


async def test_a_request_against_an_election_waits_for_the_school_to_take_the_price(opted_out: Cast) -> None:
    made = await opted_out.submit("north", "Orr", "MNT-EVENT")
    assert made["status"] == "quoted"
    assert (await opted_out.move("district", made, "submitted")).status_code == 403
    taken = (await opted_out.move("north", made, "submitted")).json()
    assert (taken["status"], taken["entitlement"]["price"]) == ("submitted", {"model": "per-hour", "cents": 4250})


async def test_glass_in_the_playground_is_attended_to_and_its_charge_decided_later(opted_out: Cast) -> None:
    await opted_out.grant("Orr", {}, {"service": "maintenance"})
    made = await opted_out.submit("north", "Orr", "MNT-PLAYGROUND", description="Broken glass under the slide")
    assert (made["status"], made["hazard"], made["priority"]) == ("submitted", True, "P1")
    assert (made["entitlement"]["rule"], made["entitlement"]["chargeDecidedLater"]) == ("hazard", True)


async def test_a_danger_reported_on_any_service_is_taken_at_once(opted_out: Cast) -> None:
    await opted_out.offer(EVENT_CLEANING | {"code": "MNT-SLOW", "leadTimeHours": 72})
    made = await opted_out.submit("north", "Orr", "MNT-SLOW", hazard=True)
    assert (made["status"], made["entitlement"]["rule"]) == ("submitted", "hazard")


async def test_who_opted_out_of_what_has_no_price_is_refused(opted_out: Cast) -> None:
    await opted_out.grant("Orr", {"service": "MNT-HVAC", "class": "opted-out-no-credit"})
    made = await opted_out.submit("north", "Orr")
    assert (made["status"], made["refusal"]["rule"]) == ("refused", "election")
    assert made["refusal"]["source"] == "Agreement, exhibit B"


@pytest.mark.parametrize(
    ("chosen", "decision", "priced"),
    [
        ("mandated", "accept", False),
        ("included", "accept", False),
        ("opted-in", "accept", True),
        ("purchased", "accept", True),
        ("opted-out-with-credit", "quote", True),
        ("opted-out-no-credit", "quote", True),
        ("vendor-self-procured", "quote", True),
        ("not-offered", "refuse", False),
    ],
)
async def test_each_class_has_its_decision_and_its_price(
    opted_out: Cast, chosen: str, decision: str, priced: bool
) -> None:
    await opted_out.grant("Orr", {"class": chosen})
    said = await ask(opted_out)
    assert (said["decision"], said["class"], said["price"] is not None) == (decision, chosen, priced)


async def test_an_election_counts_from_its_date_only(opted_out: Cast) -> None:
    await opted_out.grant("Orr", {"validFrom": DAY})
    assert [(await ask(opted_out, day=day))["decision"] for day in ("2027-01-14", DAY)] == ["accept", "quote"]


async def test_what_the_law_mandates_cannot_be_left(opted_out: Cast) -> None:
    await opted_out.offer(EVENT_CLEANING | {"code": "MNT-LAW", "mandatedBy": "105 ILCS 5/10-20.49"})
    await opted_out.grant("Orr", {"service": "MNT-LAW"})
    said = await ask(opted_out, "MNT-LAW")
    assert (said["class"], said["rule"], said["layer"]) == ("mandated", "mandate", "law")
    assert said["source"] == "105 ILCS 5/10-20.49"


async def test_an_agreement_gives_what_the_catalogue_would_not(cast: Cast) -> None:
    await cast.grant("Charter", {"service": "MNT-HVAC", "class": "included"})
    said = await ask(cast, "MNT-HVAC", school="Charter")
    assert (said["decision"], said["layer"]) == ("accept", "agreement")


async def test_a_term_holds_only_while_its_agreement_is_in_force(cast: Cast) -> None:
    await cast.offer(EVENT_CLEANING)
    agreement = uuid4()
    await cast.grant("Orr", {"agreementId": str(agreement)})
    unheard = await ask(cast)
    standings = [
        {"status": "active", "inForce": True, "validFrom": "2026-07-01", "validTo": "2027-01-01"},
        {"status": "expired", "inForce": False, "validFrom": "2027-01-01"},
    ]
    event = {"id": agreement, "version": 1, "instrument": "x", "instrumentVersion": "1", "jurisdiction": "IL"}
    event |= {"title": "A", "legalBasis": [], "parties": [], "textSha256": "0", "firstFullSchoolYear": 2027}
    event |= {"executedOn": "2026-06-01", "effectiveFrom": "2026-07-01", "standings": standings}
    event |= {"schools": [{"schoolId": str(cast.ids["Orr"]), "validFrom": "2026-07-01"}]}
    await cast.hear(AgreementChanged.model_validate(event))
    said = [await ask(cast, day=day) for day in ("2026-12-31", "2027-01-01")]
    assert [one["decision"] for one in (unheard, *said)] == ["quote", "quote", "accept"]


async def test_a_quota_is_counted_and_what_goes_beyond_is_quoted(cast: Cast) -> None:
    await cast.offer(EVENT_CLEANING)
    await cast.grant("Orr", {"class": "included", "quota": {"count": 2}})
    first = await cast.submit("north", "Orr", "MNT-EVENT")
    second, third = [await cast.submit("north", "Orr", "MNT-EVENT") for _ in range(2)]
    assert [one["entitlement"]["quota"]["used"] for one in (first, second, third)] == [0, 1, 2]
    assert [one["status"] for one in (first, second, third)] == ["submitted", "submitted", "quoted"]
    assert third["entitlement"]["rule"] == "quota"
    next_year = await ask(cast, day="2027-07-01")
    assert next_year["quota"] == {"count": 2, "used": 0, "remaining": 2, "schoolYear": 2028}


async def test_a_cancelled_request_gives_its_use_back(cast: Cast) -> None:
    await cast.offer(EVENT_CLEANING)
    await cast.grant("Orr", {"class": "included", "quota": {"count": 1}})
    made = await cast.submit("north", "Orr", "MNT-EVENT")
    await cast.move("north", made, "cancelled")
    assert (await ask(cast, day="2026-11-24"))["quota"]["remaining"] == 1


async def test_the_last_of_a_quota_goes_to_one_of_many_at_once(cast: Cast) -> None:
    await cast.offer(EVENT_CLEANING)
    await cast.grant("Orr", {"class": "included", "quota": {"count": 3}})
    made = await asyncio.gather(*(cast.submit("north", "Orr", "MNT-EVENT") for _ in range(12)))
    assert sorted(one["status"] for one in made) == ["quoted"] * 9 + ["submitted"] * 3


async def test_maintenance_goes_with_the_owner_of_the_building_on_the_day(cast: Cast) -> None:
    await cast.offer(HVAC | {"code": "MNT-OWN", "prerequisites": {"districtOwnedBuilding": True}})
    ours, theirs = uuid4(), uuid4()
    for building, owner in ((ours, "district"), (theirs, "north")):
        fact = BuildingFacts(name="B", owner_id=cast.ids[owner], valid_from=date(2018, 7, 1), source="Deed")
        await cast.hear(BuildingChanged(id=building, version=1, facts=[fact]))
    moves = [
        {"buildingId": ours, "validFrom": "2018-07-01", "validTo": "2027-02-01", "source": "Lease"},
        {"buildingId": theirs, "validFrom": "2027-02-01", "source": "Lease"},
    ]
    await cast.school("Mover", "north", buildings=moves)
    said = [await ask(cast, "MNT-OWN", day, "Mover") for day in ("2027-01-31", "2027-02-01")]
    assert [(one["decision"], one["rule"]) for one in said] == [("accept", "arrangement"), ("refuse", "prerequisite")]
    assert "another owner" in said[1]["reason"]
    assert "no building" in (await ask(cast, "MNT-OWN"))["reason"]


@pytest.mark.parametrize(
    ("needed", "words"),
    [
        ({"gradeHigh": "02"}, "grades PK to 02; the school has 03 to 08"),
        ({"schoolTypes": ["special-education"]}, "special-education"),
    ],
)
async def test_a_service_for_other_grades_or_programs_is_refused(cast: Cast, needed: Any, words: str) -> None:
    await cast.school("Middle", "north", facts=[facts("Middle", grade_low="03", grade_high="08")])
    await cast.offer(FIELD_TRIP | {"code": "TRN-FOR", "prerequisites": needed})
    said = await ask(cast, "TRN-FOR", school="Middle")
    assert said["rule"] == "prerequisite"
    assert words in said["reason"]


async def test_an_entitled_request_that_needs_an_approval_waits_for_it(cast: Cast) -> None:
    await cast.offer(HVAC | {"code": "MNT-BIG", "approval": "finance"})
    made = await cast.submit("north", "Orr", "MNT-BIG")
    assert (made["status"], made["particulars"]["approver"]) == ("awaiting-approval", "finance")
    assert (await cast.move("north", made, "accepted")).status_code == 403


async def test_news_of_a_school_in_another_order_changes_nothing(cast: Cast) -> None:
    await cast.offer(EVENT_CLEANING)
    await cast.grant("Orr", {"class": "included"})
    cast.granted = -1
    await cast.grant("Orr", {"class": "not-offered"})
    assert (await ask(cast))["class"] == "included"
    school = {"id": cast.ids["Orr"], "version": 0, "facts": [], "assignments": []}
    await cast.hear(SchoolChanged.model_validate(school))
    assert (await ask(cast))["facts"]["schoolName"] == "Orr"
    assert held(cast.ids["north"], "operator").role == "operator"


terms = st.builds(
    ServiceTerm,
    service=st.sampled_from(["MNT-EVENT", "maintenance", "transportation", "MNT-OTHER"]),
    service_class=st.sampled_from(get_args(ServiceClass)),
    layer=st.sampled_from(get_args(EntitlementLayer)),
    source=st.sampled_from(["A", "B"]),
    valid_from=st.dates(date(2026, 1, 1), date(2026, 1, 4)),
)


@given(said=st.lists(terms, max_size=4))
def test_the_term_that_decides_is_the_strongest_whatever_order_they_come_in(said: list[ServiceTerm]) -> None:
    decided = {prevailing(order, "MNT-EVENT", "maintenance") for order in map(list, permutations(said))}
    assert len(decided) == 1
    term = decided.pop()
    matching = [one for one in said if one.service in ("MNT-EVENT", "maintenance")]
    assert (term is None) == (not matching)
    for other in matching:
        assert term is not None
        assert LAYERS.index(term.layer) <= LAYERS.index(other.layer)
        same = other.layer == term.layer
        assert not (same and other.service == "MNT-EVENT" and term.service == "maintenance")
        assert not (same and other.service == term.service and other.valid_from > term.valid_from)
