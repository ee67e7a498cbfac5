"""Files of measures: checked whole, kept whole, corrected by appending."""

from datetime import date
from typing import Any

import pytest

from tests.accountability.conftest import MEASURES, Accountability, school


async def rows(accountability: Accountability, **query: Any) -> list[dict[str, Any]]:
    answer = await accountability.platform.get(
        "/v1/measures", params={"schoolId": "00000000-0000-0000-0000-000000000001"} | query
    )
    return list(answer.json()["items"])


async def test_a_file_of_measures_is_kept(accountability: Accountability) -> None:
    answer = await accountability.load()
    assert answer.status_code == 200, answer.text
    assert answer.json()["added"] == 4
    assert {(row["indicator"], row["value"]) for row in await rows(accountability)} == {
        ("growth", 95),
        ("attendance", 80),
    }


async def test_rating_year_and_data_year_are_two_things(accountability: Accountability) -> None:
    await accountability.load()
    assert {(row["schoolYear"], row["dataYear"]) for row in await rows(accountability)} == {(2019, 2018)}


async def test_the_same_file_again_changes_nothing(accountability: Accountability) -> None:
    await accountability.load()
    again = (await accountability.load()).json()
    assert (again["added"], again["corrected"], again["unchanged"]) == (0, 0, 4)


async def test_a_correction_is_appended_and_what_was_known_stays_readable(accountability: Accountability) -> None:
    await accountability.load()
    known_at = (await rows(accountability))[0]["recordedAt"]
    corrected = await accountability.load(MEASURES.replace("01,growth,95", "01,growth,85"))
    now = {row["indicator"]: row["value"] for row in await rows(accountability)}
    then = {row["indicator"]: row["value"] for row in await rows(accountability, knownAt=known_at)}
    assert (corrected.json()["corrected"], now["growth"], then["growth"]) == (1, 85, 95)


async def test_a_dry_run_writes_nothing(accountability: Accountability) -> None:
    answer = await accountability.load(dryRun="true")
    assert (answer.json()["added"], await rows(accountability)) == (4, [])


async def test_ndjson_is_read_as_well(accountability: Accountability) -> None:
    body = (
        '{"school": "01", "indicator": "growth", "value": 95.5}\n'
        '{"school": "01", "indicator": "survey", "category": "Weak"}\n'
    )
    answer = await accountability.load(body, "application/x-ndjson")
    assert answer.status_code == 200, answer.text
    assert {row["indicator"]: row["value"] or row["category"] for row in await rows(accountability)} == {
        "growth": 95.5,
        "survey": "Weak",
    }


async def test_every_error_of_a_file_is_named_with_its_row_and_nothing_is_kept(accountability: Accountability) -> None:
    body = (
        "school,indicator,value,category,n,participation\n"
        "01,growth,95,,,\n"
        "01,growth,96,,,\n"
        "99,growth,95,,,\n"
        "01,unheard,95,,,\n"
        "01,attendance,many,,,\n"
        "02,attendance,NaN,,,\n"
        "02,growth,101,,-1,\n"
        "02,survey,,Fair,,140\n"
    )
    answer = await accountability.load(body)
    found = {(error["row"], error["field"], error["rule"]) for error in answer.json()["errors"]}
    assert answer.status_code == 422
    assert found == {
        (3, "school", "repeated"),
        (4, "school", "unknown-school"),
        (5, "indicator", "unknown-indicator"),
        (6, "value", "not-a-number"),
        (7, "value", "not-finite"),
        (7, "value", "out-of-range"),
        (8, "value", "out-of-range"),
        (8, "n", "sentinel"),
        (9, "category", "unknown-category"),
        (9, "participation", "out-of-range"),
    }
    assert await rows(accountability) == []


