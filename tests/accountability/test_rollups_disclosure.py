"""What others may read of a roll-up: nothing before it is published, no small school, no difference that tells."""

import csv
import io
from datetime import date, datetime
from uuid import UUID

from accountability.migrations.versions import accountability_0009_coded_rollups as migration
from contracts.registry import OrganizationChanged
from contracts.vocabulary import Alias
from sqlalchemy import text

from tests.accountability.conftest import school
from tests.accountability.districts import WORKED, District, figure, values

STRANGER = UUID(int=4711)


async def test_a_small_autonomous_school_is_not_given_away_by_the_difference(district: District) -> None:
    """The school of the district has a published rating: beside that, the combined figure would tell."""
    await district.rate("own 4000 8000", "free 3 8")
    rollup = await district.roll_up()
    assert values(await district.show(rollup, district.id), district.passed) == [50.0, 37.5, 50.0]
    for params in ({}, {"version": 1}, {"knownAt": datetime.max.replace(year=2999).isoformat() + "Z"}):
        seen = await district.show(rollup, STRANGER, **params)
        assert seen["inFull"] is False
        assert values(seen, district.passed) == [50.0, None, None]
        assert values(seen, district.passed, "students") == [8000, None, None]
        assert values(seen, district.passed, "suppressed") == [False, True, True]


async def test_the_file_hides_what_the_page_hides(district: District) -> None:
    await district.rate("own 4000 8000", "free 3 8")
    rollup = await district.roll_up()
    url = f"/v1/rollups/{rollup.json()['id']}"
    answer = await district.by(STRANGER).get(url, headers={"accept": "text/csv"})
    lines = {(row["figure"], row["part"]): row for row in csv.DictReader(io.StringIO(answer.text))}
    assert lines[district.passed, "autonomous"]["students"] == ""
    assert lines[district.passed, "combined"]["byCounts"] == ""
    assert lines[district.passed, "district-run"]["byCounts"] == "50.0"


async def test_two_versions_together_do_not_give_away_a_small_school(district: District) -> None:
    await district.rate("own 4000 8000", "free 3 8")
    rollup = await district.roll_up()
    await district.rule("excluded", schoolId=str(district.school_id("free")))
    first, second = [await district.show(rollup, STRANGER, version=number) for number in (1, 2)]
    assert values(first, district.passed) == [50.0, None, None]
    assert values(second, district.passed) == [50.0, None, 50.0]
    assert values(await district.show(rollup), district.passed) == [50.0, None, 50.0]


async def test_two_small_schools_are_not_worked_out_from_two_kinds_of_means(district: District) -> None:
    await district.open("own", "free", "other")
    await district.agree("other")
    await district.rate("own 4000 8000", "free 3 8", "other 5 9")
    rollup = await district.roll_up()
    assert values(await district.show(rollup), district.passed, "students") == [8000, 17, 8017]
    seen = await district.show(rollup, STRANGER)
    assert values(seen, district.passed, "byStudents") == [50.0, 47.1, 50.0]
    assert values(seen, district.passed, "simple") == [50.0, None, None]


async def test_a_rate_near_its_end_is_coded_in_a_rollup_as_in_a_rating(district: District) -> None:
    await district.rate("own 7800 8000", "free 700 2000")
    rollup = await district.roll_up()
    seen = await district.show(rollup, STRANGER)
    assert values(await district.show(rollup), district.passed) == [97.5, 35.0, 85.0]
    assert values(await district.show(rollup), district.passed, "coded") == [None] * 3
    assert values(seen, district.passed) == [None, 35.0, None]
    assert values(seen, district.passed, "coded") == [">95 %", None, None]
    file = await district.by(STRANGER).get(f"/v1/rollups/{seen['id']}", headers={"accept": "text/csv"})
    [line] = [
        row
        for row in csv.DictReader(io.StringIO(file.text))
        if (row["figure"], row["part"]) == (district.passed, "district-run")
    ]
    assert (line["byCounts"], line["coded"], line["numerator"]) == ("", ">95 %", "")


async def test_what_the_district_was_measured_at_is_hidden_where_its_own_rating_hides_it(district: District) -> None:
    alias = Alias(system="d", value=str(district.id), valid_from=date(2010, 7, 1))
    said = OrganizationChanged(id=district.id, version=2, name="North", types=["district"], aliases=[alias])
    await district.hear(said)
    district.schools["whole"] = school("9").model_copy(update={"aliases": [alias]})
    await district.rate("own 7700 8000", "free 1900 2000", "whole 9600 10000")
    rollup = await district.roll_up()
    mine, seen = [
        figure(await district.show(rollup, by), district.passed)["reconciliation"] for by in (district.id, STRANGER)
    ]
    assert (mine["official"]["value"], mine["difference"], seen) == (96.0, 0.0, None)


async def test_versions_that_were_disclosed_by_less_are_shown_no_more_and_given_back_on_the_way_down(
    district: District,
) -> None:
    await district.rate(*WORKED)
    rollup = await district.roll_up()
    before = await district.show(rollup, STRANGER)
    seen = []
    for figure_then in (migration.WITHDRAWN, migration.GIVEN_BACK):
        async with district.service.app.state.database.transaction() as session:
            await session.execute(text(migration.CHANGED.format(figure=figure_then)))
        seen.append(await district.show(rollup, STRANGER))
    assert values(seen[0], district.passed) == [None] * 3
    assert figure(seen[0], "rating") == figure(before, "rating")
    assert seen[1] == before


async def test_what_single_schools_explain_is_not_for_everybody(district: District) -> None:
    await district.rate(*WORKED)
    rollup = await district.roll_up()
    body = {"figure": district.passed, "value": 46.2, "source": "Report card", "reason": "published"}
    await district.by(None).post(f"/v1/rollups/{rollup.json()['id']}/official-figures", json=body)
    beside = figure(await district.show(rollup, STRANGER), district.passed)["reconciliation"]
    assert (beside["difference"], beside["items"], beside["whatIf"], beside["unexplained"]) == (-0.8, [], [], None)
