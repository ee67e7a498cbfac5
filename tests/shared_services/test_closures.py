"""Closure: why work was needed, how content the school is, and how often it came back."""

from typing import Any

import httpx2
import pytest

from tests.shared_services.conftest import Cast

STEPS: list[dict[str, Any]] = [
    {"to": "accepted"},
    {"to": "assigned", "crew": "Crew 4"},
    {"to": "in-progress"},
    {"to": "completed"},
]


async def work(cast: Cast, *steps: dict[str, Any]) -> dict[str, Any]:
    """A request of north's that took steps of the district's."""
    request = await cast.submit("north", "Orr")
    for step in steps or STEPS:
        answer = await cast.move("district", request, **step)
        assert answer.status_code == 200, answer.text
        request = dict(answer.json())
    return request


async def tell(cast: Cast, who: str, request: dict[str, Any], what: str, **body: Any) -> httpx2.Response:
    current = (await cast.platform.get(f"/v1/requests/{request['id']}")).json()
    url, tag = f"/v1/requests/{request['id']}/closure/{what}", {"if-match": f'"{current["version"]}"'}
    return await cast.clients[who].post(url, json=body, headers=tag)


async def report(cast: Cast, who: str = "district") -> httpx2.Response:
    months = {"firstMonth": "2026-11-01", "endMonth": "2026-12-01", "districtId": str(cast.ids["district"])}
    return await cast.clients[who].get("/v1/closure-reports", params=months)


async def test_the_provider_says_the_cause_and_the_school_how_content_it_is(cast: Cast) -> None:
    request = await work(cast)
    await tell(cast, "district", request, "root-cause", rootCause="wear", asset="AHU-12")
    said = (await tell(cast, "north", request, "satisfaction", satisfaction=4, comment="Quick")).json()
    known = {name: said[name] for name in ("rootCause", "asset", "satisfaction", "comment", "reopened")}
    assert known == {"rootCause": "wear", "asset": "AHU-12", "satisfaction": 4, "comment": "Quick", "reopened": 0}


async def test_what_is_said_of_the_work_stands_in_its_history(cast: Cast) -> None:
    request = await work(cast)
    await tell(cast, "district", request, "root-cause", rootCause="wear")
    await tell(cast, "district", request, "root-cause", rootCause="defect")
    steps = (await cast.clients["north"].get(f"/v1/requests/{request['id']}/history")).json()["items"]
    assert [step["particulars"]["rootCause"] for step in steps[-2:]] == ["wear", "defect"]


@pytest.mark.parametrize(
    ("who", "what", "body"),
    [("north", "root-cause", {"rootCause": "wear"}), ("district", "satisfaction", {"satisfaction": 5})],
)
async def test_each_side_says_its_own(cast: Cast, who: str, what: str, body: dict[str, Any]) -> None:
    assert (await tell(cast, who, await work(cast), what, **body)).status_code == 403


async def test_of_work_that_is_not_finished_nothing_is_said(cast: Cast) -> None:
    request = await work(cast, *STEPS[:2])
    answer = await tell(cast, "north", request, "satisfaction", satisfaction=1)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:concordat:problem:not-finished")


async def test_the_district_reads_how_often_work_came_back_why_it_was_needed_and_how_it_was_liked(cast: Cast) -> None:
    good, bad = await work(cast), await work(cast)
    await tell(cast, "district", good, "root-cause", rootCause="wear")
    await tell(cast, "north", good, "satisfaction", satisfaction=5)
    await tell(cast, "north", bad, "satisfaction", satisfaction=2)
    current = (await cast.platform.get(f"/v1/requests/{bad['id']}")).json()
    assert (await cast.move("north", current, "in-progress", reason="Cold again")).status_code == 200
    (line,) = (await report(cast)).json()["offerings"]
    assert line == {
        "offering": "MNT-HVAC",
        "completed": 2,
        "reopened": 1,
        "reopenedPercent": 50,
        "rated": 2,
        "satisfactionMean": 3.5,
        "rootCauses": {"wear": 1},
    }


async def test_the_report_is_for_the_district_alone(cast: Cast) -> None:
    assert [(await report(cast, who)).status_code for who in ("platform", "north", "elsewhere")] == [200, 403, 403]
