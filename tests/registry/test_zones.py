"""Zones: one governs a school at a time, and whatever its end brings is listed before it is confirmed."""

from typing import Any
from uuid import uuid4

import pytest

from tests.registry.conftest import Registry

REVOKED = {
    "grounds": "revocation",
    "decidedOn": "2023-04-10",
    "lastDay": "2023-06-30",
    "source": "Board vote 5-2",
    "members": {"outcome": "keeps-its-plan"},
}


@pytest.fixture
async def zone(registry: Registry) -> Registry:
    """A zone of two schools, which also governs their boards, and a network of which one is a member too."""
    await registry.organization("beacon", "zone")
    await registry.organization("luminary", "zone")
    await registry.organization("reading", "network")
    for name in ("Kepner", "Grant"):
        held = [registry.held("district", "accountable-lea"), registry.held("beacon", "zone")]
        held.append(registry.held("beacon", "governing-body"))
        await opened(registry, name, held)
    return registry


async def opened(registry: Registry, name: str, held: list[dict[str, Any]]) -> None:
    school = await registry.school(name, assignments=held, arrangement="zone-nonprofit")
    registry.ids[name] = school["id"]


async def end(registry: Registry, path: str, body: dict[str, Any], zone: str = "beacon", **query: str) -> Any:
    return await registry.platform.post(f"/v1/zones/{registry.ids[zone]}/{path}", json=body, params=query)


async def confirmed(registry: Registry, path: str, body: dict[str, Any], **query: str) -> Any:
    seen = await end(registry, path, body, dryRun="true", **query)
    assert seen.status_code == 200, seen.text
    return await end(registry, path, body, confirm=seen.json()["digest"], **query)


async def members(registry: Registry, day: str, zone: str = "beacon") -> list[str]:
    query = {"asOf": day, "organizationId": str(registry.ids[zone]), "role": "zone"}
    return [each["name"] for each in (await registry.platform.get("/v1/schools", params=query)).json()["items"]]


async def seen(registry: Registry, name: str, day: str) -> dict[str, Any]:
    return dict((await registry.platform.get(f"/v1/schools/{registry.ids[name]}?asOf={day}")).json())


def leaving(registry: Registry, *names: str, outcome: str = "reverts-to-district", **more: Any) -> dict[str, Any]:
    schools = [{"schoolId": str(registry.ids[name]), "outcome": outcome, **more} for name in names]
    return {key: value for key, value in REVOKED.items() if key != "members"} | {"schools": schools}


async def test_a_school_has_one_governing_zone_and_any_number_of_networks(zone: Registry) -> None:
    url = f"/v1/schools/{zone.ids['Kepner']}/assignments"
    for version, name in ((1, "reading"), (2, "north")):
        body = zone.held(name, "network", "2019-07-01")
        answer = await zone.platform.post(url, json=body, headers={"if-match": f'"{version}"'})
        assert answer.status_code == 201, answer.text
    second = await zone.platform.post(url, json=zone.held("luminary", "zone"), headers={"if-match": '"3"'})
    assert (second.status_code, second.json()["type"]) == (409, "urn:concordat:problem:overlapping-period")


async def test_the_consequences_of_a_dissolution_are_listed_and_nothing_happens(zone: Registry) -> None:
    answer = await end(zone, "dissolution", REVOKED, dryRun="true")
    said = [
        (each["school"], each["effect"], each["what"].rsplit(" ", 1)[0], each["on"])
        for each in answer.json()["consequences"]
    ]
    for school in ("Kepner", "Grant"):
        assert (school, "ends", "assignment zone", "2023-07-01") in said
        assert (school, "ends", "assignment governing-body", "2023-07-01") in said
        assert (school, "changes", "arrangement", "2023-07-01") in said
        assert (school, "stays", "assignment accountable-lea", "2023-07-01") in said
    assert await members(zone, "2024-01-01") == ["Kepner", "Grant"]


async def test_a_revoked_zone_governs_through_its_last_day_and_the_plans_survive(zone: Registry) -> None:
    answer = await confirmed(zone, "dissolution", REVOKED)
    assert answer.status_code == 201, answer.text
    assert await members(zone, "2023-06-30") == ["Kepner", "Grant"]
    assert await members(zone, "2023-07-01") == []
    assert [(await seen(zone, name, "2023-07-01"))["arrangement"] for name in ("Kepner", "Grant")] == [
        "waiver-based",
        "waiver-based",
    ]
    assert (await zone.platform.get(f"/v1/organizations/{zone.ids['beacon']}")).json()["dissolvedOn"] == "2023-07-01"


async def test_a_dissolution_needs_the_digest_of_what_was_seen(zone: Registry) -> None:
    bare = await end(zone, "dissolution", REVOKED)
    wrong = await end(zone, "dissolution", REVOKED, confirm="0" * 64)
    assert [(each.status_code, each.json()["type"]) for each in (bare, wrong)] == [
        (409, "urn:concordat:problem:not-confirmed")
    ] * 2
    assert bare.json()["digest"] == wrong.json()["digest"]
    assert bare.json()["consequences"]


