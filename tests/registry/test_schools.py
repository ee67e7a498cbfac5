"""Schools: identity, periods, assignments, and who sees what."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from tests.registry.conftest import Registry


async def rename(registry: Registry, school: dict[str, Any], name: str, start: str, version: int = 1) -> Any:
    body = {"name": name, "validFrom": start, "source": "Board report"}
    url = f"/v1/schools/{school['id']}"
    return await registry.platform.patch(url, json=body, headers={"if-match": f'"{version}"'})


async def test_a_renamed_school_keeps_its_earlier_name_on_earlier_dates(registry: Registry) -> None:
    school = await registry.school("Lincoln")
    changed = await rename(registry, school, "Douglass", "2020-02-01")
    names = [
        (await registry.platform.get(f"/v1/schools/{school['id']}?asOf={day}")).json()["name"]
        for day in ("2020-01-31", "2020-02-01", "2030-01-01")
    ]
    assert changed.status_code == 200, changed.text
    assert names == ["Lincoln", "Douglass", "Douglass"]


async def test_a_change_before_a_known_change_holds_only_until_that(registry: Registry) -> None:
    school = await registry.school("A")
    await rename(registry, school, "C", "2022-01-01", 1)
    await rename(registry, school, "B", "2020-01-01", 2)
    names = [
        (await registry.platform.get(f"/v1/schools/{school['id']}?asOf={day}")).json()["name"]
        for day in ("2019-01-01", "2021-01-01", "2023-01-01")
    ]
    assert names == ["A", "B", "C"]


async def test_history_shows_every_period(registry: Registry) -> None:
    school = await registry.school("A")
    await rename(registry, school, "B", "2020-01-01")
    history = (await registry.platform.get(f"/v1/schools/{school['id']}/history")).json()
    spans = [(facts["name"], facts["validFrom"], facts["validTo"]) for facts in history["facts"]]
    assert spans == [("A", "2018-07-01", "2020-01-01"), ("B", "2020-01-01", None)]


async def test_a_school_is_found_by_an_identifier_of_that_date_leading_zeros_kept(registry: Registry) -> None:
    school = await registry.school("42")
    found = await registry.platform.get("/v1/schools?aliasSystem=district:d&aliasValue=042&asOf=2019-01-01")
    before = await registry.platform.get("/v1/schools?aliasSystem=district:d&aliasValue=042&asOf=2018-06-30")
    assert [item["id"] for item in found.json()["items"]] == [school["id"]]
    assert before.json()["items"] == []


async def test_an_identifier_belongs_to_one_school_at_a_time(registry: Registry) -> None:
    school = await registry.school("1")
    alias = [{"system": "district:d", "value": "01", "validFrom": "2020-01-01"}]
    body = {"name": "Two", "validFrom": "2020-01-01", "source": "x", "aliases": alias}
    answer = await registry.platform.post("/v1/schools", json=body)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:concordat:problem:alias-taken")
    assert school["id"] in answer.json()["errors"][0]["message"]


async def test_two_operators_at_one_time_are_refused_with_the_conflicting_period(registry: Registry) -> None:
    school = await registry.school()
    url = f"/v1/schools/{school['id']}/assignments"
    first = registry.held("north", "operator", "2018-07-01", "2021-07-01")
    await registry.platform.post(url, json=first, headers={"if-match": '"1"'})
    second = registry.held("south", "operator", "2021-06-30")
    answer = await registry.platform.post(url, json=second, headers={"if-match": '"2"'})
    assert answer.status_code == 409
    assert "2018-07-01 to 2021-07-01" in answer.json()["detail"]


async def test_an_operator_may_follow_another_on_the_day_it_ends(registry: Registry) -> None:
    school = await registry.school()
    url = f"/v1/schools/{school['id']}/assignments"
    first = registry.held("north", "operator", "2018-07-01", "2021-07-01")
    await registry.platform.post(url, json=first, headers={"if-match": '"1"'})
    second = registry.held("south", "operator", "2021-07-01")
    assert (await registry.platform.post(url, json=second, headers={"if-match": '"2"'})).status_code == 201


async def test_an_ended_assignment_stays_readable_for_its_period(registry: Registry) -> None:
    school = await registry.school(
        assignments=[registry.held("district", "accountable-lea"), registry.held("north", "operator")]
    )
    operator = next(a for a in school["assignments"] if a["role"] == "operator")
    url = f"/v1/schools/{school['id']}"
    end = f"{url}/assignments/{operator['id']}/end"
    ended = await registry.platform.post(end, json={"validTo": "2020-07-01"}, headers={"if-match": '"1"'})
    assert ended.status_code == 200, ended.text
    roles = [
        {
            a["role"]
            for a in (await registry.platform.get(f"/v1/schools/{school['id']}?asOf={day}")).json()["assignments"]
        }
        for day in ("2020-06-30", "2020-07-01")
    ]
    assert roles == [{"accountable-lea", "operator"}, {"accountable-lea"}]


async def test_an_operator_sees_its_own_schools_on_the_dates_of_its_assignment(registry: Registry) -> None:
    mine = await registry.school("mine", assignments=[registry.held("north", "operator", "2018-07-01", "2020-07-01")])
    await registry.school("other", assignments=[registry.held("south", "operator")])
    north = registry.as_("north")
    seen = [
        [item["id"] for item in (await north.get(f"/v1/schools?asOf={day}")).json()["items"]]
        for day in ("2019-01-01", "2021-01-01")
    ]
    assert seen == [[mine["id"]], []]


async def test_a_foreign_school_is_not_found(registry: Registry) -> None:
    other = await registry.school("other", assignments=[registry.held("south", "operator")])
    assert (await registry.as_("north").get(f"/v1/schools/{other['id']}")).status_code == 404


async def test_a_state_agency_sees_all_and_an_operator_changes_nothing(registry: Registry) -> None:
    school = await registry.school(assignments=[registry.held("north", "operator")])
    body = {"name": "Mine now", "validFrom": "2020-01-01", "source": "x"}
    answer = await registry.as_("north").patch(f"/v1/schools/{school['id']}", json=body, headers={"if-match": '"1"'})
    assert (await registry.as_("state").get(f"/v1/schools/{school['id']}")).status_code == 200
    assert answer.status_code == 403


async def test_today_is_the_districts_date(registry: Registry) -> None:
    school = await registry.school()
    await rename(registry, school, "New year", "2025-07-01")
    registry.service.app.state.clock = lambda: datetime(2025, 7, 1, 4, 30, tzinfo=UTC)  # 30 June, 23:30 in Chicago
    answer = await registry.as_("district").get(f"/v1/schools/{school['id']}")
    assert answer.json()["name"] == "Lincoln"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"validFrom": "2017-01-01"}, 404),
        ({"validFrom": "not a date"}, 422),
        ({"arrangement": "innovation"}, 422),
        ({"name": ""}, 422),
        ({"name": "a\u0000b"}, 422),
    ],
)
async def test_a_change_that_cannot_be_is_refused(registry: Registry, change: dict[str, str], status: int) -> None:
    school = await registry.school()
    body = {"name": "X", "validFrom": "2020-01-01", "source": "x"} | change
    client = registry.as_("district")
    answer = await client.patch(f"/v1/schools/{school['id']}", json=body, headers={"if-match": '"1"'})
    assert answer.status_code == status


async def test_an_unknown_organization_cannot_be_assigned(registry: Registry) -> None:
    school = await registry.school()
    body = registry.held("north", "operator") | {"organizationId": str(uuid4())}
    url = f"/v1/schools/{school['id']}/assignments"
    answer = await registry.platform.post(url, json=body, headers={"if-match": '"1"'})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:concordat:problem:unknown-organization")


async def test_a_stale_etag_is_refused(registry: Registry) -> None:
    school = await registry.school()
    await rename(registry, school, "B", "2020-01-01")
    assert (await rename(registry, school, "C", "2021-01-01", 1)).status_code == 412
