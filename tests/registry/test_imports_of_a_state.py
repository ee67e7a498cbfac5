"""A state's directory as NCES publishes it: what of it is accepted, what is refused, and why."""

import csv
from collections import Counter
from pathlib import Path
from typing import Any

from tests.registry.conftest import Registry
from tests.registry.test_imports import count, send

DATA = Path(__file__).parent / "data"
AGENCIES = (DATA / "ccd-texas-2013-leas.csv").read_bytes()
SCHOOLS = (DATA / "ccd-texas-2013-schools.csv").read_bytes()
PUBLISHED = list(csv.DictReader(SCHOOLS.decode().splitlines()))
STATUS = {"1": "active", "2": "closed", "3": "new", "5": "changed", "6": "inactive", "7": "future"}


async def directory(registry: Registry) -> list[dict[str, Any]]:
    """Every school, page after page."""
    path, found = "/v1/schools?asOf=2019-01-01&limit=500", list[dict[str, Any]]()
    while path:
        answer = await registry.platform.get(path)
        found += answer.json()["items"]
        path = answer.links.get("next", {}).get("url", "")
    return found


async def test_a_directory_with_damaged_columns_and_sentinels_comes_in_whole(registry: Registry) -> None:
    assert b",00:00:00," in AGENCIES  # ULOCAL, as a spreadsheet left it; no column of ours
    agencies = await send(registry, AGENCIES, "ccd/leas")
    schools = await send(registry, SCHOOLS, "ccd/schools")
    assert agencies.status_code == schools.status_code == 200, agencies.text + schools.text
    assert schools.json()["created"] == len(PUBLISHED)
    shown = await directory(registry)
    assert Counter(school["operationalStatus"] for school in shown) == Counter(
        STATUS[row["STATUS"]] for row in PUBLISHED
    )
    assert sum(school["chartered"] for school in shown) == sum(row["CHARTR"] == "1" for row in PUBLISHED)
    assert sum(school["gradeLow"] is None for school in shown) == sum(row["GSLO"] == "N" for row in PUBLISHED) > 200
    texts = {text for school in shown for text in (school["name"], *school["address"].values())}
    assert not texts & {"M", "N", "-1", "-2", "-9", ""}


async def test_the_schools_keep_the_identifiers_of_nation_and_state(registry: Registry) -> None:
    await send(registry, AGENCIES, "ccd/leas")
    await send(registry, SCHOOLS, "ccd/schools")
    held = {(a["system"], a["value"]) for school in await directory(registry) for a in school["aliases"]}
    given = {("nces", row["NCESSCH"]) for row in PUBLISHED} | {("state:TX", row["SEASCH"]) for row in PUBLISHED}
    assert held == given


async def test_the_same_directory_again_changes_nothing(registry: Registry) -> None:
    await send(registry, AGENCIES, "ccd/leas")
    await send(registry, SCHOOLS, "ccd/schools")
    again = (await send(registry, SCHOOLS, "ccd/schools")).json()
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 0, len(PUBLISHED))


async def test_without_its_agencies_every_row_is_refused_and_nothing_is_written(registry: Registry) -> None:
    refused = await send(registry, SCHOOLS, "ccd/schools")
    problem = refused.json()
    assert refused.status_code == 422
    assert problem["errorCount"] == len(PUBLISHED)
    assert {(error["field"], error["rule"]) for error in problem["errors"]} == {
        ("accountable_lea", "unknown-organization")
    }
    assert await count(registry) == 0


async def test_what_a_spreadsheet_did_to_needed_columns_is_refused_row_by_row(registry: Registry) -> None:
    await send(registry, AGENCIES, "ccd/leas")
    header, *rows = SCHOOLS.decode().splitlines()
    first, second, third = (dict(row) for row in PUBLISHED[:3])
    for number, row in (
        (0, first | {"LATCOD": "00:00:00"}),
        (1, second | {"SCHNAM": "N"}),
        (2, third | {"NCESSCH": PUBLISHED[3]["NCESSCH"]}),
    ):
        rows[number] = ",".join(row.values())
    refused = await send(registry, "\n".join([header, *rows]) + "\n", "ccd/schools")
    assert refused.status_code == 422, refused.text
    assert {(error["row"], error["field"], error["rule"]) for error in refused.json()["errors"]} == {
        (2, "latitude", "float_parsing"),
        (3, "name", "missing"),
        (5, "aliasValue", "duplicate-alias"),
    }
    assert await count(registry) == 0
