"""From run to published, explained, revised rating."""

import csv
import io
import json
from typing import Any

import pytest

from tests.accountability.conftest import ALL, FRAMEWORK, MEASURES, Accountability, school


async def rated(accountability: Accountability) -> Any:
    await accountability.load()
    run = await accountability.run()
    assert run.status_code == 201, run.text
    return run


async def number(accountability: Accountability) -> None:
    """Give the published ratings their change versions, as the relay does."""
    from kit.relay import number_committed_rows

    async with accountability.service.app.state.database.transaction() as session:
        await number_committed_rows(session)


async def test_a_run_is_staged_and_seen_by_nobody_until_published(accountability: Accountability) -> None:
    run = await rated(accountability)
    before = (await accountability.platform.get("/v1/ratings")).json()["items"]
    published = await accountability.publish(run)
    after = (await accountability.platform.get("/v1/ratings")).json()["items"]
    assert published.status_code == 200, published.text
    assert (before, published.json()["published"], len(after)) == ([], 2, 2)


async def test_a_staged_rating_is_read_only_by_those_who_publish(accountability: Accountability) -> None:
    url = f"/v1/runs/{(await rated(accountability)).json()['id']}/ratings"
    operator = accountability.service.client("ratings:preview", organization_id=accountability.operator_id)
    reader = accountability.service.client("ratings:read")
    statuses = [(await client.get(url)).status_code for client in (accountability.platform, operator, reader)]
    assert statuses == [200, 403, 403]


async def test_not_rated_has_a_reason_and_is_neither_zero_nor_null(accountability: Accountability) -> None:
    await accountability.publish(await rated(accountability))
    items = (await accountability.platform.get("/v1/ratings")).json()["items"]
    by_school = {item["schoolName"]: item for item in items}
    one, two = by_school["School 01"], by_school["School 02"]
    assert (one["status"], one["rating"], one["score"], one["reason"]) == ("rated", "Good", 4.2, None)
    assert (two["status"], two["rating"], two["score"]) == ("not-rated", "Not Rated", None)
    assert two["reason"] == "required-missing:growth_points"


async def test_a_rating_is_explained_down_to_its_measures(accountability: Accountability) -> None:
    await accountability.publish(await rated(accountability))
    items = (await accountability.platform.get("/v1/ratings?aliasSystem=d&aliasValue=01")).json()["items"]
    answer = (await accountability.platform.get(f"/v1/ratings/{items[0]['id']}/explanation")).json()
    outcomes = {outcome["node"]: outcome for outcome in answer["outcomes"]}
    growth = outcomes["growth_points"]
    assert (growth["value"], growth["points"], growth["weightDeclared"], growth["weightEffective"]) == (95, 5, 60, 60)
    assert growth["rule"] == "at least 90: 5 points"
    assert (outcomes["score"]["value"], outcomes["rating"]["label"], outcomes["rating"]["source"]) == (
        4.2,
        "Good",
        "s5",
    )


async def test_running_again_gives_the_same_bytes(accountability: Accountability) -> None:
    first = (await rated(accountability)).json()
    second = (await accountability.run()).json()
    assert first["digest"] == second["digest"]
    assert first["id"] != second["id"]


async def test_a_revision_needs_a_reason_and_keeps_the_old_one_readable(accountability: Accountability) -> None:
    await accountability.publish(await rated(accountability))
    await accountability.load(MEASURES.replace("01,growth,95", "01,growth,45"))
    run = await accountability.run()
    refused = await accountability.publish(run)
    revised = await accountability.publish(run, "Growth corrected on appeal")
    items = (await accountability.platform.get("/v1/ratings?aliasSystem=d&aliasValue=01")).json()["items"]
    revisions = (await accountability.platform.get(f"/v1/ratings/{items[0]['id']}/revisions")).json()["items"]
    assert refused.status_code == 422
    assert revised.json() == {"published": 0, "revised": 1, "unchanged": 1}
    assert [(r["revision"], r["rating"], r["revisionReason"]) for r in revisions] == [
        (1, "Good", None),
        (2, "Poor", "Growth corrected on appeal"),
    ]


async def test_an_old_revision_is_still_explained_by_its_own_run(accountability: Accountability) -> None:
    await accountability.publish(await rated(accountability))
    await accountability.load(MEASURES.replace("01,growth,95", "01,growth,45"))
    await accountability.publish(await accountability.run(), "corrected")
    items = (await accountability.platform.get("/v1/ratings?aliasSystem=d&aliasValue=01")).json()["items"]
    answer = (await accountability.platform.get(f"/v1/ratings/{items[0]['id']}/explanation?revision=1")).json()
    assert next(o["value"] for o in answer["outcomes"] if o["node"] == "growth_points") == 95


async def test_a_puller_gets_each_change_once_in_order(accountability: Accountability) -> None:
    await accountability.publish(await rated(accountability))
    await number(accountability)
    first = (await accountability.platform.get("/v1/ratings?minChangeVersion=0&limit=1")).json()
    second = (
        await accountability.platform.get(f"/v1/ratings?minChangeVersion=0&limit=1&cursor={first['nextCursor']}")
    ).json()
    versions = [page["items"][0]["changeVersion"] for page in (first, second)]
    nothing = (await accountability.platform.get(f"/v1/ratings?minChangeVersion={versions[1] + 1}")).json()
    assert versions[0] < versions[1]
    assert nothing["items"] == []


