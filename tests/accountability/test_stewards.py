"""Stewards beside each other: each loads its own schools' figures, and nobody publishes in another's place."""

from typing import Any
from uuid import UUID

import pytest
from httpx2 import Response

from tests.accountability.lives import DISTRICT, ONE, OTHER_DISTRICT, STATE, Life, Lives


async def load(life: Life, by: UUID | None, school: str) -> Response:
    """Load a figure of a school."""
    return await life.lives.by(by).post(
        "/v1/measures/imports",
        content=f"indicator,school,value,n\n{life.indicator},{school},99,100\n",
        params={"schoolYear": 2019, "dataYear": 2019, "aliasSystem": "d", "source": "test"},
        headers={"content-type": "text/csv"},
    )


async def published_by(life: Life, organization: UUID | None) -> Response:
    """Run and publish as an organization; the answer to the publication."""
    run_id = await life.run(organization)
    body = {"reason": "Better figures"}
    return await life.lives.by(organization).post(f"/v1/runs/{run_id}/publication", json=body)


@pytest.mark.parametrize("by", [None, STATE, DISTRICT])
async def test_a_school_s_figures_are_loaded_by_its_district_and_by_who_rates_all(lives: Lives, by: Any) -> None:
    assert (await load(await lives.life(), by, "01")).status_code == 200


async def test_a_district_loads_no_figures_of_another_s_school_and_is_not_told_that_it_is_there(lives: Lives) -> None:
    life = await lives.life()
    refused = [await load(life, OTHER_DISTRICT, school) for school in ("01", "no-such-school")]
    assert [answer.status_code for answer in refused] == [422, 422]
    said = [answer.json()["errors"][0] for answer in refused]
    assert [(one["field"], one["rule"]) for one in said] == [("school", "unknown-school")] * 2
    assert said[0]["message"] == said[1]["message"]


async def test_nobody_publishes_by_the_framework_of_another(lives: Lives) -> None:
    life = await lives.life()
    await life.publish()
    await load(life, DISTRICT, "01")
    refused = await published_by(life, DISTRICT)
    assert refused.status_code == 403
    assert (await life.rating())["rating"] == "D"
    assert (await published_by(life, STATE)).status_code == 200
    assert (await life.rating())["rating"] == "A"


async def test_by_a_framework_of_the_platform_nobody_revises_what_another_published(lives: Lives) -> None:
    life = await lives.life(run=False)
    document = life.framework() | {"id": f"{life.name}-platform"}
    assert (await lives.by(None).post("/v1/frameworks", json=document)).status_code == 201
    life.name, indicator = document["id"], life.indicator
    assert indicator in document["indicators"]
    assert (await published_by(life, STATE)).status_code == 200
    await lives.by(DISTRICT).post(
        "/v1/measures/imports",
        content=f"indicator,school,value,n\n{indicator},01,99,100\n",
        params={"schoolYear": 2019, "dataYear": 2019, "aliasSystem": "d", "source": "test"},
        headers={"content-type": "text/csv"},
    )
    refused = await published_by(life, DISTRICT)
    assert refused.json()["type"] == "urn:concordat:problem:published-by-another"
    assert (await published_by(life, None)).status_code == 200


async def test_days_that_another_steward_set_open_no_appeals(lives: Lives) -> None:
    life = await lives.life()
    await life.publish()
    rating = await life.rating(ONE)
    run_id = await life.run(DISTRICT)
    body = {"purpose": "appeals", "opensOn": "2019-10-01", "closesOn": "2019-11-01", "timeZone": "America/Chicago"}
    opened = await lives.by(DISTRICT).post(f"/v1/runs/{run_id}/windows", json=body)
    refused = await life.appeal(rating["id"])
    assert opened.status_code == 201
    assert refused.json()["type"] == "urn:concordat:problem:appeals-closed"
