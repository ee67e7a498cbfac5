"""The data-quality scorecard: each rule finds what it is for, names who mends it, and stays silent otherwise."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from registry.reports.quality_rules import RULES

from tests.registry.conftest import Registry
from tests.registry.journeys import done, executed_network_agreement
from tests.registry.seeded import TODAY, District, open_, seeded_district


@pytest.fixture(scope="module")
async def district(service_of: Any) -> AsyncIterator[District]:
    """Every rule is broken at the school of its name, and only there or where it cannot be otherwise."""
    async with seeded_district(service_of) as cast:
        south = cast.held("south", "operator")
        await open_(cast, "school-without-lea", "traditional", assignments=[cast.held("north", "employer")])
        await open_(cast, "operator-without-agreement", "contract-school", south)
        await open_(cast, "autonomy-without-agreement", "waiver-based")
        await open_(cast, "zone-missing", "zone-nonprofit")
        await open_(cast, "operator-missing", "contracted-manager")
        await open_(cast, "authorizer-missing", "independent-charter", south)
        await open_(cast, "grades-missing", "traditional", gradeHigh=None)
        ids = [{"system": "nces", "value": value, "validFrom": "2019-07-01"} for value in ("1", "2")]
        await open_(cast, "two-identifiers", "traditional", aliases=ids)
        used = [{"system": "state", "value": "7", "validFrom": "2018-07-01", "validTo": "2020-07-01"}]
        again = [{"system": "state", "value": "7", "validFrom": "2020-07-01"}]
        await open_(cast, "former", "traditional", aliases=used)
        await open_(cast, "identifier-used-before", "traditional", aliases=again)
        await open_(cast, "school-without-building", "traditional")
        yield cast


async def findings(district: Registry, who: str = "state", **query: Any) -> list[dict[str, Any]]:
    answer = await district.as_(who).get("/v1/reports/data-quality", params={"limit": 500} | query)
    return list(done(answer)["items"])


@pytest.mark.parametrize(
    "rule",
    [
        "school-without-lea",
        "operator-without-agreement",
        "autonomy-without-agreement",
        "zone-missing",
        "operator-missing",
        "authorizer-missing",
        "grades-missing",
        "two-identifiers",
        "identifier-used-before",
        "school-without-building",
    ],
)
async def test_a_rule_finds_the_school_that_breaks_it(district: District, rule: str) -> None:
    found = {line["name"] for line in await findings(district, rule=rule)}
    assert rule in found
    assert "Gone" not in found


@pytest.mark.parametrize("rule", ["operator-without-agreement", "autonomy-without-agreement", "grades-missing"])
async def test_a_rule_is_silent_about_a_school_that_keeps_it(district: District, rule: str) -> None:
    assert "Lincoln" not in {line["name"] for line in await findings(district, rule=rule)}


async def test_a_finding_says_who_mends_it_until_when_and_how(district: District) -> None:
    (line,) = await findings(district, rule="grades-missing")
    shown = [line[name] for name in ("severity", "owner", "since", "dueOn", "overdue", "asOf")]
    assert shown == ["warning", "district", "2018-07-01", "2018-07-31", True, TODAY]
    assert line["mend"]


async def test_a_finding_without_an_owner_is_the_platforms(district: District) -> None:
    (line,) = await findings(district, rule="school-without-lea")
    assert (line["ownerId"], line["since"]) == (None, "2018-07-01")


async def test_what_is_found_is_found_as_of_the_date(district: District) -> None:
    assert await findings(district, asOf="2018-06-30") == []
    assert await findings(district, rule="two-identifiers", asOf="2019-06-30") == []
    (later,) = await findings(district, rule="two-identifiers", asOf="2019-07-01")
    assert later["about"] == "nces: 1, 2"


async def test_the_scorecard_counts_every_rule_even_those_that_nobody_breaks(district: District) -> None:
    answer = await district.as_("state").get("/v1/reports/data-quality/scorecard")
    counts = {line["rule"]: line["count"] for line in done(answer)["items"]}
    assert set(counts) == {rule.id for rule in RULES}
    assert (counts["grades-missing"], counts["two-operators"]) == (1, 0)


async def test_an_operator_sees_the_findings_about_its_own_schools(district: District) -> None:
    assert {line["name"] for line in await findings(district, "north")} == {"Lincoln", "school-without-lea"}


async def test_findings_come_in_pages_that_leave_nothing_out(district: District) -> None:
    client, url, seen = district.as_("state"), "/v1/reports/data-quality?limit=7", 0
    while url:
        answer = await client.get(url)
        seen += len(answer.json()["items"])
        url = answer.headers.get("link", "").split(">")[0].lstrip("<")
    assert seen == len(await findings(district))


async def test_an_unknown_rule_is_refused(district: District) -> None:
    answer = await district.as_("state").get("/v1/reports/data-quality", params={"rule": "nonsense"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "query.rule")


async def test_an_agreement_past_its_term_is_found_until_somebody_decides(registry: Registry) -> None:
    journey = await executed_network_agreement(registry, termTo="2026-07-01")
    found = await findings(registry, rule="agreement-past-its-term", asOf="2026-08-01")
    assert [(line["subjectId"], line["since"], line["owner"]) for line in found] == [
        (journey.id, "2026-07-01", "district")
    ]
    assert await findings(registry, rule="agreement-past-its-term", asOf="2026-06-30") == []
    await journey.move("notice-non-renewal", "2026-03-01")
    assert await findings(registry, rule="agreement-past-its-term", asOf="2026-08-01") == []


async def test_a_closed_school_that_an_agreement_still_covers_is_found(registry: Registry) -> None:
    journey = await executed_network_agreement(registry)
    school = (await journey.show())["schools"][0]["schoolId"]
    closing = {"kind": "closed", "schoolId": school, "effectiveOn": "2026-07-01", "source": "board"}
    done(await registry.platform.post("/v1/lineage-events", json=closing))
    (line,) = await findings(registry, rule="closed-school-covered", asOf="2026-07-01")
    assert (line["subjectId"], line["about"]) == (school, "closed")


async def test_two_operators_at_once_are_found_although_each_record_is_right_by_itself(registry: Registry) -> None:
    journey = await executed_network_agreement(registry)
    school = (await journey.show())["schools"][0]["schoolId"]
    assert await findings(registry, rule="two-operators", asOf="2026-01-01") == []
    other = registry.held("south", "operator", "2025-07-01")
    done(await registry.platform.post(f"/v1/schools/{school}/assignments", json=other, headers={"if-match": '"1"'}))
    assert [line["subjectId"] for line in await findings(registry, rule="two-operators", asOf="2026-01-01")] == [school]
