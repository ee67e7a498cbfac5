"""Schools choose about services: in time or with an approval, in bundles, from a day on and never before it."""

from typing import Any

import httpx2

from tests.registry.conftest import Registry
from tests.registry.governing import changed, entitled, lay_down, term
from tests.registry.journeys import done, lapsing

LEAVE = {"service": "custodial", "class": "opted-out-with-credit"}
SUPPLIES = {"service": "supplies", "class": "opted-out-no-credit"}


async def window(registry: Registry, **more: Any) -> dict[str, Any]:
    """A winter window for the school year 2025-26."""
    left = ["included", "opted-out-with-credit", "opted-out-no-credit"]
    body = {
        "name": "Choices for 2025-26",
        "districtId": str(registry.ids["district"]),
        "schoolYear": 2026,
        "opensOn": "2025-01-15",
        "closesOn": "2025-03-01",
        "takesEffectOn": "2025-07-01",
        "noticeDays": 60,
        "layer": "district-policy",
        "source": "Policy 7",
        "choices": [
            {"service": "custodial", "classes": left, "needs": ["supplies"], "creditCents": 120_000},
            {"service": "supplies", "classes": left},
        ],
    }
    return done(await registry.as_("district").post("/v1/election-windows", json=body | more))


async def elect(registry: Registry, school: str, window_id: str, *chosen: Any, **more: Any) -> httpx2.Response:
    client, path = registry.as_("district"), f"/v1/schools/{school}"
    tag = (await client.get(f"{path}/entitlements")).headers["etag"]
    body = {"windowId": window_id, "chosen": chosen, "electedOn": "2025-02-01", "evidence": "form"} | more
    return await client.post(f"{path}/elections", json=body, headers={"if-match": tag})


async def classes(registry: Registry, school: str, on: str) -> dict[str, str]:
    found = await entitled(registry, school, on)
    return {each["service"]: each["class"] for each in found["services"]}


async def test_a_choice_takes_effect_on_its_day_and_not_before(registry: Registry) -> None:
    school, open_ = (await registry.school())["id"], await window(registry)
    await lay_down(registry, school, term("custodial", "included", "default"))
    election = done(await elect(registry, school, open_["id"], LEAVE, SUPPLIES))
    assert election["effectiveOn"] == "2025-07-01"
    assert await classes(registry, school, "2025-06-30") == {"custodial": "included"}
    after = await entitled(registry, school, "2025-07-01")
    assert {each["service"]: each["prevailing"]["creditCents"] for each in after["services"]} == {
        "custodial": 120_000,
        "supplies": None,
    }


async def test_whoever_leaves_a_service_leaves_what_is_tied_to_it(registry: Registry) -> None:
    school, open_ = (await registry.school())["id"], await window(registry)
    answer = await elect(registry, school, open_["id"], LEAVE)
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["rule"], error["value"]) == (422, "bundle", "supplies")


async def test_taking_back_what_another_choice_needs_left_is_refused(registry: Registry) -> None:
    school, open_ = (await registry.school())["id"], await window(registry)
    done(await elect(registry, school, open_["id"], LEAVE, SUPPLIES))
    answer = await elect(registry, school, open_["id"], {"service": "supplies", "class": "included"})
    assert [error["rule"] for error in answer.json()["errors"]] == ["bundle"]


async def test_a_late_change_needs_an_approval_and_notice(registry: Registry) -> None:
    school, open_ = (await registry.school())["id"], await window(registry)
    late = {"electedOn": "2025-10-01", "effectiveOn": "2025-11-01"}
    refused = await elect(registry, school, open_["id"], LEAVE, SUPPLIES, **late)
    assert {error["rule"] for error in refused.json()["errors"]} == {"late", "notice"}
    late |= {"effectiveOn": "2025-12-01", "approvedBy": "Chief of operations"}
    assert done(await elect(registry, school, open_["id"], LEAVE, SUPPLIES, **late))["effectiveOn"] == "2025-12-01"


