"""Services to schools of another district: given by an agreement or a law, free or at a price, and by nothing else."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from contracts.registry import BuildingChanged, BuildingFacts, ServiceTerm
from hypothesis import given
from hypothesis import strategies as st
from shared_services.catalog.schemas import OfferingView
from shared_services.entitlements.rules import deciding_term

from tests.shared_services.agreements import AGREEMENT, agreement
from tests.shared_services.books import WORK_ORDER, Books
from tests.shared_services.calendars import CALENDAR
from tests.shared_services.conftest import EVENT_CLEANING, FIELD_TRIP, HVAC, Cast, errors

LAST, LAPSED = "2026-12-31", "2027-01-01"
ROUTE = FIELD_TRIP | {"code": "TRN-ROUTE", "name": "Daily bus route", "leadTimeHours": 0}
KEYS = HVAC | {"code": "MNT-KEYS", "name": "New keys", "price": {"model": "per-work-order", "cents": 9_950}}
FREE: dict[str, Any] = {"service": "transportation", "class": "included", "source": "Agreement, buses"}
BOUGHT: dict[str, Any] = {"service": "MNT-KEYS", "class": "purchased", "source": "Agreement, keys"}
LEFT: dict[str, Any] = {"service": "MNT-EVENT", "class": "vendor-self-procured", "source": "Agreement, cleaning"}


@pytest.fixture
async def partner(cast: Cast) -> Cast:
    """A charter that is its own district, and the district's agreement with it until the end of 2026.

    Buses are free by it, keys have a price, cleaning at events is the school's own affair; of heating it says nothing.
    """
    for terms in (ROUTE, KEYS, EVENT_CLEANING):
        await cast.offer(terms | {"entitledArrangements": ["traditional"]})
    await cast.organization("lea", "district")
    await cast.school("Partner", "charters", "lea")
    covers = {"schools": [{"schoolId": cast.ids["Partner"], "validFrom": "2024-07-01"}]}
    await cast.hear(agreement(cast, until=LAPSED, after="lapsed", **covers))
    given_by = {"districtId": str(cast.ids["district"]), "agreementId": AGREEMENT}
    await cast.grant("Partner", *(term | given_by for term in (FREE, BOUGHT, LEFT)))
    return cast


async def ask(cast: Cast, offering: str, day: str = LAST, who: str = "charters", **more: Any) -> httpx2.Response:
    """An answer about the partner's entitlement."""
    query = {"schoolId": str(cast.ids["Partner"]), "offering": offering, "serviceDate": day} | more
    return await cast.clients[who].get("/v1/entitlements", params=query)


async def told(cast: Cast, *asked: str, **more: Any) -> dict[str, Any]:
    """What is told of the partner's entitlement."""
    answer = await ask(cast, *asked, **more)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_what_an_agreement_gives_for_free_is_taken_and_costs_nothing(partner: Cast) -> None:
    made = await partner.submit("charters", "Partner", "TRN-ROUTE")
    decided = made["entitlement"]
    assert (made["status"], made["providingOrganizationId"]) == ("submitted", str(partner.ids["district"]))
    assert (decided["class"], decided["layer"], decided["source"]) == ("included", "agreement", "Agreement, buses")
    assert (decided["price"], decided["facts"]["accountableDistrictId"]) == (None, str(partner.ids["lea"]))


async def test_what_an_agreement_sells_is_taken_at_its_price(partner: Cast) -> None:
    made = await partner.submit("charters", "Partner", "MNT-KEYS")
    assert (made["status"], made["entitlement"]["class"]) == ("submitted", "purchased")
    assert made["entitlement"]["price"] == {"model": "per-work-order", "cents": 9_950}


async def test_what_the_partner_does_itself_is_quoted(partner: Cast) -> None:
    made = await partner.submit("charters", "Partner", "MNT-EVENT")
    assert (made["status"], made["entitlement"]["price"]) == ("quoted", {"model": "per-hour", "cents": 4250})


async def test_what_no_agreement_gives_is_refused_to_a_school_of_another_district(partner: Cast) -> None:
    made = await partner.submit("charters", "Partner", "MNT-HVAC")
    assert (made["status"], made["refusal"]["rule"]) == ("refused", "other-district")
    assert made["refusal"]["reason"] == (
        "On 2026-11-24 the school answers to another district than the one that offers the service."
    )


async def test_on_the_day_after_the_agreement_nothing_of_it_is_left(partner: Cast) -> None:
    for offering in ("TRN-ROUTE", "MNT-KEYS", "MNT-EVENT"):
        before, after = [await told(partner, offering, day) for day in (LAST, LAPSED)]
        assert before["layer"] == "agreement"
        assert (after["decision"], after["rule"], after["layer"]) == ("refuse", "other-district", None)


async def test_a_law_gives_what_no_agreement_does(partner: Cast) -> None:
    law = {"service": "MNT-HVAC", "class": "mandated", "layer": "law", "source": "N.J.S.A. 18A:39-1"}
    await partner.grant("Partner", law | {"districtId": str(partner.ids["district"])})
    said = await told(partner, "MNT-HVAC")
    assert (said["decision"], said["rule"], said["source"]) == ("accept", "mandate", "N.J.S.A. 18A:39-1")


