"""Requests by file."""

from typing import Any

import httpx2

from tests.shared_services.conftest import Cast

HEADER = "externalId,schoolId,offering,description,serviceDate,impact,urgency,hazard,details"


async def send(cast: Cast, *rows: str, who: str = "north", header: str = HEADER, **query: str) -> httpx2.Response:
    """Send a file in which `{Orr}` stands for a school's identifier."""
    text = "\n".join([header, *rows]).format(**{name: str(value) for name, value in cast.ids.items()})
    headers = {"content-type": "text/csv"}
    return await cast.clients[who].post("/v1/requests/imports", content=text, headers=headers, params=query)


def plain(number: str, school: str = "{Orr}", offering: str = "MNT-HVAC", day: str = "2026-12-01") -> str:
    """A row."""
    return f"{number},{school},{offering},Room {number},{day},,,,"


async def listed(cast: Cast) -> list[dict[str, Any]]:
    """What is on record."""
    return list((await cast.platform.get("/v1/requests")).json()["items"])


async def test_a_file_makes_a_request_of_each_row(cast: Cast) -> None:
    report = (await send(cast, plain("1"), "2,{Orr},MNT-HVAC,Cold,,high,medium,true,")).json()
    made = await listed(cast)
    assert (report["created"], report["unchanged"], report["dryRun"]) == (2, 0, False)
    assert [(row["row"], row["externalId"], row["number"]) for row in report["rows"]] == [
        (2, "1", made[0]["number"]),
        (3, "2", made[1]["number"]),
    ]
    assert (made[1]["asked"], made[1]["hazard"]) == ({"impact": "high", "urgency": "medium"}, True)


async def test_a_file_sent_again_makes_nothing_anew_even_when_its_days_have_passed(cast: Cast) -> None:
    await send(cast, plain("1"), plain("2"))
    cast.now = cast.now.replace(year=2027, month=2)
    again = (await send(cast, plain("1"), plain("2"), plain("3", day="2027-03-01"))).json()
    assert [row["outcome"] for row in again["rows"]] == ["unchanged", "unchanged", "created"]
    assert len(await listed(cast)) == 3


async def test_every_error_of_every_row_is_told_at_once_and_nothing_is_written(cast: Cast) -> None:
    rows = [
        plain("1"),
        plain("1"),
        plain("", day="yesterday"),
        plain("4", school="{Mann}"),
        plain("5", offering="NONE", day="2026-11-01"),
        '6,{Orr},MNT-HVAC,Cold,,high,,maybe,"{{"',
    ]
    answer = await send(cast, *rows)
    found = {(error["row"], error["field"]) for error in answer.json()["errors"]}
    assert found == {
        (3, "externalId"),
        (4, "externalId"),
        (4, "serviceDate"),
        (5, "schoolId"),
        (6, "serviceDate"),
        (6, "offering"),
        (7, "asked.urgency"),
        (7, "hazard"),
        (7, "details"),
    }
    assert answer.status_code == 422
    assert await listed(cast) == []


async def test_a_dry_run_says_what_would_be_and_writes_nothing(cast: Cast) -> None:
    report = (await send(cast, plain("1"), dryRun="true")).json()
    assert (report["dryRun"], report["created"], await listed(cast)) == (True, 1, [])
    assert report["rows"][0]["id"] is None


async def test_a_header_that_does_not_fit_is_refused_by_column(cast: Cast) -> None:
    answer = await send(cast, header="externalId,schoolId,offering,colour")
    assert {error["field"] for error in answer.json()["errors"]} == {"colour", "description"}


async def test_who_is_not_entitled_gets_refusals_in_the_report(cast: Cast) -> None:
    report = (await send(cast, plain("1", "{Charter}"), who="charters")).json()
    assert report["rows"][0]["status"] == "refused"
