"""Frameworks authored: drafts, every fault with its place, and a version's life by year."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from accountability.app import create_app
from accountability.frameworks.labels import labels_of
from accountability.frameworks.lifecycle import MOVES
from accountability.frameworks.reading import read
from kit.tables import journal
from sqlalchemy import select

from tests.accountability.authoring import Authors, authors_of
from tests.accountability.test_frameworks import LIBRARY


@pytest.fixture(scope="module")
async def authors(service_of: Any) -> AsyncIterator[Authors]:
    async with authors_of(service_of, create_app) as found:
        yield found


def address(document: dict[str, Any]) -> str:
    return f"/v1/frameworks/{document['id']}/{document['version']}"


def statuses(answer: Any) -> dict[int, str]:
    return {year["schoolYear"]: year["status"] for year in answer.json()["years"]}


async def test_a_draft_is_made_and_shown_with_its_etag(authors: Authors) -> None:
    document = authors.document(*authors.years())
    made = await authors.draft(document)
    shown = await authors.district.get(address(document))
    assert (made.status_code, made.json()["status"], made.headers["etag"]) == (201, "draft", '"1"')
    assert (shown.json()["document"]["title"], shown.headers["etag"]) == ("Small policy", '"1"')


async def test_a_draft_is_replaced_by_whoever_read_it(authors: Authors) -> None:
    document = authors.document(*authors.years())
    await authors.draft(document)
    unread = await authors.draft(document | {"title": "Second"})
    replaced = await authors.draft(document | {"title": "Second"}, **{"If-Match": '"1"'})
    late = await authors.draft(document | {"title": "Third"}, **{"If-Match": '"1"'})
    shown = await authors.district.get(address(document))
    assert [unread.status_code, replaced.status_code, late.status_code] == [428, 200, 412]
    assert (shown.json()["title"], shown.json()["revision"]) == ("Second", 2)


async def test_a_draft_that_is_not_there_cannot_be_replaced(authors: Authors) -> None:
    answer = await authors.draft(authors.document(*authors.years()), **{"If-Match": '"1"'})
    assert answer.status_code == 412


async def test_a_document_is_kept_under_its_own_name_only(authors: Authors) -> None:
    document = authors.document(*authors.years())
    answer = await authors.district.put(f"/v1/frameworks/{document['id']}/9", json=document)
    assert [(error["pointer"], error["rule"]) for error in answer.json()["errors"]] == [("/version", "other-address")]


async def test_a_draft_is_known_to_its_owner_alone(authors: Authors) -> None:
    document = authors.document(*authors.years())
    await authors.draft(document)
    seen = await authors.of["state-agency"].get(address(document))
    listed = await authors.of["state-agency"].get("/v1/frameworks", params={"framework": document["id"]})
    never = await authors.of["state-agency"].get(f"/v1/frameworks/{document['id']}/never")
    assert (seen.status_code, listed.json()["items"]) == (404, [])
    assert seen.json()["detail"].replace("1:", "never:") == never.json()["detail"]


async def test_a_framework_of_another_organization_gets_no_versions(authors: Authors) -> None:
    document = authors.document(*authors.years())
    await authors.draft(document)
    answer = await authors.draft(document | {"version": "2"}, authors.of["zone"])
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:concordat:problem:framework-taken")


@pytest.mark.parametrize(("author", "status"), [("zone", 201), ("state-agency", 201), ("operator", 403)])
async def test_who_may_own_a_framework_may_author_one(authors: Authors, author: str, status: int) -> None:
    answer = await authors.draft(authors.document(*authors.years()), authors.of[author])
    assert answer.status_code == status


async def test_every_fault_is_told_at_once_by_json_pointer(authors: Authors) -> None:
    document = authors.document(2019, 2019)
    document["nodes"]["score"]["weights"]["attendance_points"] = 30
    document["nodes"]["growth_points"]["indicator"] = "height"
    document["nodes"]["more"] = {"kind": "round", "input": "more", "digits": 1, "source": "x"}
    document["nodes"]["best"] = {"kind": "better", "bands": ["rating"], "source": "x"}
    answer = await authors.draft(document)
    found = {(error["pointer"], error["rule"]) for error in answer.json()["errors"]}
    assert answer.status_code == 422
    assert found == {
        ("/nodes/score", "value_error"),
        ("/nodes/best/bands", "too_short"),
        ("/nodes/growth_points", "unknown-indicator"),
        ("/nodes/more", "cycle"),
        ("/school_years", "repeated"),
    }


async def test_a_missing_member_is_pointed_at_where_it_should_be(authors: Authors) -> None:
    document = authors.document(*authors.years())
    del document["nodes"]["total"]["digits"]
    document["tables"]["rate"]["cuts"][1]["value"] = "high"
    answer = await authors.draft(document)
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert pointers == {"/nodes/total/digits", "/tables/rate/cuts/1/value"}


async def test_a_band_above_every_score_is_refused(authors: Authors) -> None:
    document = authors.document(*authors.years())
    document["scale"].insert(0, {"label": "Better", "at_least": 5.06})
    answer = await authors.draft(document)
    document["scale"][0]["at_least"] = 5
    reached = await authors.draft(document)
    error = answer.json()["errors"][0]
    assert (error["pointer"], error["rule"]) == ("/nodes/rating", "unreachable-band")
    assert reached.status_code == 201


async def test_an_indicator_that_means_something_else_is_refused_in_the_draft(authors: Authors) -> None:
    await authors.active(*authors.years())
    document = authors.document(*authors.years())
    document["indicators"]["survey"] = {"title": "Survey"}
    answer = await authors.draft(document)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (409, "/indicators/survey/kind")


async def test_a_draft_rates_nobody_until_it_is_activated(authors: Authors) -> None:
    year, _ = authors.years()
    document = authors.document(year)
    await authors.draft(document)
    refused = await authors.run(document, year)
    activated = await authors.move(document, "activate")
    await authors.load(year, "school,indicator,value,n\n01,growth,95,100\n")
    started = await authors.run(document, year)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:concordat:problem:framework-not-in-charge")
    assert statuses(activated) == {year: "active"}
    assert started.status_code == 201, started.text


async def test_an_activated_version_never_changes(authors: Authors) -> None:
    document = await authors.active(*authors.years())
    tag = (await authors.district.get(address(document))).headers["etag"]
    answer = await authors.draft(document | {"title": "Other"}, **{"If-Match": tag})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:concordat:problem:framework-immutable")


async def test_a_year_goes_to_another_version_only_with_a_reason(authors: Authors) -> None:
    first, second = authors.years()
    document = await authors.active(first, second)
    newer = document | {"version": "2"}
    await authors.draft(newer)
    unexplained = await authors.move(newer, "activate", schoolYears=[second])
    explained = await authors.move(newer, "activate", schoolYears=[second], reason="New cuts")
    older = await authors.district.get(address(document))
    assert [error["field"] for error in unexplained.json()["errors"]] == ["reason"]
    assert statuses(explained) == {second: "active"}
    assert statuses(older) == {first: "active", second: "superseded"}


async def test_registering_a_version_takes_no_year_from_another(authors: Authors) -> None:
    first, second = authors.years()
    document = await authors.active(first)
    newer = document | {"version": "2", "school_years": [first, second]}
    registered = await authors.district.post("/v1/frameworks", json=newer)
    assert (registered.status_code, statuses(registered)) == (201, {second: "active"})


async def test_what_is_registered_already_may_be_registered_again_by_anybody(authors: Authors) -> None:
    document = authors.document(*authors.years())
    first = await authors.platform.post("/v1/frameworks", json=document)
    again = await authors.district.post("/v1/frameworks", json=document)
    other = await authors.district.post("/v1/frameworks", json=document | {"title": "Other"})
    assert (again.status_code, again.json()) == (201, first.json())
    assert other.status_code == 409


async def test_a_district_does_not_take_the_years_of_what_the_platform_registered(authors: Authors) -> None:
    year, _ = authors.years()
    document = authors.document(year)
    await authors.platform.post("/v1/frameworks", json=document)
    newer = document | {"version": "2"}
    drafted = await authors.draft(newer)
    own = await authors.move(newer, "activate", reason="New cuts")
    platform = await authors.move(newer, "activate", authors.platform, reason="New cuts")
    assert [drafted.status_code, own.status_code, platform.status_code] == [201, 403, 200]


async def test_a_suspended_year_gives_scores_and_no_ratings(authors: Authors) -> None:
    year, _ = authors.years()
    document = await authors.active(year)
    await authors.load(year, "school,indicator,value,n\n01,growth,95,100\n01,attendance,95,100\n")
    await authors.move(document, "suspend", reason="No state tests")
    run = (await authors.run(document, year)).json()
    staged = (await authors.district.get(f"/v1/runs/{run['id']}/ratings")).json()["items"]
    assert [(one["status"], one["rating"], one["score"], one["reason"]) for one in staged] == [
        ("not-rated", "Not Rated", 5, "framework-suspended")
    ]


async def test_a_suspended_version_goes_on_and_a_retired_one_does_not(authors: Authors) -> None:
    first, second = authors.years()
    document = await authors.active(first, second)
    await authors.move(document, "suspend", schoolYears=[second], reason="Pandemic")
    resumed = await authors.move(document, "activate", schoolYears=[second])
    retired = await authors.move(document, "retire", schoolYears=[second], reason="Abolished by the board")
    again = await authors.move(document, "activate", schoolYears=[second])
    assert statuses(resumed) == {first: "active", second: "active"}
    assert statuses(retired) == {first: "active", second: "retired"}
    assert [error["rule"] for error in again.json()["errors"]] == ["not-in-lifecycle"]


async def test_all_that_is_wrong_with_a_step_is_told_at_once(authors: Authors) -> None:
    first, second = authors.years()
    document = await authors.active(first)
    answer = await authors.move(document, "suspend", schoolYears=[first - 1, second])
    rules = [(error["field"], error["rule"]) for error in answer.json()["errors"]]
    assert rules == [("schoolYears", "not-valid"), ("schoolYears", "not-valid"), ("reason", "missing")]


async def test_a_step_needs_the_version_that_was_read(authors: Authors) -> None:
    document = await authors.active(*authors.years())
    path = f"{address(document)}/transitions"
    body = {"name": "retire", "reason": "x"}
    unread = await authors.district.post(path, json=body)
    stale = await authors.district.post(path, json=body, headers={"If-Match": '"1"'})
    assert [unread.status_code, stale.status_code] == [428, 412]


async def test_nobody_moves_the_framework_of_another(authors: Authors) -> None:
    document = await authors.active(*authors.years())
    answer = await authors.move(document, "retire", authors.of["state-agency"], reason="x")
    assert answer.status_code == 403


async def test_versions_are_listed_by_what_they_are_in_a_year(authors: Authors) -> None:
    first, second = authors.years()
    document = await authors.active(first, second)
    await authors.move(document, "suspend", schoolYears=[second], reason="Pandemic")

    async def listed(**query: Any) -> list[str]:
        params = {"framework": document["id"]} | query
        return [one["id"] for one in (await authors.district.get("/v1/frameworks", params=params)).json()["items"]]

    assert await listed(status="suspended", schoolYear=second) == [document["id"]]
    assert await listed(status="suspended", schoolYear=first) == []
    assert await listed(schoolYear=first - 1) == []


async def test_every_step_is_kept_with_who_and_why(authors: Authors) -> None:
    document = authors.document(*authors.years())
    await authors.draft(document)
    await authors.draft(document | {"title": "Second"}, **{"If-Match": '"1"'})
    await authors.move(document, "activate")
    await authors.move(document, "suspend", reason="Pandemic")
    steps = (await authors.district.get(f"{address(document)}/steps")).json()["items"]
    assert [(step["name"], step["reason"]) for step in steps] == [
        ("drafted", None),
        ("replaced", None),
        ("activate", None),
        ("suspend", "Pandemic"),
    ]
    assert len({step["sha256"] for step in steps}) == 2
    assert all(step["clientId"] for step in steps)


async def test_of_a_draft_no_event_tells_and_of_its_activation_one_does(authors: Authors) -> None:
    year, _ = authors.years()
    document = authors.document(year)
    await authors.draft(document)
    async with authors.service.app.state.database.snapshot() as session:
        of_framework = journal.c.data["framework"].astext == document["id"]
        before = (await session.execute(select(journal.c.data).where(of_framework))).all()
    await authors.move(document, "activate")
    async with authors.service.app.state.database.snapshot() as session:
        after = (await session.execute(select(journal.c.type, journal.c.data).where(of_framework))).all()
    assert before == []
    assert [(row.type, row.data["years"][0]["status"]) for row in after] == [
        ("concordat.accountability.framework.changed.v1", "active")
    ]


async def test_a_renamed_label_stands_beside_the_published_one(authors: Authors) -> None:
    year, _ = authors.years()
    document = await authors.active(year)
    path = address(document)
    tag = (await authors.district.get(path)).headers["etag"]
    body = {"labels": {"Good": "Exemplary"}, "reason": "Act of 1920"}
    renamed = await authors.district.put(f"{path}/labels", json=body, headers={"If-Match": tag})
    steps = (await authors.district.get(f"{path}/steps")).json()["items"]
    assert renamed.json()["displayLabels"] == {"Good": "Exemplary"}
    assert renamed.json()["document"]["scale"][0]["label"] == "Good"
    assert (steps[-1]["name"], steps[-1]["labels"]) == ("rename-labels", {"Good": "Exemplary"})


@pytest.mark.parametrize(("labels", "rule"), [({"Best": "Top"}, "unknown-label"), ({"Good": "Poor"}, "repeated")])
async def test_labels_stay_apart_when_they_are_renamed(authors: Authors, labels: dict[str, str], rule: str) -> None:
    document = await authors.active(*authors.years())
    tag = (await authors.district.get(address(document))).headers["etag"]
    body = {"labels": labels, "reason": "x"}
    answer = await authors.district.put(f"{address(document)}/labels", json=body, headers={"If-Match": tag})
    assert (answer.status_code, [error["rule"] for error in answer.json()["errors"]]) == (422, [rule])


def test_every_step_ends_in_a_status_from_which_the_table_says_what_follows() -> None:
    ends = {move.target for move in MOVES.values()}
    assert ends == {"active", "suspended", "retired"}
    assert all(move.needs_reason for name, move in MOVES.items() if name != "activate")


def test_the_labels_of_a_framework_are_all_that_it_can_give() -> None:
    chicago = read((LIBRARY / "frameworks" / "chicago-sqrp-2018-19.yaml").read_bytes())
    carolina = read((LIBRARY / "frameworks" / "north-carolina-performance-grades-2018-19.yaml").read_bytes())
    assert {"Level 1+", "Level 3", "Inability to Rate", "Good Standing"} <= labels_of(chicago)
    assert {"Low-performing district", "Not low-performing", "Exceeded"} <= labels_of(carolina)
