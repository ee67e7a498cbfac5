"""Frameworks authored: drafts, every fault with its place, and which version a year goes to."""

import pytest

from tests.accountability.authoring import Authors, address, statuses


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
