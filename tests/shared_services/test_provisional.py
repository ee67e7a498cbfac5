"""A school of which nothing was heard yet: its requests are taken, and decided when the registry is heard."""

from typing import Any
from uuid import uuid4

import pytest
from contracts.registry import SchoolChanged

from tests.shared_services.conftest import EVENT_CLEANING, GRANT, Cast, errors, facts, held


class NewSchool:
    """A school that the registry opened and of which nothing was heard here."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.district = cast, str(cast.ids["district"])
        cast.ids["New"] = uuid4()

    async def ask(self, who: str = "north", offering: str = "MNT-HVAC") -> dict[str, Any]:
        """A request for the school, which is taken."""
        return await self.cast.submit(who, "New", offering, districtId=self.district)

    async def hear(self, operator: str = "north", **more: Any) -> None:
        """The registry says that the school is there."""
        roles = [held(self.cast.ids["district"], "accountable-lea"), held(self.cast.ids[operator], "operator")]
        said = {"id": self.cast.ids["New"], "version": 1, "facts": [facts("New", **more)], "assignments": roles}
        await self.cast.hear(SchoolChanged.model_validate(said))

    async def read(self, request: dict[str, Any], who: str = "north") -> dict[str, Any]:
        """A request as it is now."""
        answer = await self.cast.clients[who].get(f"/v1/requests/{request['id']}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def last_step(self, request: dict[str, Any]) -> dict[str, Any]:
        """The newest entry of a request's history."""
        answer = await self.cast.platform.get(f"/v1/requests/{request['id']}/history")
        return dict(answer.json()["items"][-1])


@pytest.fixture
def new(cast: Cast) -> NewSchool:
    """A school of which nothing was heard."""
    return NewSchool(cast)


async def test_a_request_is_taken_provisionally_and_both_sides_see_it(new: NewSchool) -> None:
    made = await new.ask()
    assert (made["status"], made["provisional"], made["schoolName"]) == ("submitted", True, None)
    assert (made["entitlement"]["rule"], made["entitlement"]["provisional"]) == ("unknown-school", True)
    assert (await new.read(made, "district"))["number"] == made["number"]
    assert (await new.cast.move("north", made, "cancelled")).json()["status"] == "cancelled"


async def test_an_entitled_school_confirms_its_request_with_a_step_of_the_history(new: NewSchool) -> None:
    made = await new.ask()
    await new.hear()
    now, step = await new.read(made), await new.last_step(made)
    assert (now["status"], now["provisional"], now["version"]) == ("submitted", False, 2)
    assert (now["entitlement"]["rule"], now["schoolName"]) == ("arrangement", "New")
    assert (step["from"], step["to"], step["side"]) == ("submitted", "submitted", "system")
    assert step["particulars"]["entitlementRule"] == "arrangement"
    assert (await new.cast.said())[-1].data["provisional"] is False


async def test_a_school_that_is_not_entitled_gets_its_refusal_afterwards(new: NewSchool) -> None:
    made = await new.ask()
    await new.hear(arrangement="independent-charter")
    now = await new.read(made)
    assert (now["status"], now["refusal"]["rule"], now["provisional"]) == ("refused", "arrangement", False)


async def test_whoever_turns_out_not_to_answer_for_the_school_is_refused(new: NewSchool) -> None:
    made = await new.ask("south")
    await new.hear("north")
    now = await new.read(made, "south")
    assert (now["status"], now["refusal"]["rule"]) == ("refused", "not-yours")


async def test_an_election_heard_before_the_school_turns_the_request_into_a_quote(new: NewSchool) -> None:
    await new.cast.offer(EVENT_CLEANING)
    made = await new.ask(offering="MNT-EVENT")
    await new.cast.grant("New", GRANT)
    assert (await new.read(made))["status"] == "submitted"
    await new.hear()
    assert (await new.read(made))["status"] == "quoted"


async def test_work_under_way_goes_on_and_its_charge_is_decided_later(new: NewSchool) -> None:
    made = await new.ask()
    for to, more in (("accepted", {}), ("scheduled", {"scheduledFor": "2026-11-25"}), ("in-progress", {})):
        made = (await new.cast.move("district", made, to, **more)).json()
    await new.hear(arrangement="independent-charter")
    now = await new.read(made)
    assert (now["status"], now["entitlement"]["decision"]) == ("in-progress", "refuse")
    assert now["entitlement"]["chargeDecidedLater"] is True


async def test_a_hazard_stays_taken_whatever_is_heard(new: NewSchool) -> None:
    made = await new.ask(offering="MNT-GAS-LEAK")
    await new.hear(arrangement="independent-charter")
    assert ((await new.read(made))["status"], (await new.read(made))["provisional"]) == ("submitted", False)


async def test_news_heard_twice_decides_once(new: NewSchool) -> None:
    made = await new.ask()
    await new.hear()
    await new.hear()
    assert (await new.read(made))["version"] == 2


async def test_the_district_whose_catalogue_counts_has_to_be_named(new: NewSchool) -> None:
    north = new.cast.clients["north"]
    assert errors(await north.post("/v1/requests", json=new.cast.body("New"))) == {"schoolId": "not-yours"}
    body = new.cast.body("New", "MNT-NONE", districtId=new.district)
    assert errors(await north.post("/v1/requests", json=body)) == {"offering": "not-in-catalogue"}


async def test_naming_a_district_makes_nobody_elses_school_ones_own(cast: Cast) -> None:
    body = cast.body("Orr", districtId=str(cast.ids["district"]))
    assert errors(await cast.clients["south"].post("/v1/requests", json=body)) == {"schoolId": "not-yours"}
