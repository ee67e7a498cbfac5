"""Who is entitled to what: the answer explains itself."""

from datetime import date
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
from contracts.registry import SchoolChanged
from contracts.vocabulary import Arrangement, OperationalStatus
from hypothesis import given
from hypothesis import strategies as st
from shared_services.catalog.schemas import OfferingView
from shared_services.entitlements.rules import SERVED, resolve

from tests.shared_services.conftest import FIELD_TRIP, HVAC, Cast, facts, held

DAY = "2027-01-15"


async def ask(cast: Cast, school: str, offering: str = "MNT-HVAC", day: str = DAY, who: str = "platform") -> Any:
    query = {"schoolId": str(cast.ids[school]), "offering": offering, "serviceDate": day}
    return await cast.clients[who].get("/v1/entitlements", params=query)


async def answer(cast: Cast, *asked: str) -> dict[str, Any]:
    said = await ask(cast, *asked)
    assert said.status_code == 200, said.text
    return dict(said.json())


async def test_an_entitled_school_learns_the_clause_and_the_facts(cast: Cast) -> None:
    said = await answer(cast, "Orr")
    assert (said["entitled"], said["class"], said["rule"]) == (True, "included", "arrangement")
    assert said["source"] == "Services handbook, 7.1"
    assert said["facts"] == {
        "schoolName": "Orr",
        "operationalStatus": "active",
        "arrangement": "contracted-manager",
        "operatorIds": [str(cast.ids["north"])],
        "accountableDistrictId": str(cast.ids["district"]),
    }


async def test_an_independent_charter_is_refused_with_its_arrangement_and_the_clause(cast: Cast) -> None:
    said = await answer(cast, "Charter", "TRN-FIELD-TRIP")
    assert (said["entitled"], said["class"], said["rule"]) == (False, "not-offered", "arrangement")
    assert "independent-charter" in said["reason"]
    assert "Services handbook, 4.2" in said["reason"]
    assert said["source"] == "Services handbook, 4.2"


async def test_a_charter_that_an_agreement_includes_is_entitled(cast: Cast) -> None:
    await cast.offer(HVAC | {"code": "MNT-ALL", "entitledArrangements": ["independent-charter"]})
    assert (await answer(cast, "Charter", "MNT-ALL"))["entitled"]


async def test_the_arrangement_of_the_service_date_decides(cast: Cast) -> None:
    turned = [
        facts("Turn", "2018-07-01", "2027-07-01", arrangement="independent-charter"),
        facts("Turn", "2027-07-01", None, arrangement="contracted-manager"),
    ]
    await cast.school("Turn", "north", facts=turned)
    said = [await answer(cast, "Turn", "MNT-HVAC", day) for day in ("2027-06-30", "2027-07-01")]
    assert [one["entitled"] for one in said] == [False, True]


async def test_a_school_of_another_district_is_not_offered_the_service(cast: Cast) -> None:
    await cast.school("Far", "south", "elsewhere")
    said = await answer(cast, "Far")
    assert (said["class"], said["rule"], said["source"]) == ("not-offered", "not-in-catalogue", None)


async def test_a_school_that_leaves_the_district_is_offered_nothing_from_that_day_on(cast: Cast) -> None:
    leaves = [
        held(cast.ids["district"], "accountable-lea", "2018-07-01", "2027-01-15"),
        held(cast.ids["elsewhere"], "accountable-lea", "2027-01-15"),
    ]
    await cast.school("Leaver", assignments=leaves)
    said = [await answer(cast, "Leaver", "MNT-HVAC", day) for day in ("2027-01-14", "2027-01-15")]
    assert [(one["entitled"], one["rule"]) for one in said] == [(True, "arrangement"), (False, "other-district")]


async def test_a_school_is_closed_before_its_first_day_and_when_the_registry_says_so(cast: Cast) -> None:
    shut = [facts("Shut", "2018-07-01", "2027-01-15"), facts("Shut", "2027-01-15", None, operational_status="closed")]
    await cast.school("Shut", "north", facts=shut)
    said = [await answer(cast, "Shut", "MNT-HVAC", day) for day in ("2018-06-30", "2027-01-14", "2027-01-15")]
    assert [(one["entitled"], one["rule"]) for one in said] == [
        (False, "closed"),
        (True, "arrangement"),
        (False, "closed"),
    ]
    assert said[2]["facts"]["operationalStatus"] == "closed"
    assert "closed" in said[0]["reason"]
    assert "closed" in said[2]["reason"]