async def test_a_change_within_the_year_leaves_the_next_years_choice_alone(registry: Registry) -> None:
    school, open_ = (await registry.school())["id"], await window(registry)
    following = await window(
        registry, name="next", schoolYear=2027, opensOn="2025-01-15", closesOn="2026-03-01", takesEffectOn="2026-07-01"
    )
    done(await elect(registry, school, following["id"], LEAVE, SUPPLIES))
    back = {"service": "custodial", "class": "included"}
    late = {"electedOn": "2025-10-01", "approvedBy": "Chief of operations"}
    done(await elect(registry, school, open_["id"], back, **late))
    days = ("2025-11-29", "2025-11-30", "2026-07-01")
    found = [(await classes(registry, school, day)).get("custodial") for day in days]
    assert found == [None, "included", "opted-out-with-credit"]


async def test_what_is_mandated_by_law_cannot_be_left(registry: Registry) -> None:
    school, open_ = (await registry.school())["id"], await window(registry)
    await lay_down(registry, school, term("custodial", "mandated", "law", source="Health code 4"))
    answer = await elect(registry, school, open_["id"], LEAVE, SUPPLIES)
    [error] = answer.json()["errors"]
    assert error["rule"] == "overridden"
    assert "Health code 4" in error["message"]


async def test_the_right_to_choose_ends_with_the_agreement_that_gives_it(registry: Registry) -> None:
    agreement = await lapsing(registry)
    school = (await agreement.show())["schools"][0]["schoolId"]
    open_ = await window(registry, layer="agreement", agreementId=agreement.id)
    answer = await elect(registry, school, open_["id"], LEAVE, SUPPLIES)
    assert [error["rule"] for error in answer.json()["errors"]] == ["no-right"]


async def test_a_choice_outside_of_the_window_is_told_every_reason(registry: Registry) -> None:
    school, open_ = (await registry.school())["id"], await window(registry)
    chosen = [{"service": "food", "class": "included"}, {"service": "supplies", "class": "purchased"}]
    answer = await elect(registry, school, open_["id"], *chosen, electedOn="2025-01-14")
    assert {error["field"] for error in answer.json()["errors"]} == {
        "electedOn",
        "chosen.0.service",
        "chosen.1.class",
    }


async def test_a_window_is_changed_by_its_district_only(registry: Registry) -> None:
    open_ = await window(registry)
    held = [registry.held("district", "accountable-lea"), registry.held("north", "operator")]
    await registry.school(assignments=held)
    path = f"/v1/election-windows/{open_['id']}"
    longer = await changed(registry.as_("district"), path, closesOn="2025-04-01")
    assert (longer["version"], longer["closesOn"]) == (2, "2025-04-01")
    foreign = await registry.as_("north").patch(path, json={"closesOn": "2025-05-01"}, headers={"if-match": '"2"'})
    assert foreign.status_code == 403


async def test_a_window_that_contradicts_itself_is_refused_whole(registry: Registry) -> None:
    body = await window(registry)
    choices = [{"service": "a", "classes": ["mandated"], "needs": ["b"]}, {"service": "a", "classes": ["included"]}]
    wrong = {k: v for k, v in body.items() if k not in ("id", "version")} | {
        "closesOn": "2025-01-01",
        "layer": "agreement",
        "choices": choices,
    }
    answer = await registry.as_("district").post("/v1/election-windows", json=wrong)
    assert {error["field"] for error in answer.json()["errors"]} == {
        "closesOn",
        "agreementId",
        "choices",
        "choices.0.needs",
        "choices.0.classes",
    }


async def test_the_same_election_sent_twice_is_recorded_once(registry: Registry) -> None:
    school, open_ = (await registry.school())["id"], await window(registry)
    client, path = registry.as_("district"), f"/v1/schools/{school}/elections"
    body = {"windowId": open_["id"], "chosen": [LEAVE, SUPPLIES], "electedOn": "2025-02-01", "evidence": "form"}
    sent = {"if-match": '"0"', "idempotency-key": "once"}
    first = await client.post(path, json=body, headers=sent)
    again = await client.post(path, json=body, headers=sent)
    assert first.json() == again.json()
    assert len(done(await client.get(path))["items"]) == 1