async def test_all_ratings_come_as_ndjson_and_as_csv(accountability: Accountability) -> None:
    await accountability.hear(school("01", 2, '=HYPERLINK("x") \\ "quoted"'))
    await accountability.publish(await rated(accountability))
    lines = (await accountability.platform.get("/v1/ratings", headers={"accept": "application/x-ndjson"})).text
    table = (await accountability.platform.get("/v1/ratings", headers={"accept": "text/csv"})).text
    names = {json.loads(line)["schoolName"] for line in lines.splitlines()}
    cells = {row["schoolName"] for row in csv.DictReader(io.StringIO(table))}
    assert names == {'=HYPERLINK("x") \\ "quoted"', "School 02"}
    assert cells == {'\'=HYPERLINK("x") \\ "quoted"', "School 02"}


async def test_a_run_can_be_repeated_as_of_an_older_file_to_the_same_bytes(accountability: Accountability) -> None:
    first = (await rated(accountability)).json()
    await accountability.load(MEASURES.replace("01,growth,95", "01,growth,45"))
    newest = (await accountability.run()).json()
    again = (await accountability.run(inputVersion=first["inputVersion"])).json()
    assert newest["digest"] != first["digest"]
    assert (again["digest"], again["inputVersion"]) == (first["digest"], first["inputVersion"])


async def test_a_run_as_of_a_file_that_is_not_there_is_refused(accountability: Accountability) -> None:
    await accountability.load()
    answer = await accountability.run(inputVersion=99)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "inputVersion")


async def test_a_run_without_measures_is_refused(accountability: Accountability) -> None:
    answer = await accountability.run()
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "no-measures")


async def test_a_run_by_an_unknown_framework_is_not_found(accountability: Accountability) -> None:
    assert (await accountability.run(version="9")).status_code == 404


async def test_publishing_again_changes_nothing_and_makes_no_revision(accountability: Accountability) -> None:
    run = await rated(accountability)
    await accountability.publish(run)
    again = await accountability.publish(run)
    assert again.json() == {"published": 0, "revised": 0, "unchanged": 2}


async def test_an_operator_neither_runs_nor_sees_runs_nor_publishes(accountability: Accountability) -> None:
    run = (await rated(accountability)).json()
    operator = accountability.service.client(*ALL, organization_id=accountability.operator_id)
    answers = [
        await operator.post("/v1/runs", json={"framework": "small", "version": "1", "schoolYear": 2019}),
        await operator.get("/v1/runs"),
        await operator.get(f"/v1/runs/{run['id']}"),
        await operator.post(f"/v1/runs/{run['id']}/publication", json={}),
        await operator.get("/v1/measures", params={"schoolId": str(school("01").id)}),
    ]
    assert {answer.status_code for answer in answers} == {403}


async def test_a_publication_without_its_number_yet_comes_to_the_puller_later(accountability: Accountability) -> None:
    await accountability.publish(await rated(accountability))
    await number(accountability)
    seen = (await accountability.platform.get("/v1/ratings?minChangeVersion=0")).json()["items"][-1]["changeVersion"]
    await accountability.load(MEASURES.replace("01,growth,95", "01,growth,45"))
    await accountability.publish(await accountability.run(), "corrected")
    url = f"/v1/ratings?minChangeVersion={seen + 1}"
    before = (await accountability.platform.get(url)).json()["items"]
    await number(accountability)
    after = (await accountability.platform.get(url)).json()["items"]
    assert before == []
    assert [(item["schoolName"], item["revision"]) for item in after] == [("School 01", 2)]


async def test_the_total_can_be_followed_by_hand_from_the_explanation(accountability: Accountability) -> None:
    await accountability.publish(await rated(accountability))
    items = (await accountability.platform.get("/v1/ratings?aliasSystem=d&aliasValue=01")).json()["items"]
    answer = (await accountability.platform.get(f"/v1/ratings/{items[0]['id']}/explanation")).json()
    members = [outcome for outcome in answer["outcomes"] if outcome["kind"] == "points"]
    total = sum(member["points"] * member["weightEffective"] for member in members) / 100
    assert [outcome["node"] for outcome in answer["outcomes"]] == list(FRAMEWORK["nodes"])
    assert [(member["title"], member["inputs"]) for member in members] == [
        ("Growth", ["growth"]),
        ("Attendance", ["attendance"]),
    ]
    assert total == answer["rating"]["score"] == 4.2


@pytest.mark.parametrize(
    ("accept", "sent"),
    [
        ("text/html, text/csv;q=0.9", "text/csv"),
        ("application/x-ndjson;q=0.1, application/json", "application/x-ndjson"),
        ("*/*", "application/json"),
        (";;q=", "application/json"),
    ],
)
async def test_the_first_media_type_that_we_have_is_sent(
    accountability: Accountability, accept: str, sent: str
) -> None:
    answer = await accountability.platform.get("/v1/ratings", headers={"accept": accept})
    assert answer.headers["content-type"].split(";")[0] == sent
    assert answer.headers["vary"] == "Accept"


async def test_a_year_outside_the_framework_is_refused(accountability: Accountability) -> None:
    await accountability.load()
    answer = await accountability.run(schoolYear=2020)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "schoolYear")


async def test_an_older_or_repeated_event_changes_nothing(accountability: Accountability) -> None:
    await accountability.hear(school("01", 3, "Newest"))
    await accountability.hear(school("01", 2, "Late"))
    await accountability.hear(school("01", 3, "Again"))
    await accountability.publish(await rated(accountability))
    items = (await accountability.platform.get("/v1/ratings?aliasSystem=d&aliasValue=01")).json()["items"]
    assert items[0]["schoolName"] == "Newest"
