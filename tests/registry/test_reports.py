"""The standard reports: the portfolio on a date and its counts, expirations, the vote register; as JSON and as CSV."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.registry.journeys import done
from tests.registry.seeded import TODAY, District, seeded_district


@pytest.fixture(scope="module")
async def district(service_of: Any) -> AsyncIterator[District]:
    async with seeded_district(service_of) as district:
        yield district


async def items(client: httpx2.AsyncClient, path: str, **query: Any) -> list[dict[str, Any]]:
    return list(done(await client.get(f"/v1/reports/{path}", params=query))["items"])


async def table(client: httpx2.AsyncClient, path: str, **query: Any) -> list[dict[str, str]]:
    """The same report as a spreadsheet reads it."""
    answer = await client.get(f"/v1/reports/{path}", params=query, headers={"accept": "text/csv"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8"), answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


async def portfolio(district: District, **query: Any) -> dict[str, dict[str, Any]]:
    return {line["school"]: line for line in await items(district.as_("district"), "portfolio", **query)}


async def test_the_portfolio_says_how_each_school_is_run_and_under_which_agreement(district: District) -> None:
    lincoln = (await portfolio(district))["Lincoln"]
    shown = {name: lincoln[name] for name in ("kind", "pathway", "operator", "lea", "zone", "agreementId")}
    assert shown == {
        "kind": "in-innovation-network-agreement",
        "pathway": "D1",
        "operator": "north",
        "lea": "district",
        "zone": None,
        "agreementId": district.agreement.id,
    }


async def test_the_portfolio_of_an_earlier_date_is_as_it_was_then(district: District) -> None:
    lincoln = (await portfolio(district, asOf="2024-03-20"))["Lincoln"]
    assert (lincoln["kind"], lincoln["pathway"], lincoln["operator"]) == (None, "X", None)


async def test_the_portfolio_as_it_was_known_before_anything_was_recorded_is_empty(district: District) -> None:
    assert await portfolio(district, knownAt="2020-01-01T00:00:00Z") == {}


async def test_a_closed_school_is_in_no_portfolio(district: District) -> None:
    assert "Gone" not in await portfolio(district)


async def test_a_charter_is_told_by_how_it_is_run_and_not_by_a_flag(district: District) -> None:
    lines = await portfolio(district)
    told = {name: (line["autonomousDistrictSchool"], line["charter"]) for name, line in lines.items()}
    assert told == {
        "Lincoln": (True, False),
        "Plain": (False, False),
        "Alone": (False, True),
        "Both": (True, True),
        "System": (True, False),
    }


async def test_counts_have_a_unit_and_a_date_and_every_school_once_in_all(district: District) -> None:
    every, *groups = await items(district.as_("district"), "portfolio/counts", by="pathway")
    names = ("asOf", "unit", "of", "schools", "autonomousDistrictSchools", "charters", "agreements")
    assert [every[name] for name in names] == [TODAY, "schools", "all", 5, 3, 2, 1]
    assert {group["pathway"]: group["schools"] for group in groups} == {"A3": 1, "D1": 1, "D2": 1, "X": 1, "Y": 1}


async def test_counts_are_by_kind_pathway_and_operator_unless_told_otherwise(district: District) -> None:
    groups = await items(district.as_("district"), "portfolio/counts")
    found = {(group["kind"], group["pathway"], group["operator"]) for group in groups if group["of"] == "group"}
    assert ("in-innovation-network-agreement", "D1", "north") in found
    assert len(found) == 5


async def test_counts_come_in_pages_like_every_list(district: District) -> None:
    client, path = district.as_("district"), "/v1/reports/portfolio/counts"
    first = await client.get(path, params={"limit": 4})
    second = await client.get(first.headers["link"].split(">")[0].lstrip("<"))
    assert (len(first.json()["items"]), len(second.json()["items"]), second.json()["nextCursor"]) == (4, 2, None)


async def test_an_agreement_that_ends_within_the_months_is_listed_with_its_notice_dates(district: District) -> None:
    (line,) = await items(district.as_("district"), "expirations")
    shown = [line[name] for name in ("lastDay", "daysLeft", "noticeBy", "noticeDaysLeft", "whenItPasses", "parties")]
    assert shown == [
        "2029-06-30",
        271,
        "2029-01-31",
        121,
        "lapse",
        ["district (district)", "north (innovation-network-team)"],
    ]


async def test_an_agreement_that_ends_later_is_not_listed_yet(district: District) -> None:
    assert await items(district.as_("district"), "expirations", months=8) == []
    assert await items(district.as_("district"), "expirations", asOf="2027-12-01", months=18) == []


async def test_a_term_that_passed_undecided_stays_listed(district: District) -> None:
    (line,) = await items(district.as_("district"), "expirations", asOf="2029-07-10")
    assert (line["status"], line["daysLeft"]) == ("lapsed", -10)


async def test_the_register_has_each_decision_with_its_count_and_whether_it_binds(district: District) -> None:
    lines = await items(district.as_("district"), "votes")
    assert [(line["title"], line["form"], line["counts"], line["result"]) for line in lines] == [
        (lines[0]["title"], "act", "binding", "approved"),
        (lines[1]["title"], "act", "binding", "approved"),
    ]
    assert await items(district.as_("district"), "votes", asOf="2024-02-28") == []
    assert await items(district.as_("district"), "votes", since="2024-03-02") == []


@pytest.mark.parametrize(
    "path", ["portfolio", "portfolio/counts", "expirations", "votes", "data-quality", "data-quality/scorecard"]
)
async def test_a_report_has_the_same_lines_as_json_and_as_csv(district: District, path: str) -> None:
    as_json = await items(district.as_("district"), path)
    as_csv = await table(district.as_("district"), path)
    assert as_json
    assert len(as_csv) == len(as_json)
    assert list(as_csv[0]) == list(as_json[0])


async def test_no_cell_of_a_report_is_taken_for_a_formula(district: District) -> None:
    (line,) = await table(district.as_("district"), "expirations")
    assert line["agreement"] == "'=Network"


async def test_the_csv_of_a_report_has_all_its_pages(district: District) -> None:
    assert len(await table(district.as_("district"), "portfolio", limit=1)) == 5


async def test_an_operator_sees_its_own_schools_and_agreements_in_every_report(district: District) -> None:
    north, south = district.as_("north"), district.as_("south")
    assert {line["school"] for line in await items(north, "portfolio")} == {"Lincoln"}
    assert {line["school"] for line in await items(south, "portfolio")} == {"Alone", "Both"}
    for path in ("expirations", "votes"):
        assert await items(north, path)
        assert await items(south, path) == []


async def test_the_lineage_of_a_school_is_a_table_too(district: District) -> None:
    path = f"/v1/schools/{district.schools['Plain']}/lineage"
    answer = await district.as_("district").get(path, headers={"accept": "text/csv"})
    assert answer.text.splitlines()[0] == '"way","generation","schoolId","name","kind","effectiveOn","eventId"'


async def test_the_waivers_are_a_table_too(district: District) -> None:
    answer = await district.as_("district").get("/v1/waivers/matrix", headers={"accept": "text/csv"})
    (lincoln,) = [row for row in csv.DictReader(io.StringIO(answer.text)) if row["name"] == "Lincoln"]
    assert lincoln["IC 20-28"] == "yes"


@pytest.mark.parametrize(
    ("query", "field"), [({"months": 999}, "query.months"), ({"asOf": "9999-01-01"}, "query.asOf")]
)
async def test_a_question_out_of_bounds_is_refused_by_its_field(
    district: District, query: dict[str, Any], field: str
) -> None:
    answer = await district.as_("district").get("/v1/reports/expirations", params=query)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
