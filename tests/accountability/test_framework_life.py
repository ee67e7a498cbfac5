"""A version's life by year: suspended, retired, listed, told of, and its labels renamed."""

from typing import Any

import pytest
from accountability.frameworks.labels import labels_of
from accountability.frameworks.lifecycle import MOVES
from accountability.frameworks.reading import read
from kit.tables import journal
from sqlalchemy import select

from tests.accountability.authoring import Authors, address, statuses
from tests.accountability.test_frameworks import LIBRARY


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