async def test_what_the_law_gives_the_districts_own_schools_it_does_not_give_a_partner(partner: Cast) -> None:
    await partner.offer(KEYS | {"code": "MNT-LAW", "mandatedBy": "20 U.S.C. 1412"})
    assert (await told(partner, "MNT-LAW"))["rule"] == "other-district"
    own = partner.body("Public", "MNT-LAW")
    taken = await partner.clients["district"].post("/v1/requests", json=own)
    assert taken.json()["entitlement"]["rule"] == "mandate"


async def test_the_own_district_is_asked_first_and_another_by_its_name(partner: Cast) -> None:
    await partner.offer(ROUTE | {"entitledArrangements": []}, "lea")
    assert (await told(partner, "TRN-ROUTE"))["rule"] == "arrangement"
    district = {"districtId": str(partner.ids["district"])}
    assert (await told(partner, "TRN-ROUTE", **district))["source"] == "Agreement, buses"
    made = [await partner.submit("charters", "Partner", "TRN-ROUTE", **more) for more in ({}, district)]
    served = [str(partner.ids[name]) for name in ("lea", "district")]
    assert [one["providingOrganizationId"] for one in made] == served


async def test_a_district_that_serves_the_school_in_nothing_is_not_asked(partner: Cast) -> None:
    await partner.offer(ROUTE, "elsewhere")
    foreign = partner.body("Partner", "TRN-ROUTE", districtId=str(partner.ids["elsewhere"]))
    answer = await partner.clients["charters"].post("/v1/requests", json=foreign)
    assert errors(answer) == {"offering": "not-in-catalogue"}


async def test_whoever_serves_sees_the_request_and_acts_and_nobody_else_learns_of_it(partner: Cast) -> None:
    made = await partner.submit("charters", "Partner", "TRN-ROUTE")
    seen = {
        who: [item["number"] for item in (await partner.clients[who].get("/v1/requests")).json()["items"]]
        for who in ("charters", "district", "lea", "elsewhere", "north", "south")
    }
    mine, nothing = [made["number"]], list[str]()
    assert seen == dict.fromkeys(("charters", "district"), mine) | dict.fromkeys(
        ("lea", "elsewhere", "north", "south"), nothing
    )
    moved = [(await partner.move(who, made, "accepted")).status_code for who in ("elsewhere", "south", "district")]
    assert moved == [404, 404, 200]


async def test_whoever_serves_learns_what_it_gives_the_school_and_others_nothing(partner: Cast) -> None:
    asked = {who: (await ask(partner, "TRN-ROUTE", who=who)).status_code for who in partner.clients}
    may = {who for who, status in asked.items() if status == 200}
    assert may == {"charters", "lea", "district", "platform"}
    assert {status for who, status in asked.items() if who not in may} == {404}


async def test_whoever_serves_learns_nothing_of_what_others_offer_the_school(partner: Cast) -> None:
    await partner.offer(ROUTE | {"code": "TRN-OWN", "entitledArrangements": ["contracted-manager"]}, "lea")
    assert (await told(partner, "TRN-OWN"))["decision"] == "accept"
    assert (await told(partner, "TRN-OWN", who="district"))["rule"] == "not-in-catalogue"
    named = await ask(partner, "TRN-OWN", who="district", districtId=str(partner.ids["lea"]))
    assert named.status_code == 404


async def test_the_partners_own_district_does_not_decide_over_services_of_another(partner: Cast) -> None:
    policy = {"service": "maintenance", "class": "included", "layer": "district-policy"}
    await partner.grant("Partner", policy, FREE | {"districtId": str(partner.ids["district"])})
    assert (await told(partner, "MNT-HVAC"))["rule"] == "other-district"


async def test_the_day_is_that_of_the_district_that_is_asked(partner: Cast) -> None:
    partner.now = datetime(2026, 11, 25, 3, tzinfo=UTC)
    made = await partner.submit("charters", "Partner", "TRN-ROUTE")
    assert made["serviceDate"] == "2026-11-24"


async def test_a_building_counts_as_the_districts_if_it_belongs_to_the_one_that_serves(partner: Cast) -> None:
    await partner.offer(KEYS | {"code": "MNT-OWN", "prerequisites": {"districtOwnedBuilding": True}})
    house = uuid4()
    fact = BuildingFacts(name="B", owner_id=partner.ids["district"], valid_from=date(2018, 7, 1), source="Deed")
    await partner.hear(BuildingChanged(id=house, version=1, facts=[fact]))
    there = {"buildings": [{"buildingId": house, "validFrom": "2018-07-01", "source": "Lease"}]}
    await partner.school("Partner", "charters", "lea", **there)
    term = {"service": "maintenance", "class": "included", "districtId": str(partner.ids["district"])}
    await partner.grant("Partner", term)
    assert (await told(partner, "MNT-OWN"))["decision"] == "accept"