async def test_unknown_and_missing_columns_are_named_together(accountability: Accountability) -> None:
    answer = await accountability.load("school,colour\n01,red\n")
    assert {(error["field"], error["rule"]) for error in answer.json()["errors"]} == {
        ("colour", "unknown-column"),
        ("indicator", "missing-column"),
    }


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"{}", "application/json", 415),
        (b"", "text/csv", 400),
        (b"school,indicator\n01,gr\x00wth\n", "text/csv", 422),
        (b"school,indicator\n\xff\xfe,growth\n", "text/csv", 422),
        (b'{"school": "01", "indicator": "growth", "colour": "red"}\n', "application/x-ndjson", 422),
        (b'{"school": [1]}\n', "application/x-ndjson", 422),
        (b"{not json\n", "application/x-ndjson", 422),
        (b'school,indicator\n"01,growth\n', "text/csv", 422),
        (b"school,indicator\n01,growth,7,8,9\n", "text/csv", 422),
    ],
)
async def test_a_file_that_cannot_be_read_is_a_problem(
    accountability: Accountability, body: bytes, media_type: str, status: int
) -> None:
    answer = await accountability.load(body, media_type)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_a_file_over_200_mb_is_refused_by_its_announced_size(accountability: Accountability) -> None:
    async def part() -> Any:
        yield b"school,indicator\n"

    answer = await accountability.platform.post(
        "/v1/measures/imports",
        params={"schoolYear": 2019, "dataYear": 2018, "aliasSystem": "d", "source": "x"},
        content=part(),
        headers={"content-type": "text/csv", "content-length": "200000001"},
    )
    assert answer.status_code == 413


async def test_an_upload_that_ends_early_is_refused(accountability: Accountability) -> None:
    async def part() -> Any:
        yield MEASURES.encode()

    answer = await accountability.platform.post(
        "/v1/measures/imports",
        params={"schoolYear": 2019, "dataYear": 2018, "aliasSystem": "d", "source": "x"},
        content=part(),
        headers={"content-type": "text/csv", "content-length": "1000"},
    )
    assert (answer.status_code, await rows(accountability)) == (400, [])


async def test_a_row_repeated_a_hundred_thousand_rows_later_is_found(accountability: Accountability) -> None:
    lines = [f"01,growth,g{number},50" for number in range(100_001)]
    answer = await accountability.load("school,indicator,studentGroup,value\n" + "\n".join([*lines, lines[0]]))
    assert [(error["row"], error["rule"]) for error in answer.json()["errors"]] == [(100_003, "repeated")]
    assert await rows(accountability) == []


async def test_a_file_of_errors_names_the_first_thousand_and_counts_all(accountability: Accountability) -> None:
    answer = await accountability.load("school,indicator,value\n" + "99,growth,50\n" * 1500)
    assert (len(answer.json()["errors"]), answer.json()["errorCount"]) == (1000, 1500)


@pytest.mark.parametrize("group", ["x" * 81, "a\x00b", "a\tb"])
async def test_a_student_group_is_a_short_name(accountability: Accountability, group: str) -> None:
    answer = await accountability.load(f"school,indicator,studentGroup,value\n01,growth,{group},50\n")
    assert [(error["field"], error["row"]) for error in answer.json()["errors"]] == [("studentGroup", 2)]


async def test_figures_of_a_later_year_than_the_rating_are_refused(accountability: Accountability) -> None:
    answer = await accountability.load(dataYear=2020)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "query.dataYear")


async def test_an_identifier_used_again_names_its_newest_holder(accountability: Accountability) -> None:
    newer = school("03")
    newest = newer.aliases[0].model_copy(update={"value": "01", "valid_from": date(2019, 1, 1)})
    await accountability.hear(newer.model_copy(update={"aliases": [newest]}))
    await accountability.load("school,indicator,value\n01,growth,50\n")
    assert await rows(accountability) == []
    assert len(await rows(accountability, schoolId=str(newer.id))) == 1


async def test_an_operator_loads_nothing(accountability: Accountability) -> None:
    client = accountability.service.client("measures:write", organization_id=accountability.operator_id)
    answer = await client.post(
        "/v1/measures/imports",
        params={"schoolYear": 2019, "dataYear": 2018, "aliasSystem": "d", "source": "x"},
        content=MEASURES,
        headers={"content-type": "text/csv"},
    )
    assert answer.status_code == 403


