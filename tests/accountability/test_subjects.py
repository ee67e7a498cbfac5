"""What is rated beside whole schools: student groups and levels of a school, and organizations with their members."""

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import pytest
from accountability.app import create_app
from contracts.registry import OrganizationChanged
from contracts.vocabulary import Alias

from tests.accountability.conftest import Accountability, school

DISTRICT = UUID(int=77)
FRAMEWORK: dict[str, Any] = {
    "id": "rolled-up",
    "version": "1",
    "title": "Schools, groups and their district",
    "owner": "State",
    "school_years": [2019],
    "data_year_lag": 0,
    "sources": ["test"],
    "not_rated": "Not Rated",
    "student_groups": ["ALL", "EL"],
    "scale": [{"label": "A", "at_least": 50}, {"label": "F", "at_least": 0}],
    "attributes": {"unit": {"kind": "category", "values": ["school", "district"]}, "district": {"kind": "subject"}},
    "indicators": {"proficiency": {"title": "Proficiency"}},
    "nodes": {
        "proficient": {"kind": "measure", "indicator": "proficiency", "source": "s1"},
        "lowest": {"kind": "rollup", "members": "district", "how": "lowest", "of": "proficient", "source": "s2"},
        "score": {"kind": "first", "of": ["proficient", "lowest"], "source": "s3"},
        "grade": {"kind": "band", "input": "score", "source": "s4"},
    },
    "result": {"score": "score", "rating": "grade"},
}
MEASURES = """school,indicator,studentGroup,value,category
01,proficiency,ALL,80,
01,proficiency,EL,30,
01,unit,ALL,,school
01,district,ALL,,D7
02,proficiency,ALL,60,
02,district,ALL,,D7
D7,unit,ALL,,district
"""


@pytest.fixture
async def state(service_of: Callable[..., Any]) -> AsyncIterator[Accountability]:
    async with service_of("accountability", create_app) as service:
        started = Accountability(service)
        for key in ("01", "02"):
            await started.hear(school(key))
        alias = Alias(system="d", value="D7", valid_from=school("01").facts[0].valid_from)
        await started.hear(
            OrganizationChanged(id=DISTRICT, version=1, name="District 7", types=["district"], aliases=[alias])
        )
        answer = await started.platform.post("/v1/frameworks", json=FRAMEWORK)
        assert answer.status_code == 201, answer.text
        yield started


async def rated(state: Accountability, measures: str = MEASURES) -> Any:
    loaded = await state.load(measures)
    assert loaded.status_code == 200, loaded.text
    run = await state.run(framework="rolled-up")
    assert run.status_code == 201, run.text
    return run


def told(items: list[dict[str, Any]]) -> set[tuple[str, str, float, str]]:
    return {(str(UUID(one["schoolId"]).int), one["studentGroup"], one["score"], one["rating"]) for one in items}


EXPECTED = {("1", "ALL", 80, "A"), ("1", "EL", 30, "F"), ("2", "ALL", 60, "A"), ("77", "ALL", 60, "A")}


async def test_schools_their_groups_and_their_district_are_rated_each_by_itself(state: Accountability) -> None:
    run = await rated(state)
    staged: list[dict[str, Any]] = []
    params: dict[str, Any] = {"limit": 1}
    while len(staged) < 9:
        page = (await state.platform.get(f"/v1/runs/{run.json()['id']}/ratings", params=params)).json()
        staged += page["items"]
        if not page.get("nextCursor"):
            break
        params["cursor"] = page["nextCursor"]
    assert len(staged) == 4
    assert told(staged) == EXPECTED


async def test_each_subject_is_published_and_explained_by_its_own_outcomes(state: Accountability) -> None:
    assert (await state.publish(await rated(state))).json() == {"published": 4, "revised": 0, "unchanged": 0}
    ratings = (await state.platform.get("/v1/ratings")).json()["items"]
    assert told(ratings) == EXPECTED
    assert {one["schoolName"] for one in ratings} == {"School 01", "School 02", "District 7"}
    of_district = next(one for one in ratings if one["schoolName"] == "District 7")
    group = next(one for one in ratings if one["studentGroup"] == "EL")
    explained = [
        (await state.platform.get(f"/v1/ratings/{one['id']}/explanation")).json() for one in (of_district, group)
    ]
    outcomes = [{row["node"]: row for row in one["outcomes"]} for one in explained]
    assert (outcomes[0]["lowest"]["value"], outcomes[0]["lowest"]["rule"]) == (
        60,
        "lowest of proficient over 2 members",
    )
    assert (outcomes[1]["proficient"]["value"], outcomes[1]["proficient"]["inputs"]) == (30, ["proficiency"])
    assert explained[0]["attributes"] == {"unit": "district"}


async def test_a_correction_of_a_school_revises_the_district_that_rests_on_it_and_nobody_else(
    state: Accountability,
) -> None:
    await state.publish(await rated(state))
    again = await rated(state, "school,indicator,value\n02,proficiency,40\n")
    answer = await state.publish(again, "corrected")
    assert answer.json() == {"published": 0, "revised": 2, "unchanged": 2}


async def test_a_school_may_name_only_a_district_that_is_known(state: Accountability) -> None:
    answer = await state.load("school,indicator,category\n01,district,D8\n02,district,D7\n")
    assert answer.status_code == 422
    error = answer.json()["errors"][0]
    assert (error["field"], error["rule"], error["row"], error["value"]) == ("category", "unknown-school", 2, "D8")


async def test_an_organization_that_changes_its_identifier_is_named_by_the_new_one(state: Accountability) -> None:
    alias = Alias(system="d", value="D9", valid_from=school("01").facts[0].valid_from)
    changed = OrganizationChanged(id=DISTRICT, version=2, name="District 9", types=["district"], aliases=[alias])
    await state.hear(changed)
    answers = [await state.load(f"school,indicator,category\n{key},unit,district\n") for key in ("D7", "D9")]
    assert [answer.status_code for answer in answers] == [422, 200]
