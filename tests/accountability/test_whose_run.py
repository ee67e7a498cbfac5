"""Whose measures a run rates: a district's its own, the platform's everybody's."""

from datetime import date
from typing import Any

import pytest
from httpx2 import Response

from tests.accountability.districts import District
from tests.conftest import Service


@pytest.fixture
async def two(service: Service) -> tuple[District, District]:
    """Two districts, measured by one framework."""
    north, south = District(service), District(service)
    await south.open("s")
    await north.open("n", "closed")
    closed = north.schools["closed"]
    ended = north.held(north.id, "accountable-lea", date(2010, 7, 1), date(2025, 7, 1))
    await north.hear(closed.model_copy(update={"version": closed.version + 1, "assignments": [ended]}))
    north.schools["s"] = south.schools["s"]
    await north.rate("n 80 100", "closed 70 100", "s 60 100")
    return north, south


async def run(north: District, by: Any) -> Response:
    """A run by the framework of both."""
    return await north.by(by).post("/v1/runs", json={"framework": north.framework, "version": "1", "schoolYear": 2025})


async def test_the_platform_rates_everybody_who_is_measured(two: tuple[District, District]) -> None:
    said = (await run(two[0], None)).json()
    assert (said["covers"]["scope"], said["schools"]) == ("all-measured", 3)


async def test_a_district_rates_its_own_schools_and_those_that_closed_as_its_own(
    two: tuple[District, District],
) -> None:
    north, south = two
    ran = [(await run(north, one.id)).json() for one in (north, south)]
    assert [(said["covers"]["scope"], said["covers"]["subjects"]) for said in ran] == [("own", 2), ("own", 1)]


async def test_a_district_of_which_nobody_is_measured_is_told_so(two: tuple[District, District]) -> None:
    other = District(two[0].service)
    await other.open("unmeasured")
    refused = await run(two[0], other.id)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["rule"] == "no-measures"