async def test_a_trip_takes_the_buses_and_the_hours_of_the_district_that_serves(partner: Cast) -> None:
    district = {"districtId": str(partner.ids["district"]), "reason": "Test"}
    fleet = {"vehicles": [{"code": "bus", "name": "Bus", "seats": 44, "count": 5}]}
    for what, document in (("calendars", CALENDAR), ("trips/fleets", fleet)):
        assert (await partner.clients["district"].post(f"/v1/{what}", json=document | district)).is_success
    await partner.offer(FIELD_TRIP | {"code": "TRN-TRIP", "kind": "field-trip"})
    hours = {"departsAt": "2026-12-03T10:00:00-06:00", "returnsAt": "2026-12-03T13:00:00-06:00"}
    order = {"request": partner.body("Partner", "TRN-TRIP"), "destination": "Museum", "headcount": 40} | hours
    answer = await partner.clients["charters"].post("/v1/trips", json=order)
    assert (answer.status_code, answer.json()["vehicle"]) == (201, "bus")
    assert answer.json()["request"]["providingOrganizationId"] == district["districtId"]


@pytest.fixture
async def books(partner: Cast) -> Books:
    """The district's books, with a rate for keys."""
    books = Books(partner)
    await books.rate(WORK_ORDER | {"offering": "MNT-KEYS"})
    return books


async def finish(cast: Cast, request: dict[str, Any]) -> None:
    """Let the district do what it was asked for."""
    for to in ("accepted", "scheduled", "in-progress", "completed"):
        day = {"scheduledFor": "2026-11-24"} if to == "scheduled" else {}
        answer = await cast.move("district", request, to, **day)
        assert answer.status_code == 200, answer.text
        request = answer.json()


async def test_the_partner_pays_the_district_that_served_it(books: Books) -> None:
    cast = books.cast
    for offering in ("MNT-KEYS", "TRN-ROUTE"):
        await finish(cast, await cast.submit("charters", "Partner", offering))
    report = await books.made("charges/accruals", {"districtId": str(cast.ids["district"])})
    assert (report["accrued"], report["awaiting"]) == (2, [])
    lines = (await cast.clients["charters"].get("/v1/charges")).json()["items"]
    assert sorted((line["kind"], line["amountCents"]) for line in lines) == [("included", 0), ("purchase", 9_950)]
    assert {(line["payerId"], line["districtId"]) for line in lines} == {
        (str(cast.ids["charters"]), str(cast.ids["district"]))
    }


async def test_a_danger_at_a_school_that_nothing_is_given_is_charged_by_its_request(books: Books) -> None:
    cast = books.cast
    await books.rate(WORK_ORDER)
    made = await cast.submit("charters", "Partner", "MNT-HVAC", hazard=True)
    piece = {"unit": "per-work-order", "quantity": "1", "serviceTo": None, "serviceDate": made["serviceDate"]}
    assert errors(await books.post("charges", books.line("Partner", **piece))) == {"schoolId": "not-yours"}
    line = await books.made("charges", books.line("Partner", **piece, requestId=made["id"]))
    assert line["payerId"] == str(cast.ids["charters"])


@pytest.mark.parametrize(("until", "status"), [(LAPSED, 201), ("2027-01-02", 422)])
async def test_a_year_is_charged_as_far_as_the_agreement_gives_the_service(
    books: Books, until: str, status: int
) -> None:
    await books.rate(offering="MNT-KEYS")
    year = {"offering": "MNT-KEYS", "serviceDate": "2026-08-01", "serviceTo": until}
    assert (await books.post("charges", books.line("Partner", **year))).status_code == status
    assert (await books.post("charges", books.line("Partner", **year), "platform")).status_code == status
    assert errors(await books.post("charges", books.line("Partner", **year), "elsewhere")) == {"schoolId": "not-yours"}


DISTRICTS = [UUID(int=1), UUID(int=2), UUID(int=3)]
terms = st.builds(
    ServiceTerm,
    service=st.sampled_from(["MNT-HVAC", "maintenance", "transportation"]),
    service_class=st.just("included"),
    layer=st.sampled_from(["law", "agreement", "district-policy"]),
    source=st.just("A"),
    district_id=st.sampled_from([None, *DISTRICTS]),
    valid_from=st.just(date(2026, 1, 1)),
)


@given(said=st.lists(terms, max_size=5), own=st.sampled_from(DISTRICTS), offers=st.sampled_from(DISTRICTS))
def test_over_a_districts_service_decides_only_what_is_laid_down_of_its_own(
    said: list[ServiceTerm], own: UUID, offers: UUID
) -> None:
    known = {"id": UUID(int=9), "version": 1, "districtId": offers}
    term = deciding_term(OfferingView.model_validate(HVAC | known), said, own)
    of_it = [one for one in said if one.service != "transportation" and (one.district_id or own) == offers]
    assert (term is not None) == bool(of_it)
    assert term is None or term in of_it