async def test_an_offering_outside_its_period_is_not_offered(cast: Cast) -> None:
    await cast.offer(FIELD_TRIP | {"code": "TRN-OLD", "validTo": "2027-01-15"})
    said = [await answer(cast, "Orr", "TRN-OLD", day) for day in ("2027-01-14", "2027-01-15")]
    assert [(one["entitled"], one["rule"]) for one in said] == [(True, "arrangement"), (False, "not-in-period")]


async def test_a_hazard_is_for_everybody(cast: Cast) -> None:
    said = await answer(cast, "Charter", "MNT-GAS-LEAK")
    assert (said["entitled"], said["rule"]) == (True, "hazard")


@pytest.mark.parametrize(("who", "status"), [("north", 200), ("district", 200), ("south", 404), ("state", 404)])
async def test_only_those_who_answer_for_a_school_learn_its_entitlement(cast: Cast, who: str, status: int) -> None:
    assert (await ask(cast, "Orr", who=who)).status_code == status


async def test_an_unknown_school_and_one_of_somebody_else_look_the_same(cast: Cast) -> None:
    cast.ids["nowhere"] = uuid4()
    foreign, unknown = [(await ask(cast, school, who="south")).json() for school in ("Orr", "nowhere")]
    known, made_up = str(cast.ids["Orr"]), str(cast.ids["nowhere"])
    assert foreign["detail"].replace(known, "") == unknown["detail"].replace(made_up, "")


@pytest.mark.parametrize(
    ("query", "field"),
    [("offering=MNT-HVAC", "query.schoolId"), ("schoolId=x&offering=%00", "query.offering")],
)
async def test_a_question_that_cannot_be_read_is_refused_by_field(cast: Cast, query: str, field: str) -> None:
    said = await cast.platform.get(f"/v1/entitlements?{query}")
    fields = [error["field"] for error in said.json()["errors"]]
    assert said.status_code == 422
    assert {field, "query.serviceDate"} <= set(fields)


DISTRICTS = [UUID(int=1), UUID(int=2)]
days = st.dates(date(2026, 1, 1), date(2028, 12, 31))
arrangements = st.sampled_from(get_args(Arrangement))
offerings = st.builds(
    lambda district, entitled, hazard, start, end: OfferingView.model_validate(
        HVAC
        | {"id": UUID(int=3), "version": 1, "districtId": district, "entitledArrangements": entitled}
        | {"hazard": hazard, "validFrom": start, "validTo": end}
    ),
    st.sampled_from(DISTRICTS),
    st.lists(arrangements, unique=True),
    st.booleans(),
    days,
    st.none() | days,
)


@given(
    offering=st.none() | offerings,
    arrangement=arrangements,
    status=st.sampled_from(get_args(OperationalStatus)),
    opened=days,
    district=st.sampled_from(DISTRICTS),
    day=days,
)
def test_every_decision_names_its_ground_and_holds_to_it(
    offering: OfferingView | None,
    arrangement: Arrangement,
    status: OperationalStatus,
    opened: date,
    district: UUID,
    day: date,
) -> None:
    known = [facts("S", str(opened), arrangement=arrangement, operational_status=status)]
    school = SchoolChanged(id=uuid4(), version=1, facts=known, assignments=[held(district, "accountable-lea")])
    said = resolve(school, "MNT-HVAC", offering, day)
    due = (
        offering is not None
        and status in SERVED
        and opened <= day
        and offering.district_id == district
        and offering.covers(day)
        and arrangement in offering.entitled_arrangements
    )
    assert said.entitled == (due or (offering is not None and offering.hazard))
    assert (said.service_class == "included") == said.entitled
    assert said.reason
    assert not said.entitled or said.source == HVAC["entitlementSource"]
