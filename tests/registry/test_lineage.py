"""What happens to schools as institutions: consequences first, and a tree that follows each thread by itself."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.registry.conftest import Registry

CLOSED = {"kind": "closed", "effectiveOn": "2021-07-01", "source": "Board report"}


async def tell(registry: Registry, event: dict[str, Any], client: Any = None, **query: Any) -> Any:
    return await (client or registry.platform).post("/v1/lineage-events", json=event, params=query)


async def told(registry: Registry, kind: str, day: str = "2021-07-01", **more: Any) -> dict[str, Any]:
    answer = await tell(registry, {"kind": kind, "effectiveOn": day, "source": "Board report", **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def seen(registry: Registry, school: dict[str, Any], day: str) -> dict[str, Any]:
    answer = await registry.platform.get(f"/v1/schools/{school['id']}", params={"asOf": day})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def tree(registry: Registry, school: dict[str, Any], **query: str) -> dict[str, Any]:
    answer = await registry.platform.get(f"/v1/schools/{school['id']}/lineage", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def operated(registry: Registry, name: str = "Lincoln") -> dict[str, Any]:
    held = [registry.held("district", "accountable-lea"), registry.held("north", "operator")]
    return await registry.school(name, assignments=held)


async def building(registry: Registry, name: str = "Roosevelt") -> str:
    body = {"name": name, "ownerId": str(registry.ids["district"]), "validFrom": "2000-01-01", "source": "deed"}
    answer = await registry.platform.post("/v1/buildings", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_a_dry_run_lists_every_consequence_and_does_nothing(registry: Registry) -> None:
    school = await operated(registry)
    answer = await tell(registry, CLOSED | {"schoolId": school["id"]}, dryRun="true")
    said = {(each["effect"], each["what"].split(" ")[0], each["on"]) for each in answer.json()["consequences"]}
    assert answer.status_code == 200
    assert {("changes", "operationalStatus", "2021-07-01"), ("ends", "assignment", "2021-07-01")} <= said
    assert ("stays", "alias", "2021-07-01") in said
    assert (await seen(registry, school, "2022-01-01"))["operationalStatus"] == "active"
    assert (await registry.platform.get("/v1/lineage-events")).json()["items"] == []


async def test_a_closed_school_stays_readable_and_its_district_goes_on_answering_for_it(registry: Registry) -> None:
    school = await operated(registry)
    await told(registry, "closed", schoolId=school["id"])
    mine = await registry.as_("district").get(f"/v1/schools/{school['id']}?asOf=2025-01-01")
    assert mine.json()["operationalStatus"] == "closed"
    assert [each["role"] for each in mine.json()["assignments"]] == ["accountable-lea"]
    assert (await seen(registry, school, "2021-06-30"))["operationalStatus"] == "active"


async def test_a_merge_closes_the_merged_schools_on_the_date(registry: Registry) -> None:
    one, two, new = [await operated(registry, name) for name in ("One", "Two", "New")]
    await told(registry, "merged", schoolIds=[one["id"], two["id"]], intoId=new["id"])
    states = [(await seen(registry, each, "2021-07-01"))["operationalStatus"] for each in (one, two, new)]
    assert states == ["closed", "closed", "active"]


async def test_a_school_may_merge_others_into_itself_and_goes_on(registry: Registry) -> None:
    one, two = await operated(registry, "One"), await operated(registry, "Two")
    await told(registry, "merged", schoolIds=[one["id"], two["id"]], intoId=one["id"])
    states = [(await seen(registry, each, "2021-07-01"))["operationalStatus"] for each in (one, two)]
    assert states == ["active", "closed"]


async def test_a_reconstituted_school_with_a_new_id_keeps_its_ancestor_and_says_what_went_on(
    registry: Registry,
) -> None:
    old, new = await operated(registry, "Old"), await operated(registry, "New")
    continuity = {"site": {"outcome": "continues"}, "ratings": {"outcome": "ends"}}
    report = await told(registry, "reconstituted", schoolId=old["id"], successorId=new["id"], continuity=continuity)
    found = await tree(registry, new)
    assert [(each["schoolId"], each["name"], each["kind"]) for each in found["ancestors"]] == [
        (old["id"], "Old", "reconstituted")
    ]
    assert {flow: each["outcome"] for flow, each in report["event"]["continuity"].items()} == {
        "site": "continues",
        "ratings": "ends",
    }


async def test_a_restart_under_the_same_id_shows_only_in_the_lineage(registry: Registry) -> None:
    school = await operated(registry)
    report = await told(registry, "reconstituted", schoolId=school["id"])
    found = await tree(registry, school)
    assert [each["kind"] for each in found["events"]] == ["reconstituted"]
    assert {each["effect"] for each in report["consequences"]} == {"stays"}
    assert (await seen(registry, school, "2022-01-01"))["version"] == 1


async def test_a_tree_follows_a_split_and_a_later_merge_back_without_a_circle(registry: Registry) -> None:
    chestnut, north, south = [await operated(registry, name) for name in ("Chestnut", "North", "South")]
    ids = [each["id"] for each in (chestnut, north, south)]
    await told(registry, "split", "2019-07-01", schoolId=ids[0], intoIds=ids)
    await told(registry, "merged", "2022-07-01", schoolIds=ids, intoId=ids[0])
    found = await tree(registry, chestnut)
    assert {each["schoolId"] for each in found["ancestors"]} == set(ids[1:])
    assert [[each["name"] for each in parent["relatives"]] for parent in found["ancestors"]] == [["Chestnut"]] * 2
    assert {each["schoolId"] for each in found["descendants"]} == set(ids[1:])
    assert [each["kind"] for each in found["events"]] == ["split", "merged"]


async def test_an_operator_that_moves_away_takes_nothing_of_the_school_with_it(registry: Registry) -> None:
    school, elsewhere = await operated(registry, "School 42"), await operated(registry, "Genius School")
    continuity = {"operator": {"outcome": "ends"}, "site": {"outcome": "continues"}}
    await told(registry, "converted", schoolId=school["id"], arrangement="traditional", continuity=continuity)
    assert (await tree(registry, elsewhere))["ancestors"] == []
    assert (await seen(registry, school, "2021-07-01"))["arrangement"] == "traditional"


async def test_a_renamed_school_is_renamed_through_later_changes_of_other_facts(registry: Registry) -> None:
    school = await operated(registry)
    await told(registry, "grade-span-changed", "2023-07-01", schoolId=school["id"], gradeLow="KG", gradeHigh="08")
    await told(registry, "renamed", "2021-07-01", schoolId=school["id"], name="Douglass")
    later = await seen(registry, school, "2024-01-01")
    assert (later["name"], later["gradeHigh"]) == ("Douglass", "08")


async def test_a_relocated_school_leaves_its_building_for_another(registry: Registry) -> None:
    school, old, new = await operated(registry), await building(registry, "Old"), await building(registry, "New")
    place = {"buildingId": old, "validFrom": "2018-07-01", "source": "lease"}
    url = f"/v1/schools/{school['id']}/buildings"
    await registry.platform.post(url, json=place, headers={"if-match": '"1"'})
    await told(registry, "relocated", schoolId=school["id"], buildingId=new)
    days = [(await seen(registry, school, day))["buildings"] for day in ("2021-06-30", "2021-07-01")]
    assert [[each["buildingId"] for each in on] for on in days] == [[old], [new]]


async def test_a_transferred_school_passes_from_one_lea_to_another_on_the_day(registry: Registry) -> None:
    other = await registry.organization("other district", "district")
    school = await operated(registry)
    await told(registry, "transferred", schoolId=school["id"], organizationId=str(other))
    held = [
        {each["organizationId"] for each in (await seen(registry, school, day))["assignments"]}
        for day in ("2021-06-30", "2021-07-01")
    ]
    assert [str(registry.ids["district"]) in held[0], str(other) in held[1]] == [True, True]
    assert str(registry.ids["district"]) not in held[1]


async def test_a_closed_school_may_reopen_and_an_open_one_may_not(registry: Registry) -> None:
    school = await operated(registry)
    early = await tell(registry, CLOSED | {"kind": "reopened", "schoolId": school["id"]})
    await told(registry, "closed", "2021-07-01", schoolId=school["id"])
    await told(registry, "reopened", "2023-07-01", schoolId=school["id"])
    states = [(await seen(registry, school, f"{year}-07-01"))["operationalStatus"] for year in (2021, 2022, 2023)]
    assert early.json()["type"] == "urn:concordat:problem:lineage-does-not-fit"
    assert states == ["closed", "closed", "reopened"]


async def test_a_planned_school_may_be_cancelled_before_it_opens_and_an_open_one_may_not(registry: Registry) -> None:
    planned = await registry.school("Planned", operationalStatus="future", validFrom="2022-07-01")
    await told(registry, "cancelled-before-open", "2022-07-01", schoolId=planned["id"])
    opened = await operated(registry)
    late = await tell(registry, CLOSED | {"kind": "cancelled-before-open", "schoolId": opened["id"]})
    assert (await seen(registry, planned, "2023-01-01"))["operationalStatus"] == "closed"
    assert late.status_code == 409


async def test_a_planned_school_that_opens_is_new_from_that_day_on(registry: Registry) -> None:
    planned = await registry.school("Planned", operationalStatus="future")
    await told(registry, "opened", "2019-07-01", schoolId=planned["id"])
    states = [(await seen(registry, planned, day))["operationalStatus"] for day in ("2019-06-30", "2019-07-01")]
    assert states == ["future", "new"]


async def test_what_is_confirmed_must_be_what_was_seen(registry: Registry) -> None:
    school = await operated(registry)
    event = CLOSED | {"schoolId": school["id"]}
    digest = (await tell(registry, event, dryRun="true")).json()["digest"]
    other = registry.held("south", "support-partner", "2020-07-01")
    url = f"/v1/schools/{school['id']}/assignments"
    await registry.platform.post(url, json=other, headers={"if-match": '"1"'})
    stale = await tell(registry, event, confirm=digest)
    assert (stale.status_code, stale.json()["type"]) == (409, "urn:concordat:problem:not-confirmed")
    assert (await tell(registry, event, confirm=stale.json()["digest"])).status_code == 201


async def test_an_event_recorded_in_error_is_withdrawn_and_stays_readable_as_known_then(registry: Registry) -> None:
    school = await operated(registry)
    report = await told(registry, "reconstituted", schoolId=school["id"])
    then = report["event"]["recordedAt"]
    url = f"/v1/lineage-events/{report['event']['id']}/withdrawal"
    gone = await registry.platform.post(url, json={"reason": "Another school was meant"})
    found = [len((await tree(registry, school, **query))["events"]) for query in ({}, {"knownAt": then})]
    assert (gone.status_code, found) == (200, [0, 1])
    assert (await registry.platform.post(url, json={"reason": "again"})).status_code == 404


async def test_events_are_seen_by_whoever_had_the_school_on_that_day(registry: Registry) -> None:
    school = await operated(registry)
    await told(registry, "closed", schoolId=school["id"])
    seen_by = [
        len((await registry.as_(name).get("/v1/lineage-events")).json()["items"])
        for name in ("district", "north", "south", "state")
    ]
    assert seen_by == [1, 1, 0, 1]


async def test_several_schools_share_a_building_and_one_operator_serves_several_districts(registry: Registry) -> None:
    await registry.organization("far", "district")
    place = await building(registry)
    for name, district in (("One", "district"), ("Two", "far")):
        held = [registry.held(district, "accountable-lea"), registry.held("north", "operator")]
        school = await registry.school(name, assignments=held)
        body = {"buildingId": place, "share": 0.5, "validFrom": "2018-07-01", "source": "lease"}
        url = f"/v1/schools/{school['id']}/buildings"
        answer = await registry.platform.post(url, json=body, headers={"if-match": '"1"'})
        assert answer.status_code == 201, answer.text
    together = await registry.as_("north").get("/v1/schools", params={"asOf": "2019-01-01", "buildingId": place})
    assert [each["name"] for each in together.json()["items"]] == ["One", "Two"]


async def test_the_shares_of_a_building_never_come_to_more_than_the_whole(registry: Registry) -> None:
    place, answers = await building(registry), []
    for name in ("One", "Two"):
        school = await operated(registry, name)
        body = {"buildingId": place, "share": 0.6, "validFrom": "2018-07-01", "source": "lease"}
        url = f"/v1/schools/{school['id']}/buildings"
        answers.append(await registry.platform.post(url, json=body, headers={"if-match": '"1"'}))
    assert [each.status_code for each in answers] == [201, 422]
    assert answers[1].json()["errors"][0]["rule"] == "too-much"


async def test_a_building_passes_to_another_owner_from_a_date_on(registry: Registry) -> None:
    place = await building(registry)
    body = {"ownerId": str(registry.ids["north"]), "asIsClause": "as is", "validFrom": "2020-07-01", "source": "deed"}
    changed = await registry.platform.patch(f"/v1/buildings/{place}", json=body, headers={"if-match": '"1"'})
    owners = [
        (await registry.platform.get(f"/v1/buildings/{place}?asOf={day}")).json()["ownerId"]
        for day in ("2020-06-30", "2020-07-01")
    ]
    assert changed.status_code == 200, changed.text
    assert owners == [str(registry.ids["district"]), str(registry.ids["north"])]


async def test_a_building_is_shown_as_it_was_known(registry: Registry) -> None:
    place = await building(registry)
    url = f"/v1/buildings/{place}"
    first = (await registry.platform.get(url)).text
    then = datetime.now(UTC).isoformat()
    body = {"capacity": 900, "validFrom": "2000-01-01", "source": "survey"}
    await registry.platform.patch(url, json=body, headers={"if-match": '"1"'})
    assert (await registry.platform.get(url, params={"knownAt": then})).text == first
    assert (await registry.platform.get(url)).json()["capacity"] == 900


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ({"kind": "melted", "schoolId": None}, "body"),
        ({"kind": "renamed", "schoolId": None}, "body.renamed.name"),
        ({"kind": "relocated", "schoolId": None}, "body.relocated"),
        ({"kind": "closed", "schoolId": None, "effectiveOn": "0001-01-01"}, "body.closed.effectiveOn"),
        ({"kind": "closed", "schoolId": None, "name": "x"}, "body.closed.name"),
        (
            {"kind": "closed", "schoolId": None, "continuity": {"ratings": {"outcome": "says-so"}}},
            "body.closed.continuity.ratings",
        ),
        ({"kind": "merged", "schoolIds": [None], "intoId": None}, "body.merged.schoolIds"),
    ],
)
async def test_an_event_that_is_not_well_told_is_refused_by_field(
    registry: Registry, event: dict[str, Any], field: str
) -> None:
    school = (await registry.school())["id"]
    filled = {key: school if value is None else [school] if value == [None] else value for key, value in event.items()}
    answer = await tell(registry, {"effectiveOn": "2021-07-01", "source": "x", **filled})
    assert answer.status_code == 422
    assert field in {error["field"] for error in answer.json()["errors"]}


async def test_an_operator_records_no_lineage_and_a_foreign_school_is_not_found(registry: Registry) -> None:
    await registry.organization("other district", "district")
    school = await registry.school("theirs", assignments=[registry.held("other district", "accountable-lea")])
    event = CLOSED | {"schoolId": school["id"]}
    answers = [await tell(registry, event, registry.as_(name)) for name in ("north", "district")]
    assert [each.status_code for each in answers] == [403, 404]


async def test_schools_cannot_become_one_that_is_closed(registry: Registry) -> None:
    one, other, gone = [await registry.school(name) for name in ("Orr", "Phillips", "Calumet")]
    await told(registry, "closed", "2020-07-01", schoolId=gone["id"])
    merged = CLOSED | {"kind": "merged", "schoolIds": [one["id"], other["id"]], "intoId": gone["id"]}
    assert (await tell(registry, merged)).json()["type"].endswith("lineage-does-not-fit")
