"""What a lineage event or a zone's end leaves to be decided is listed before it is confirmed."""

from typing import Any

from tests.registry.conftest import Registry
from tests.registry.governing import lay_down, term
from tests.registry.journeys import done, executed_network_agreement, zone_plan


def listed(report: dict[str, Any], what: str) -> list[dict[str, Any]]:
    return [each for each in report["consequences"] if each["what"].startswith(what)]


async def test_the_closing_of_a_school_lists_the_agreements_and_services_that_stay(registry: Registry) -> None:
    journey = await executed_network_agreement(registry)
    school = (await journey.show())["schools"][0]["schoolId"]
    await lay_down(registry, school, term("MNT-HVAC", "opted-in", "agreement", agreementId=journey.id))
    body = {"kind": "closed", "schoolId": school, "effectiveOn": "2026-07-01", "source": "board"}
    seen = done(await registry.as_("district").post("/v1/lineage-events", json=body, params={"dryRun": True}))
    (agreement,), (service,) = listed(seen, "agreement "), listed(seen, "service ")
    assert (agreement["what"], agreement["effect"]) == (f"agreement {journey.id}", "stays")
    assert agreement["after"]["termTo"] == "2029-07-01"
    assert (service["what"], service["after"]["agreementId"]) == ("service MNT-HVAC", journey.id)
    done(await registry.as_("district").post("/v1/lineage-events", json=body, params={"confirm": seen["digest"]}))


async def test_a_new_name_asks_nothing_about_agreements(registry: Registry) -> None:
    journey = await executed_network_agreement(registry)
    school = (await journey.show())["schools"][0]["schoolId"]
    body = {"kind": "renamed", "schoolId": school, "name": "New", "effectiveOn": "2026-07-01", "source": "board"}
    seen = done(await registry.as_("district").post("/v1/lineage-events", json=body, params={"dryRun": True}))
    assert listed(seen, "agreement ") == []


async def test_leaving_a_zone_lists_the_plan_that_stays_and_the_rights_that_end(registry: Registry) -> None:
    plan = await zone_plan(registry, "Kepner", "Grant")
    kepner = (await plan.show())["schools"][0]["schoolId"]
    held = registry.held("zone", "zone", "2022-11-02")
    for each in (await plan.show())["schools"]:
        path = f"/v1/schools/{each['schoolId']}/assignments"
        done(await registry.platform.post(path, json=held, headers={"if-match": '"1"'}))
    right = {"decisionRight": "principal-selection", "level": "full", "zoneId": str(registry.ids["zone"])}
    right |= {"holderBody": "zone board", "clause": "3", "validFrom": "2022-11-02", "agreementId": plan.id}
    done(await registry.platform.post("/v1/autonomies", json=right))
    body = {"grounds": "school-choice", "decidedOn": "2024-04-01", "lastDay": "2024-06-30", "source": "vote"}
    body |= {"schools": [{"schoolId": kepner, "outcome": "keeps-its-plan"}]}  # type: ignore[dict-item]
    path = f"/v1/zones/{registry.ids['zone']}/departures"
    seen = done(await registry.platform.post(path, json=body, params={"dryRun": True}))
    (lost,), (stays,) = listed(seen, "autonomy "), listed(seen, "agreement ")
    assert (lost["what"], lost["effect"], lost["schoolId"]) == ("autonomy principal-selection", "ends", kepner)
    assert (stays["what"], stays["effect"]) == (f"agreement {plan.id}", "stays")
    done(await registry.platform.post(path, json=body, params={"confirm": seen["digest"]}))
