"""What others may read of a roll-up: nothing before it is published, no small school, no difference that tells."""

import csv
import io
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from accountability.app import create_app

from tests.accountability.districts import District, figure, values
from tests.conftest import Service

STRANGER = UUID(int=4711)


@pytest.fixture(scope="module")
async def service(service_of: Callable[..., Any]) -> AsyncIterator[Service]:
    async with service_of("accountability", create_app) as started:
        yield started


@pytest.fixture
async def district(service: Service) -> District:
    """Two schools of a district, the second autonomous: 4,000 of 8,000 passed, and 700 of 2,000."""
    made = District(service)
    await made.open("own", "free")
    await made.agree("free")
    return made


WORKED = ("own 4000 8000", "free 700 2000")


async def test_a_small_autonomous_school_is_not_given_away_by_the_difference(district: District) -> None:
    await district.rate("own 4000 8000", "free 3 8")
    rollup = await district.roll_up()
    assert values(await district.show(rollup, district.id), district.passed) == [50.0, 37.5, 50.0]
    for params in ({}, {"version": 1}, {"knownAt": datetime.max.replace(year=2999).isoformat() + "Z"}):
        seen = await district.show(rollup, STRANGER, **params)
        assert seen["inFull"] is False
        assert values(seen, district.passed) == [None, None, 50.0]
        assert values(seen, district.passed, "students") == [None, None, 8008]
        assert values(seen, district.passed, "suppressed") == [True, True, False]


async def test_the_file_hides_what_the_page_hides(district: District) -> None:
    await district.rate("own 4000 8000", "free 3 8")
    rollup = await district.roll_up()
    url = f"/v1/rollups/{rollup.json()['id']}"
    answer = await district.by(STRANGER).get(url, headers={"accept": "text/csv"})
    lines = {(row["figure"], row["part"]): row for row in csv.DictReader(io.StringIO(answer.text))}
    assert lines[district.passed, "autonomous"]["students"] == ""
    assert lines[district.passed, "district-run"]["byCounts"] == ""
    assert lines[district.passed, "combined"]["byCounts"] == "50.0"


async def test_two_versions_together_do_not_give_away_a_small_school(district: District) -> None:
    await district.rate("own 4000 8000", "free 3 8")
    rollup = await district.roll_up()
    await district.rule("excluded", schoolId=str(district.school_id("free")))
    first, second = [await district.show(rollup, STRANGER, version=number) for number in (1, 2)]
    assert values(first, district.passed) == [None, None, 50.0]
    assert values(second, district.passed) == [None, None, None]
    assert values(await district.show(rollup), district.passed) == [50.0, None, 50.0]


async def test_what_single_schools_explain_is_not_for_everybody(district: District) -> None:
    await district.rate(*WORKED)
    rollup = await district.roll_up()
    body = {"figure": district.passed, "value": 46.2, "source": "Report card", "reason": "published"}
    await district.by(None).post(f"/v1/rollups/{rollup.json()['id']}/official-figures", json=body)
    beside = figure(await district.show(rollup, STRANGER), district.passed)["reconciliation"]
    assert (beside["difference"], beside["items"], beside["whatIf"], beside["unexplained"]) == (-0.8, [], [], None)
