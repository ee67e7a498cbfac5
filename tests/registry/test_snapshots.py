"""Snapshots never change, late changes are listed, and a locked past is not changed in silence."""

import asyncio
from typing import Any

import pytest
from kit.tables import journal
from registry.dated import recording_instant
from sqlalchemy import select

from tests.registry.conftest import Registry

OCTOBER = {"name": "October directory 2021", "asOf": "2021-10-01"}
LOCK = {"name": "SY 2020-21", "until": "2021-07-01"}


async def taken(registry: Registry, client: Any = None, **more: Any) -> dict[str, Any]:
    answer = await (client or registry.platform).post("/v1/snapshots", json=OCTOBER | more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def read(client: Any, path: str = "schools", name: str = OCTOBER["name"]) -> Any:
    return await client.get(f"/v1/snapshots/{name}/{path}")


async def renamed(
    registry: Registry, school: dict[str, Any], start: str, version: int = 1, client: Any = None, **query: str
) -> Any:
    body = {"name": "Douglass", "validFrom": start, "source": "Board report"}
    url = f"/v1/schools/{school['id']}"
    headers = {"if-match": f'"{version}"'}
    return await (client or registry.platform).patch(url, json=body, params=query, headers=headers)


async def lock(registry: Registry, client: Any = None, **more: Any) -> dict[str, Any]:
    answer = await (client or registry.platform).post("/v1/reporting-periods", json=LOCK | more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_snapshot_reads_the_same_after_later_changes_of_its_date(registry: Registry) -> None:
    school = await registry.school("Lincoln")
    await taken(registry)
    before = (await read(registry.platform)).text
    await renamed(registry, school, "2019-01-01")
    await registry.school("Late")
    assert (await read(registry.platform)).text == before
    assert "Lincoln" in before


async def test_what_was_recorded_later_is_listed_with_both_states(registry: Registry) -> None:
    school = await registry.school("Lincoln")
    untouched = await registry.school("Untouched")
    await taken(registry)
    await renamed(registry, school, "2019-01-01")
    late = await registry.school("Late")
    await renamed(registry, untouched, "2022-01-01")  # after the date of the snapshot
    changes = (await read(registry.platform, "changes")).json()["items"]
    assert [
        (each["schoolId"], each["snapshot"] and each["snapshot"]["name"], each["now"]["name"]) for each in changes
    ] == [(school["id"], "Lincoln", "Douglass"), (late["id"], None, "Late")]


async def test_a_snapshot_is_read_at_its_date_and_instant_anywhere(registry: Registry) -> None:
    school = await registry.school("Lincoln")
    snapshot = await taken(registry)
    await renamed(registry, school, "2019-01-01")
    query = {"asOf": snapshot["asOf"], "knownAt": snapshot["knownAt"]}
    assert (await registry.platform.get(f"/v1/schools/{school['id']}", params=query)).json()["name"] == "Lincoln"


async def test_a_name_is_given_once(registry: Registry) -> None:
    await taken(registry)
    again = await registry.platform.post("/v1/snapshots", json=OCTOBER)
    assert (again.status_code, again.json()["type"]) == (409, "urn:concordat:problem:snapshot-exists")
    assert (await taken(registry, registry.as_("district")))["name"] == OCTOBER["name"]


async def test_a_snapshot_shows_a_caller_the_schools_it_had_on_the_date(registry: Registry) -> None:
    await registry.school("theirs", assignments=[registry.held("north", "operator", "2018-07-01", "2022-07-01")])
    await registry.school("others", assignments=[registry.held("south", "operator")])
    await taken(registry)
    names = [each["name"] for each in (await read(registry.as_("north"))).json()["items"]]
    assert names == ["theirs"]


async def test_a_snapshot_of_a_district_is_nobody_elses(registry: Registry) -> None:
    await taken(registry, registry.as_("district"))
    assert (await read(registry.as_("north"))).status_code == 404
    assert (await registry.as_("north").get("/v1/snapshots")).json()["items"] == []


async def test_a_snapshot_waits_for_the_writers_at_work_so_that_none_slips_in_behind_it(registry: Registry) -> None:
    async with registry.service.app.state.database.transaction() as writing:
        instant = await recording_instant(writing)
        taking = asyncio.create_task(taken(registry))
        await asyncio.sleep(0.2)
        assert not taking.done()
    snapshot = await taking
    assert snapshot["knownAt"] > instant.isoformat()


async def test_a_change_in_a_locked_period_is_refused_naming_the_lock(registry: Registry) -> None:
    school = await registry.school("Lincoln")
    await lock(registry)
    answer = await renamed(registry, school, "2021-06-30")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:concordat:problem:reporting-period-locked")
    assert LOCK["name"] in answer.json()["detail"]
    assert (await renamed(registry, school, "2021-07-01")).status_code == 200


async def test_with_a_reason_a_locked_period_is_changed_and_the_reason_is_kept(registry: Registry) -> None:
    school = await registry.school("Lincoln")
    await lock(registry)
    answer = await renamed(registry, school, "2021-06-30", overrideReason="State audit finding 7")
    assert answer.status_code == 200, answer.text
    async with registry.service.app.state.database.transaction() as session:
        reasons = list(await session.scalars(select(journal.c.reason).order_by(journal.c.id.desc()).limit(1)))
    assert reasons == ["State audit finding 7"]


async def test_an_end_of_the_past_and_a_correction_reach_back_as_well(registry: Registry) -> None:
    held = [registry.held("district", "accountable-lea"), registry.held("north", "operator")]
    school = await registry.school("Lincoln", assignments=held)
    await lock(registry)
    operator = next(each for each in school["assignments"] if each["role"] == "operator")
    url = f"/v1/schools/{school['id']}"
    ended = await registry.platform.post(
        f"{url}/assignments/{operator['id']}/end", json={"validTo": "2020-07-01"}, headers={"if-match": '"1"'}
    )
    known = (await registry.platform.get(f"{url}/history")).json()
    body = {name: known[name] for name in ("facts", "aliases", "buildings")} | {"assignments": [], "reason": "x"}
    corrected = await registry.platform.put(f"{url}/history", json=body, headers={"if-match": '"1"'})
    assert [each.status_code for each in (ended, corrected)] == [409, 409]


async def test_a_locked_school_may_not_be_opened_backdated_but_lineage_and_zones_obey_too(registry: Registry) -> None:
    school = await registry.school("Lincoln")
    await lock(registry)
    event = {"kind": "closed", "schoolId": school["id"], "effectiveOn": "2021-06-30", "source": "x"}
    body = {"name": "Backdated", "validFrom": "2020-07-01", "source": "x"}
    opened = await registry.platform.post("/v1/schools", json=body)
    closed = await registry.platform.post("/v1/lineage-events", json=event)
    reasoned = await registry.platform.post("/v1/lineage-events?overrideReason=audit", json=event)
    assert [each.status_code for each in (opened, closed, reasoned)] == [409, 409, 201]


async def test_a_file_that_reaches_back_is_refused_row_by_row(registry: Registry) -> None:
    await registry.school("1")
    await lock(registry)
    body = "aliasSystem,aliasValue,name,accountableLea\ndistrict:d,01,Other,test|district\n"
    query = {"validFrom": "2020-07-01", "source": "file"}
    headers = {"content-type": "text/csv"}
    url = "/v1/imports/schools"
    refused = await registry.platform.post(url, content=body, params=query, headers=headers)
    errors = [(each["row"], each["rule"]) for each in refused.json()["errors"]]
    assert (refused.status_code, errors) == (422, [(2, "locked")])
    reasoned = await registry.platform.post(
        url, content=body, params=query | {"overrideReason": "audit"}, headers=headers
    )
    assert reasoned.json()["changed"] == 1


async def test_a_district_locks_its_own_schools_only(registry: Registry) -> None:
    await registry.organization("far", "district")
    mine = await registry.school("Mine")
    theirs = await registry.school("Theirs", assignments=[registry.held("far", "accountable-lea")])
    await lock(registry, registry.as_("district"))
    answers = [await renamed(registry, each, "2020-01-01") for each in (mine, theirs)]
    assert [each.status_code for each in answers] == [409, 200]
    shown = [
        len((await registry.as_(name).get("/v1/reporting-periods")).json()["items"]) for name in ("district", "far")
    ]
    assert shown == [1, 0]


async def test_a_lock_holds_from_its_instant_on(registry: Registry) -> None:
    school = await registry.school("Lincoln")
    await lock(registry, lockedAt="2999-01-01T00:00:00Z")
    assert (await renamed(registry, school, "2020-01-01")).status_code == 200


@pytest.mark.parametrize("path", ["snapshots", "reporting-periods"])
async def test_an_operator_names_no_past(registry: Registry, path: str) -> None:
    body = OCTOBER if path == "snapshots" else LOCK
    assert (await registry.as_("north").post(f"/v1/{path}", json=body)).status_code == 403
