"""Findings about measures: told before a run, errors stop it, and somebody who says why goes on."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from accountability.findings.rules import RULES
from contracts.registry import SchoolFacts

from tests.accountability.authoring import Authors, of_the_district

HEADER = "school,indicator,studentGroup,value,n,participation,numerator,denominator\n"


async def findings(authors: Authors, year: int, **query: Any) -> list[tuple[str, str | None, str, str]]:
    answer = await authors.district.get("/v1/measures/findings", params={"schoolYear": year} | query)
    assert answer.status_code == 200, answer.text
    return [(one["rule"], one["schoolId"], one["studentGroup"], one["found"]) for one in answer.json()["items"]]


ONE = str(UUID(int=1))


@pytest.mark.parametrize(
    ("rule", "row", "found"),
    [
        ("numerator-above-denominator", "01,attendance,ALL,100,31,,31,30", "31 of 30"),
        ("value-not-share", "01,attendance,ALL,85,100,,80,100", "85 for 80 of 100"),
        ("low-participation", "01,attendance,ALL,85,100,94.9,,", "94.9 percent"),
        ("n-not-given", "01,growth,ALL,85,,,,", "at least 10"),
        ("too-few-students", "01,growth,ALL,85,9,,,", "fewer than 10"),
    ],
)
async def test_a_doubtful_figure_is_found(authors: Authors, rule: str, row: str, found: str) -> None:
    year, _ = authors.years()
    document = await authors.active(year)
    loaded = await authors.load(year, HEADER + row + "\n")
    assert loaded.status_code == 200, loaded.text
    assert await findings(authors, year, framework=document["id"], rule=rule) == [(rule, ONE, "ALL", found)]


@pytest.mark.parametrize(
    "row", ["01,attendance,ALL,84.6,26,,22,26", "01,attendance,ALL,85,26,,22,26", "01,attendance,ALL,66.67,3,,2,3"]
)
async def test_a_share_rounded_to_its_last_digit_is_right(authors: Authors, row: str) -> None:
    year, _ = authors.years()
    await authors.active(year)
    await authors.load(year, HEADER + row + "\n")
    assert await findings(authors, year, rule="value-not-share") == []


async def test_a_value_outside_the_range_of_this_framework_is_an_error(authors: Authors) -> None:
    year, _ = authors.years()
    narrow, wide = authors.document(year), authors.document(year)
    for document, maximum in ((narrow, 100), (wide, 200)):
        document["indicators"]["points"] = {"title": "Points", "maximum": maximum, "minimum": -10}
        assert (await authors.district.post("/v1/frameworks", json=document)).status_code == 201
    await authors.load(year, HEADER + "01,points,ALL,150,20,,,\n02,points,ALL,-9,20,,,\n")
    errors = await findings(authors, year, framework=narrow["id"], severity="error")
    sentinels = await findings(authors, year, framework=narrow["id"], rule="sentinel")
    assert errors == [("outside-range", ONE, "ALL", "150 of -10 to 100")]
    assert await findings(authors, year, framework=wide["id"], severity="error") == []
    assert [found for *_, found in sentinels] == ["-9"]


async def test_groups_are_held_against_the_school(authors: Authors) -> None:
    year, _ = authors.years()
    await authors.active(year)
    rows = ["ALL,80,100", "gender:F,80,60", "gender:M,80,50", "income:low,80,40", "income:other,80,60", "EL,80,101"]
    await authors.load(
        year, "school,indicator,studentGroup,value,n\n" + "\n".join(f"01,attendance,{row}" for row in rows)
    )
    assert await findings(authors, year, rule="group-above-school") == [("group-above-school", ONE, "EL", "101 of 100")]
    assert await findings(authors, year, rule="groups-do-not-add-up") == [
        ("groups-do-not-add-up", ONE, "gender:", "110 of 100")
    ]


async def test_a_jump_against_the_year_before_is_found(authors: Authors) -> None:
    first, second = authors.years()
    await authors.active(first, second)
    await authors.load(first, "school,indicator,value\n01,attendance,50\n02,attendance,50\n")
    await authors.load(second, "school,indicator,value\n01,attendance,75\n02,attendance,75.5\n")
    assert [found for *_, found in await findings(authors, second, rule="jump")] == ["50 before, now 75.5"]


def facts(since: int, status: Any, until: int | None = None) -> SchoolFacts:
    return SchoolFacts(
        valid_from=date(since, 7, 1),
        valid_to=date(until, 7, 1) if until else None,
        name="School",
        school_type="regular",
        operational_status=status,
        arrangement="traditional",
        chartered=False,
        source="test",
    )


async def test_a_school_that_was_closed_all_year_or_is_unknown_then_is_found(authors: Authors) -> None:
    year, _ = authors.years()
    await authors.active(year)
    closed, closing, opening = (of_the_district(key) for key in ("11", "12", "13"))
    # The figures are of the year that begins on 1 July two years before the rating year.
    start = year - 2
    open_long = facts(start - 5, "active", start)
    await authors.hear(closed.model_copy(update={"facts": [open_long, facts(start, "closed")]}))
    mid = facts(start, "closed").model_copy(update={"valid_from": date(start, 9, 1)})
    stays = open_long.model_copy(update={"valid_to": date(start, 9, 1)})
    await authors.hear(closing.model_copy(update={"facts": [stays, mid]}))
    await authors.hear(opening.model_copy(update={"facts": [facts(start + 1, "new")]}))
    await authors.load(year, "school,indicator,value\n11,attendance,90\n12,attendance,90\n13,attendance,90\n")
    found = [one for rule in ("school-closed", "school-unknown") for one in await findings(authors, year, rule=rule)]
    assert [(rule, place) for rule, place, *_ in found] == [
        ("school-closed", str(closed.id)),
        ("school-unknown", str(opening.id)),
    ]


async def test_what_the_framework_needs_and_is_not_there_is_found(authors: Authors) -> None:
    year, _ = authors.years()
    document = await authors.active(year)
    await authors.load(year, "school,indicator,value,n\n01,growth,80,20\n02,attendance,80,20\n")
    asked = {"framework": document["id"]}
    needed = await findings(authors, year, rule="needed-missing", **asked)
    nobody = await findings(authors, year, rule="indicator-unmeasured", **asked)
    assert [(place, found) for _, place, _, found in needed] == [(str(UUID(int=2)), "growth")]
    assert [(place, found) for _, place, _, found in nobody] == [(None, "survey")]


async def test_an_indicator_is_needed_only_where_its_node_applies(authors: Authors) -> None:
    year, _ = authors.years()
    document = authors.document(year)
    document["attributes"] = {"level": {"kind": "category", "values": ["high", "low"]}}
    document["nodes"]["growth_points"]["when"] = {"level": ["high"]}
    await authors.district.post("/v1/frameworks", json=document)
    rows = "school,indicator,value,category\n01,level,,high\n02,level,,low\n01,attendance,80,\n"
    await authors.load(year, rows)
    needed = await findings(authors, year, framework=document["id"], rule="needed-missing")
    assert [(place, found) for _, place, _, found in needed] == [(ONE, "growth")]


BROKEN = HEADER + "01,attendance,ALL,100,31,,31,30\n01,growth,ALL,90,31,,,\n"


async def test_errors_stop_a_run_and_name_the_measure(authors: Authors) -> None:
    year, _ = authors.years()
    document = await authors.active(year)
    await authors.load(year, BROKEN)
    answer = await authors.run(document, year)
    error = answer.json()["errors"][0]
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:concordat:problem:findings-block-run")
    assert (error["field"], error["rule"]) == (f"measures/{ONE}/ALL/attendance", "numerator-above-denominator")


async def test_a_run_goes_on_in_spite_of_errors_if_somebody_says_why(authors: Authors) -> None:
    year, _ = authors.years()
    document = await authors.active(year)
    await authors.load(year, BROKEN)
    run = (await authors.run(document, year, overrideFindings="The state confirmed it on 3 May.")).json()
    shown = (await authors.district.get(f"/v1/runs/{run['id']}")).json()
    assert shown["override"] == {
        "reason": "The state confirmed it on 3 May.",
        "errors": {"numerator-above-denominator": 1},
    }


async def test_a_run_without_errors_has_nothing_to_override(authors: Authors) -> None:
    year, _ = authors.years()
    document = await authors.active(year)
    await authors.load(year, HEADER + "01,growth,ALL,90,31,,,\n")
    run = (await authors.run(document, year, overrideFindings="In case.")).json()
    assert run["override"] is None


async def test_a_corrected_error_is_gone_and_was_there_as_known_before(authors: Authors) -> None:
    year, _ = authors.years()
    document = await authors.active(year)
    before = (await authors.load(year, BROKEN)).json()["importNumber"]
    await authors.load(year, BROKEN.replace("100,31,,31,30", "100,30,,30,30"))
    assert await findings(authors, year, severity="error") == []
    assert len(await findings(authors, year, severity="error", inputVersion=before)) == 1
    assert (await authors.run(document, year)).status_code == 201


async def test_the_summary_says_of_every_rule_how_much_it_finds(authors: Authors) -> None:
    year, _ = authors.years()
    document = await authors.active(year)
    await authors.load(year, BROKEN)
    params = {"schoolYear": year, "framework": document["id"]}
    summary = (await authors.district.get("/v1/measures/findings/summary", params=params)).json()
    counts = {rule["rule"]: rule["count"] for rule in summary["rules"]}
    assert (summary["version"], summary["blocksRun"], counts["numerator-above-denominator"]) == ("1", True, 1)
    assert list(counts) == [rule.id for rule in RULES]


async def test_findings_come_in_pages_the_gravest_first(authors: Authors) -> None:
    year, _ = authors.years()
    await authors.active(year)
    await authors.load(year, HEADER + "01,attendance,ALL,100,31,90,31,30\n02,attendance,ALL,80,100,90,,\n")
    params = {"schoolYear": year, "limit": 1}
    first = (await authors.district.get("/v1/measures/findings", params=params)).json()
    rules, cursor = [first["items"][0]["rule"]], first["nextCursor"]
    while cursor:
        answer = (await authors.district.get("/v1/measures/findings", params=params | {"cursor": cursor})).json()
        rules += [one["rule"] for one in answer["items"]]
        cursor = answer.get("nextCursor")
    assert rules[:2] == ["numerator-above-denominator", "value-not-share"]
    assert rules.count("low-participation") == 2


async def test_errors_at_another_district_s_school_are_not_shown_to_a_district_and_do_not_stop_its_run(
    authors: Authors,
) -> None:
    year, _ = authors.years()
    document = await authors.active(year)
    await authors.load(year, BROKEN.replace("01,", "03,") + "01,growth,ALL,90,31,,,\n")
    asked = {"schoolYear": year, "severity": "error"}
    state = await authors.of["state-agency"].get("/v1/measures/findings", params=asked)
    assert [one["schoolId"] for one in state.json()["items"]] == [str(UUID(int=3))]
    assert await findings(authors, year, severity="error") == []
    assert (await authors.run(document, year)).status_code == 201


async def test_findings_are_for_stewards(authors: Authors) -> None:
    answer = await authors.of["operator"].get("/v1/measures/findings", params={"schoolYear": 2000})
    assert answer.status_code == 403


async def test_a_rule_that_there_is_not_is_refused_with_those_there_are(authors: Authors) -> None:
    answer = await authors.district.get("/v1/measures/findings", params={"schoolYear": 2000, "rule": "none"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "query.rule")


def test_only_rules_over_figures_and_schools_stop_a_run() -> None:
    assert {rule.source for rule in RULES if rule.severity == "error"} == {"figures", "schools"}
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.mend and rule.wording for rule in RULES)