async def test_what_changed_since_it_was_seen_must_be_seen_again(zone: Registry) -> None:
    digest = (await end(zone, "dissolution", REVOKED, dryRun="true")).json()["digest"]
    await opened(zone, "Newcomer", [zone.held("district", "accountable-lea"), zone.held("beacon", "zone")])
    assert (await end(zone, "dissolution", REVOKED, confirm=digest)).status_code == 409
    assert await members(zone, "2024-01-01") == ["Kepner", "Grant", "Newcomer"]


async def test_each_member_may_become_something_else(zone: Registry) -> None:
    exception = {"schoolId": str(zone.ids["Grant"]), "outcome": "joins-zone", "zoneId": str(zone.ids["luminary"])}
    body = REVOKED | {"members": {"outcome": "reverts-to-district"}, "exceptions": [exception]}
    assert (await confirmed(zone, "dissolution", body)).status_code == 201
    assert (await seen(zone, "Kepner", "2023-07-01"))["arrangement"] == "traditional"
    assert await members(zone, "2023-07-01", "luminary") == ["Grant"]
    assert await members(zone, "2023-06-30", "luminary") == []


async def test_one_member_is_removed_and_the_others_go_on(zone: Registry) -> None:
    answer = await confirmed(zone, "removals", leaving(zone, "Kepner"))
    assert answer.status_code == 201, answer.text
    assert await members(zone, "2023-07-01") == ["Grant"]


async def test_leaving_because_the_goals_were_met_is_told_as_that(zone: Registry) -> None:
    body = leaving(zone, "Grant", outcome="keeps-its-plan") | {"grounds": "goals-met"}
    await confirmed(zone, "departures", body)
    exits = (await zone.platform.get(f"/v1/zones/{zone.ids['beacon']}/exits")).json()["items"]
    assert [(each["kind"], each["grounds"], each["decidedOn"], each["lastDay"]) for each in exits] == [
        ("departure", "goals-met", "2023-04-10", "2023-06-30")
    ]


async def test_a_dissolved_zone_takes_no_members_and_does_not_end_twice(zone: Registry) -> None:
    await confirmed(zone, "dissolution", REVOKED)
    url = f"/v1/schools/{zone.ids['Kepner']}/assignments"
    late = await zone.platform.post(url, json=zone.held("beacon", "zone", "2024-07-01"), headers={"if-match": '"2"'})
    assert (late.status_code, late.json()["errors"][0]["rule"]) == (422, "dissolved")
    again = await end(zone, "dissolution", REVOKED, dryRun="true")
    assert (again.status_code, again.json()["type"]) == (409, "urn:concordat:problem:already-dissolved")


async def test_what_the_zone_would_begin_elsewhere_after_its_end_never_begins(zone: Registry) -> None:
    await opened(zone, "Later", [zone.held("district", "accountable-lea"), zone.held("beacon", "zone", "2023-08-01")])
    assert (await confirmed(zone, "dissolution", REVOKED)).status_code == 201
    assert await members(zone, "2024-01-01") == []


async def test_a_school_that_is_no_member_cannot_leave(zone: Registry) -> None:
    await opened(zone, "Stranger", [zone.held("district", "accountable-lea")])
    answer = await end(zone, "departures", leaving(zone, "Stranger"), dryRun="true")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:concordat:problem:not-a-member")
    exception = {"schoolId": str(zone.ids["Stranger"]), "outcome": "keeps-its-plan"}
    excepted = await end(zone, "dissolution", REVOKED | {"exceptions": [exception]}, dryRun="true")
    assert (excepted.status_code, excepted.json()["errors"][0]["rule"]) == (422, "not-a-member")


async def test_only_a_zone_ends_as_a_zone(zone: Registry) -> None:
    network = await end(zone, "dissolution", REVOKED, "reading", dryRun="true")
    unknown = await zone.platform.post(f"/v1/zones/{uuid4()}/dissolution?dryRun=true", json=REVOKED)
    assert [network.status_code, unknown.status_code] == [422, 404]


async def test_an_operator_ends_no_zone(zone: Registry) -> None:
    url = f"/v1/zones/{zone.ids['beacon']}/dissolution?dryRun=true"
    assert (await zone.as_("north").post(url, json=REVOKED)).status_code == 403


async def test_a_zone_to_join_is_named_with_joining_and_only_with_it(zone: Registry) -> None:
    for outcome in ({"outcome": "joins-zone"}, {"outcome": "keeps-its-plan", "zoneId": str(zone.ids["luminary"])}):
        answer = await end(zone, "dissolution", REVOKED | {"members": outcome}, dryRun="true")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "body.members"


@pytest.mark.parametrize("joined", ["beacon", "reading"])
async def test_a_school_joins_only_another_zone(zone: Registry, joined: str) -> None:
    body = REVOKED | {"members": {"outcome": "joins-zone", "zoneId": str(zone.ids[joined])}}
    answer = await end(zone, "dissolution", body, dryRun="true")
    assert answer.status_code == 422, answer.text
    assert [error["rule"] for error in answer.json()["errors"]] == ["no-other-zone"]
