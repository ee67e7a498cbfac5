"""Service levels by contract: a school's agreement may promise other times, and the request shows whose word it is."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from shared_services.clocks.promises import ServiceLevel, Target

from tests.shared_services.agreements import AGREEMENT, agreement
from tests.shared_services.calendars import CALENDAR, PROMISES, ROUTINE
from tests.shared_services.conftest import HVAC, Cast, errors

FRIDAY = datetime(2025, 11, 21, 21, 30, tzinfo=UTC)
CHICAGO = ZoneInfo("America/Chicago")
SOONER = [{"clock": "complete", "amount": 2, "unit": "business-days"}]
URL = "/v1/service-levels/contracts"


@pytest.fixture
async def promised(cast: Cast) -> Cast:
    """A district that promises completion in four business days, and an agreement for Orr."""
    cast.now = FRIDAY
    for what, document in (("calendars", CALENDAR), ("service-levels", PROMISES)):
        body = document | {"districtId": str(cast.ids["district"]), "reason": "Test"}
        assert (await cast.clients["district"].post(f"/v1/{what}", json=body)).status_code == 201
    for code in ("MNT-ROUTINE", "MNT-OTHER"):
        await cast.offer(HVAC | {"code": code, "serviceLevel": "routine"})
    await cast.hear(agreement(cast))
    return cast


def clause(cast: Cast, **more: Any) -> dict[str, Any]:
    """The body of a contract's promise."""
    plain = {"agreementId": AGREEMENT, "serviceLevel": "routine", "targets": SOONER, "validFrom": "2025-07-01"}
    return plain | {"districtId": str(cast.ids["district"]), "source": "Exhibit D 3"} | more


async def promise(cast: Cast, **more: Any) -> dict[str, Any]:
    answer = await cast.clients["district"].post(URL, json=clause(cast, **more))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def completion(cast: Cast, request: dict[str, Any]) -> tuple[str, str]:
    """When a request is to be completed, in Chicago, and whose word that is."""
    said = (await cast.platform.get(f"/v1/requests/{request['id']}/clocks")).json()
    (clock,) = [clock for clock in said["clocks"] if clock["clock"] == "complete"]
    due = datetime.fromisoformat(clock["dueAt"]).astimezone(CHICAGO)
    return due.strftime("%m-%d %H:%M"), clock["promisedBy"]


async def test_a_contracts_promise_goes_before_the_districts_for_its_schools_only(promised: Cast) -> None:
    await promise(promised)
    ours = await promised.submit("north", "Orr", "MNT-ROUTINE")
    others = await promised.submit("south", "Mann", "MNT-ROUTINE")
    assert await completion(promised, ours) == ("11-25 15:30", "agreement")
    assert await completion(promised, others) == ("12-01 15:30", "district-policy")


async def test_a_request_says_who_promised_what_in_the_order_in_which_it_counts(promised: Cast) -> None:
    made = await promise(promised)
    request = await promised.submit("north", "Orr", "MNT-ROUTINE")
    said = (await promised.clients["north"].get(f"/v1/requests/{request['id']}/clocks")).json()
    assert [(one["layer"], one["source"], one["id"]) for one in said["resolution"]] == [
        ("agreement", "Exhibit D 3", made["id"]),
        ("district-policy", "Service levels of the district, version 1", None),
    ]
    assert {clock["clock"]: clock["promisedBy"] for clock in said["clocks"]} == {
        "acknowledge": "district-policy",
        "respond": "district-policy",
        "complete": "agreement",
    }


async def test_a_promise_for_one_offering_goes_before_one_for_all(promised: Cast) -> None:
    await promise(promised)
    await promise(promised, offering="MNT-OTHER", targets=[SOONER[0] | {"amount": 1}])
    due = [
        await completion(promised, await promised.submit("north", "Orr", f"MNT-{one}")) for one in ("ROUTINE", "OTHER")
    ]
    assert [when for when, _ in due] == ["11-25 15:30", "11-24 15:30"]


async def test_what_a_contract_promised_when_a_request_came_in_holds(promised: Cast) -> None:
    made = await promise(promised)
    before = await promised.submit("north", "Orr", "MNT-ROUTINE")
    end = f"{URL}/{made['id']}/end"
    ended = await promised.clients["district"].post(end, json={"validTo": "2025-11-21"}, headers={"if-match": '"1"'})
    assert ended.status_code == 200, ended.text
    after = await promised.submit("north", "Orr", "MNT-ROUTINE")
    assert [(await completion(promised, one))[1] for one in (before, after)] == ["agreement", "district-policy"]


async def test_an_agreement_that_is_no_longer_in_force_promises_nothing(promised: Cast) -> None:
    await promise(promised)
    await promised.hear(agreement(promised, until="2025-11-21", version=2))
    assert (await completion(promised, await promised.submit("north", "Orr", "MNT-ROUTINE")))[1] == "district-policy"


async def test_a_corrected_calendar_dates_by_the_contract_too(promised: Cast) -> None:
    await promise(promised)
    request = await promised.submit("north", "Orr", "MNT-ROUTINE")
    snow = {"name": "Snow", "validFrom": "2025-11-24", "validTo": "2025-11-25"}
    body = CALENDAR | {"closures": [snow], "districtId": str(promised.ids["district"]), "reason": "Snow"}
    await promised.clients["district"].post("/v1/calendars", json=body)
    assert await completion(promised, request) == ("11-26 15:30", "agreement")


async def test_a_contract_that_cannot_promise_that_is_told_all_that_is_wrong(promised: Cast) -> None:
    wrong = {"agreementId": str(promised.ids["state"]), "serviceLevel": "none", "offering": "NONE"}
    body = clause(promised, validTo="2025-07-01", targets=SOONER * 2, **wrong)
    assert errors(await promised.clients["district"].post(URL, json=body)) == {
        "targets.1": "repeated",
        "validTo": "after-start",
        "agreementId": "not-yours",
        "serviceLevel": "unknown-class",
        "offering": "not-in-catalogue",
    }


async def test_an_agreement_promises_the_same_once_at_a_time(promised: Cast) -> None:
    await promise(promised, validTo="2025-12-01")
    await promise(promised, validFrom="2025-12-01")
    again = await promised.clients["district"].post(URL, json=clause(promised))
    assert (again.status_code, again.json()["type"]) == (409, "urn:concordat:problem:overlapping-period")


async def test_a_contracts_promise_is_for_its_parties_and_laid_down_by_the_district(promised: Cast) -> None:
    await promise(promised)
    seen = {who: (await promised.clients[who].get(URL)).json()["items"] for who in ("district", "north", "south")}
    assert {who: len(items) for who, items in seen.items()} == {"district": 1, "north": 1, "south": 0}
    assert (await promised.clients["north"].post(URL, json=clause(promised))).status_code == 403


def test_a_target_for_all_stands_before_each_of_the_districts_for_that_clock_and_the_rest_stays() -> None:
    level = ServiceLevel.model_validate(ROUTINE)
    merged = level.with_contract([Target.model_validate(SOONER[0])])
    found = [
        merged.target(clock, priority)
        for clock, priority in (("complete", "P1"), ("complete", None), ("respond", None))
    ]
    assert found == [Target.model_validate(SOONER[0])] * 2 + [level.target("respond", None)]