SHARES = "school,indicator,value,n,numerator,denominator\n01,growth,95,100,95,100\n"


async def test_numerator_and_denominator_are_kept(accountability: Accountability) -> None:
    loaded = await accountability.load(SHARES)
    assert loaded.status_code == 200, loaded.text
    assert [(row["numerator"], row["denominator"]) for row in await rows(accountability)] == [(95, 100)]


async def test_a_corrected_denominator_is_a_correction(accountability: Accountability) -> None:
    before = (await accountability.load(SHARES)).json()["importNumber"]
    corrected = (await accountability.load(SHARES.replace("95,100\n", "95,99\n"))).json()
    then = await rows(accountability, inputVersion=before)
    now = await rows(accountability)
    assert (corrected["corrected"], then[0]["denominator"], now[0]["denominator"]) == (1, 100, 99)


async def test_measures_of_a_year_are_read_as_a_run_read_them(accountability: Accountability) -> None:
    first = (await accountability.load()).json()["importNumber"]
    await accountability.load(MEASURES.replace("02,growth,40", "02,growth,45"))
    query = {"schoolYear": 2019, "inputVersion": first}
    answer = await accountability.platform.get("/v1/measures", params=query)
    assert [(row["indicator"], row["value"]) for row in answer.json()["items"] if row["indicator"] == "growth"] == [
        ("growth", 95),
        ("growth", 40),
    ]


async def test_files_are_listed_with_their_source_and_hash(accountability: Accountability) -> None:
    number = (await accountability.load(source="State file of 3 May")).json()["importNumber"]
    listed = (await accountability.platform.get("/v1/measures/imports")).json()["items"]
    assert [(one["importNumber"], one["source"], len(one["sha256"])) for one in listed] == [
        (number, "State file of 3 May", 64)
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "query.schoolId"),
        ({"schoolYear": 2019, "inputVersion": 1, "knownAt": "2020-01-01T00:00:00Z"}, "query.knownAt"),
    ],
)
async def test_it_must_be_clear_which_measures_are_asked_for(
    accountability: Accountability, query: dict[str, Any], field: str
) -> None:
    answer = await accountability.platform.get("/v1/measures", params=query)
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [field])


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("-9,100,,,", "value"),
        ("*,100,,,", "value"),
        (">95,100,,,", "value"),
        ("PS,100,,,", "value"),
        ("95,<10,,,", "n"),
        ("95,n<10,,,", "n"),
        ("95,100,N/A,,", "participation"),
        ("95,100,,95,*", "denominator"),
    ],
)
async def test_a_sign_for_a_withheld_figure_is_no_figure(accountability: Accountability, row: str, column: str) -> None:
    answer = await accountability.load(
        "school,indicator,value,n,participation,numerator,denominator\n01,growth," + row + "\n"
    )
    assert [(error["field"], error["rule"]) for error in answer.json()["errors"]] == [(column, "sentinel")]


@pytest.mark.parametrize(
    ("pair", "found"),
    [
        ("95,", ("denominator", "incomplete")),
        (",100", ("denominator", "incomplete")),
        ("95,0", ("denominator", "not-positive")),
        ("inf,100", ("numerator", "not-a-number")),
    ],
)
async def test_a_share_is_of_a_positive_whole(
    accountability: Accountability, pair: str, found: tuple[str, str]
) -> None:
    answer = await accountability.load(f"school,indicator,value,numerator,denominator\n01,growth,95,{pair}\n")
    assert [(error["field"], error["rule"]) for error in answer.json()["errors"]] == [found]


async def test_a_school_under_two_identifiers_stands_twice(accountability: Accountability) -> None:
    known = school("01", version=2)
    second = known.aliases[0].model_copy(update={"value": "001"})
    await accountability.hear(known.model_copy(update={"aliases": [*known.aliases, second]}))
    answer = await accountability.load("school,indicator,value\n01,growth,95\n001,growth,95\n")
    assert [(error["row"], error["rule"]) for error in answer.json()["errors"]] == [(3, "repeated")]
