"""Who decides what at a school, on which date, by what right."""

from datetime import UTC, datetime
from typing import Any, get_args
from uuid import uuid4

import httpx2
from contracts.registry import DecisionRight
from registry.autonomies.vocabulary import AREA, RIGHTS

from tests.registry.conftest import Registry
from tests.registry.governing import changed
from tests.registry.journeys import done, executed_plan, lapsing, zone_plan


def grant(**more: Any) -> dict[str, Any]:
    """A council decides on materials alone."""
    return {
        "decisionRight": "curriculum-materials",
        "level": "full",
        "holderBody": "school council",
        "clause": "Section II.A",
        "validFrom": "2021-07-01",
    } | more


async def granted(registry: Registry, **more: Any) -> dict[str, Any]:
    return done(await registry.as_("district").post("/v1/autonomies", json=grant(**more)))


async def held(registry: Registry, school: str, on: str, client: httpx2.AsyncClient | None = None) -> list[Any]:
    """What is said of the school's autonomies on a date."""
    path = f"/v1/schools/{school}/autonomies"
    return list(done(await (client or registry.as_("district")).get(path, params={"asOf": on}))["items"])


def test_every_right_has_its_area() -> None:
    assert set(AREA) == set(get_args(DecisionRight))
    assert sum(map(len, RIGHTS.values())) == len(AREA)


async def test_an_autonomy_holds_while_its_agreement_does_and_says_by_which_clause(registry: Registry) -> None:
    plan, school = await executed_plan(registry)
    await granted(registry, schoolId=school, agreementId=plan.id)
    [before], [after] = await held(registry, school, "2021-06-30"), await held(registry, school, "2021-07-01")
    assert (before["holds"], after["holds"]) == (False, True)
    assert after["because"].startswith("By Section II.A of 'co-innovation-plan'. In force since 2021-07-01")


async def test_an_autonomy_lapses_with_its_agreement(registry: Registry) -> None:
    agreement = await lapsing(registry)
    school = (await agreement.show())["schools"][0]["schoolId"]
    await granted(registry, schoolId=school, agreementId=agreement.id)
    [last], [gone] = await held(registry, school, "2025-06-30"), await held(registry, school, "2025-07-01")
    assert (last["holds"], gone["holds"]) == (True, False)
    assert "Its term ended before 2025-07-01" in gone["because"]


async def test_a_zone_has_its_autonomies_for_the_schools_that_it_governs(registry: Registry) -> None:
    zone = await zone_plan(registry, "Inside")
    governed = (await zone.show())["schools"][0]["schoolId"]
    zone_id = str(registry.ids["zone"])
    assignment = registry.held("zone", "zone", "2023-07-01")
    tag = (await registry.platform.get(f"/v1/schools/{governed}")).headers["etag"]
    done(
        await registry.platform.post(f"/v1/schools/{governed}/assignments", json=assignment, headers={"if-match": tag})
    )
    await granted(registry, zoneId=zone_id, agreementId=zone.id, holderId=zone_id, validFrom="2023-07-01")
    outside = (await registry.school("Outside"))["id"]
    [inside] = await held(registry, governed, "2024-01-01")
    assert inside["holds"]
    assert await held(registry, outside, "2024-01-01") == []
    assert len(await held(registry, governed, "2024-01-01", registry.as_("zone"))) == 1


async def test_an_instrument_grants_only_its_areas(registry: Registry) -> None:
    plan, school = await executed_plan(registry)
    body = grant(decisionRight="own-devices", schoolId=school, agreementId=plan.id)
    answer = await registry.as_("district").post("/v1/autonomies", json=body)
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["rule"]) == (422, "not-granted")
    assert "this is data-and-technology" in error["message"]


async def test_a_holder_has_one_level_of_a_right_at_a_time(registry: Registry) -> None:
    school = (await registry.school())["id"]
    first = await granted(registry, schoolId=school)
    body = grant(schoolId=school, level="consult", validFrom="2023-07-01")
    answer = await registry.as_("district").post("/v1/autonomies", json=body)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:concordat:problem:overlapping-period")
    await changed(registry.as_("district"), f"/v1/autonomies/{first['id']}", validTo="2023-07-01")
    await granted(registry, schoolId=school, level="consult", validFrom="2023-07-01")
    levels = {each["autonomy"]["level"]: each["holds"] for each in await held(registry, school, "2024-01-01")}
    assert levels == {"full": False, "consult": True}


async def test_everything_wrong_with_an_autonomy_is_said_at_once(registry: Registry) -> None:
    body = grant(schoolId=str(uuid4()), holderBody=None, validTo="2021-07-01")
    answer = await registry.as_("district").post("/v1/autonomies", json=body)
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"schoolId", "holderId", "validTo"}


async def test_an_autonomy_is_answered_as_it_was_known(registry: Registry) -> None:
    school = (await registry.school())["id"]
    first = await granted(registry, schoolId=school)
    before = datetime.now(UTC).isoformat()
    await changed(registry.as_("district"), f"/v1/autonomies/{first['id']}", condition="Only while rated 3.")
    client = registry.as_("district")
    now = done(await client.get(f"/v1/autonomies/{first['id']}"))
    then = done(await client.get(f"/v1/autonomies/{first['id']}", params={"knownAt": before}))
    assert (now["condition"], then["condition"]) == ("Only while rated 3.", None)


async def test_an_operator_reads_the_autonomies_of_its_school_and_of_no_other(registry: Registry) -> None:
    mine = (
        await registry.school(
            assignments=[registry.held("district", "accountable-lea"), registry.held("north", "operator")]
        )
    )["id"]
    first = await granted(registry, schoolId=mine)
    assert len(await held(registry, mine, "2022-01-01", registry.as_("north"))) == 1
    assert (await registry.as_("north").post("/v1/autonomies", json=grant(schoolId=mine))).status_code == 403
    foreign = registry.as_("south")
    assert (await foreign.get(f"/v1/schools/{mine}/autonomies")).status_code == 404
    assert (await foreign.get(f"/v1/autonomies/{first['id']}")).status_code == 404
