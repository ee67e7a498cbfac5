"""The directory as a file: the same schools as the pages show, by the same rules, for any number of them."""

import csv
import io
import json
from typing import Any

import httpx2
import pytest

from tests.registry.conftest import Registry
from tests.registry.test_history import known_now, patched

NDJSON, CSV = "application/x-ndjson", "text/csv"
DAY = "2020-01-01"


async def lines(client: httpx2.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    answer = await client.get("/v1/schools", params={"asOf": DAY} | query, headers={"accept": NDJSON})
    assert (answer.status_code, answer.headers["content-type"]) == (200, NDJSON), answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


async def table(client: httpx2.AsyncClient, **query: Any) -> list[dict[str, str]]:
    answer = await client.get("/v1/schools", params={"asOf": DAY} | query, headers={"accept": CSV})
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


async def names(client: httpx2.AsyncClient, **query: Any) -> set[str]:
    """The names in the file, which are the same in either form and on the page."""
    page = (await client.get("/v1/schools", params={"asOf": DAY} | query)).json()["items"]
    found = {line["name"] for line in await lines(client, **query)}
    assert found == {row["name"] for row in await table(client, **query)} == {item["name"] for item in page}
    return found


async def housed(registry: Registry, school: dict[str, Any]) -> None:
    owner = {"ownerId": str(registry.ids["district"]), "validFrom": "2018-07-01", "source": "test"}
    building = (await registry.platform.post("/v1/buildings", json={"name": "North Hall"} | owner)).json()
    body = {"buildingId": building["id"], "share": 0.5, "validFrom": "2018-07-01", "source": "lease"}
    url, headers = f"/v1/schools/{school['id']}/buildings", {"if-match": f'"{school["version"]}"'}
    answer = await registry.platform.post(url, json=body, headers=headers)
    assert answer.status_code == 201, answer.text


async def test_each_line_is_the_school_as_the_page_shows_it(registry: Registry) -> None:
    held = [registry.held("district", "accountable-lea"), registry.held("north", "operator", end="2021-07-01")]
    address = {"street": '1 "Main" \\ Street', "city": "Chicago", "latitude": 41.8, "longitude": -87.7}
    await housed(registry, await registry.school("Lincoln", assignments=held, address=address))
    await registry.school("Bare", aliases=[], assignments=[])
    page = (await registry.platform.get("/v1/schools", params={"asOf": DAY})).json()["items"]
    assert await lines(registry.platform) == page
    assert [len(item["buildings"]) for item in page] == [1, 0]


async def test_a_file_is_as_of_its_date_and_as_known_at_its_instant(registry: Registry) -> None:
    school = await registry.school("Lincoln")
    then = known_now()
    await patched(registry, school, 1, name="Douglass", validFrom="2019-07-01")
    assert await names(registry.platform) == {"Douglass"}
    assert await names(registry.platform, asOf="2019-01-01") == {"Lincoln"}
    assert await names(registry.platform, knownAt=then) == {"Lincoln"}
    assert {line["version"] for line in await lines(registry.platform, knownAt=then)} == {1}
    assert await names(registry.platform, asOf="2017-01-01") == set()


async def test_a_file_has_the_schools_that_are_asked_for(registry: Registry) -> None:
    led = [registry.held("north", "operator")]
    await registry.school("Lincoln", address={"state": "TX"}, assignments=led)
    await registry.school("Douglass", address={"state": "IL"}, arrangement="contract-school")
    client = registry.platform
    assert await names(client, state="TX") == {"Lincoln"}
    assert await names(client, arrangement="contract-school") == {"Douglass"}
    assert await names(client, organizationId=str(registry.ids["north"]), role="operator") == {"Lincoln"}
    assert await names(client, aliasSystem="district:d", aliasValue="0Douglass") == {"Douglass"}
    assert await names(client, aliasSystem="district:d") == {"Lincoln", "Douglass"}


async def test_an_operator_gets_its_own_schools_on_the_date_and_a_state_agency_all(registry: Registry) -> None:
    await registry.school("Lincoln", assignments=[registry.held("north", "operator", end="2020-01-01")])
    await registry.school("Douglass", assignments=[registry.held("north", "operator", "2020-01-01")])
    assert await names(registry.as_("north")) == {"Douglass"}
    assert await names(registry.as_("north"), asOf="2019-12-31") == {"Lincoln"}
    assert await names(registry.as_("south")) == set()
    assert await names(registry.as_("state")) == {"Lincoln", "Douglass"}


@pytest.mark.parametrize(("caller", "seen"), [("north", {"Lincoln"}), ("south", set()), ("state", {"Lincoln"})])
async def test_an_identifier_finds_a_school_for_whoever_may_see_it(
    registry: Registry, caller: str, seen: set[str]
) -> None:
    await registry.school("Lincoln", assignments=[registry.held("north", "operator")])
    assert await names(registry.as_(caller), aliasSystem="district:d", aliasValue="0Lincoln") == seen


async def test_a_table_has_a_column_for_each_fact_and_one_for_each_list(registry: Registry) -> None:
    address = {"state": "TX", "longitude": -97.5}
    aliases = [{"system": system, "value": "007", "validFrom": "2018-07-01"} for system in ("nces", "state:TX")]
    await registry.school("Lincoln", address=address, aliases=aliases, chartered=True)
    [row] = await table(registry.platform)
    assert (row["state"], row["longitude"], row["chartered"], row["validTo"]) == ("TX", "-97.5", "yes", "")
    assert row["aliases"] == "nces|007; state:TX|007"
    assert row["assignments"] == f"accountable-lea|{registry.ids['district']}"


async def test_no_cell_of_a_table_is_a_formula(registry: Registry) -> None:
    formula = '=HYPERLINK("http://x")'
    await registry.school(formula, aliases=[{"system": "@s", "value": "1", "validFrom": "2018-07-01"}])
    [row] = await table(registry.platform)
    assert (row["name"], row["aliases"]) == (f"'{formula}", "'@s|1")
    assert [line["name"] for line in await lines(registry.platform)] == [formula]


async def test_what_is_wrong_with_a_request_for_a_file_is_a_problem(registry: Registry) -> None:
    query = {"knownAt": "2999-01-01T00:00:00Z", "asOf": DAY}
    answer = await registry.platform.get("/v1/schools", params=query, headers={"accept": CSV})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json()["errors"][0]["field"] == "query.knownAt"
