"""Files: checked whole, applied whole, and harmless when sent again."""

from pathlib import Path
from typing import Any

import pytest
from kit.tables import journal
from registry.imports import reading
from registry.schools.tables import SchoolVersion
from sqlalchemy import select

from tests.registry.conftest import Registry

HEADER = "aliasSystem,aliasValue,name,latitude,accountableLea,operator\n"
ROWS = HEADER + "district:d,0001,Orr,41.8,test|district,test|north\ndistrict:d,0002,Piccolo,41.9,test|district,\n"


async def send(registry: Registry, body: str | bytes, path: str = "schools", **query: Any) -> Any:
    params = {"validFrom": "2018-07-01", "source": "test file"} | query
    return await registry.platform.post(
        f"/v1/imports/{path}", content=body, params=params, headers={"content-type": "text/csv"}
    )


async def count(registry: Registry, day: str = "2019-01-01") -> int:
    return len((await registry.platform.get(f"/v1/schools?asOf={day}")).json()["items"])


async def test_a_file_creates_schools_with_their_organizations(registry: Registry) -> None:
    answer = await send(registry, ROWS)
    assert answer.status_code == 200, answer.text
    assert answer.json()["created"] == 2
    mine = await registry.as_("north").get("/v1/schools?asOf=2019-01-01")
    assert [item["name"] for item in mine.json()["items"]] == ["Orr"]


async def test_the_same_file_again_changes_nothing(registry: Registry) -> None:
    await send(registry, ROWS)
    again = (await send(registry, ROWS)).json()
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 0, 2)


async def test_a_dry_run_shows_the_differences_and_writes_nothing(registry: Registry) -> None:
    await send(registry, ROWS)
    changed = ROWS.replace("Orr", "Orr Academy").replace("test|north", "test|south")
    answer = (await send(registry, changed, dryRun="true", validFrom="2020-07-01")).json()
    fields = answer["differences"][0]["fields"]
    assert fields["name"] == {"before": "Orr", "after": "Orr Academy"}
    assert fields["operator"]["after"] == str(registry.ids["south"])
    assert (await registry.platform.get("/v1/schools?asOf=2021-01-01")).json()["items"][0]["name"] == "Orr"


async def test_a_later_file_changes_from_its_date_on(registry: Registry) -> None:
    await send(registry, ROWS)
    await send(registry, ROWS.replace("test|north", "test|south"), validFrom="2020-07-01")
    seen = [
        len((await registry.as_(name).get(f"/v1/schools?asOf={day}")).json()["items"])
        for name, day in (("north", "2020-06-30"), ("north", "2020-07-01"), ("south", "2020-07-01"))
    ]
    assert seen == [1, 0, 1]


async def test_a_column_that_the_file_does_not_have_says_nothing(registry: Registry) -> None:
    await send(registry, ROWS)
    answer = await send(registry, "aliasSystem,aliasValue,name\ndistrict:d,0001,Orr Academy\n", validFrom="2020-07-01")
    assert answer.json()["changed"] == 1
    mine = (await registry.as_("north").get("/v1/schools?asOf=2021-01-01")).json()["items"]
    assert [(item["name"], item["address"]["latitude"]) for item in mine] == [("Orr Academy", 41.8)]


async def test_an_empty_field_ends_what_was_there(registry: Registry) -> None:
    await send(registry, ROWS)
    await send(registry, ROWS.replace("test|north", ""), validFrom="2020-07-01")
    assert (await registry.as_("north").get("/v1/schools?asOf=2020-07-01")).json()["items"] == []


async def test_a_school_joins_its_network_and_its_authorizer(registry: Registry) -> None:
    header, row = "aliasSystem,aliasValue,name,network,authorizer\n", "district:d,1,Orr,test|north,test|district\n"
    await send(registry, header + row)
    held = (await registry.platform.get("/v1/schools?asOf=2019-01-01")).json()["items"][0]["assignments"]
    assert {a["role"]: a["organizationId"] for a in held} == {
        "network": str(registry.ids["north"]),
        "authorizer": str(registry.ids["district"]),
    }


async def test_every_error_of_a_file_is_named_at_once_and_nothing_is_written(registry: Registry) -> None:
    body = HEADER + (
        "district:d,1,Good,41.8,test|district,\n"
        "district:d,1,Twice,41.8,test|district,\n"
        "district:d,2,Text,north,test|district,\n"
        "district:d,3,Far,200,test|district,\n"
        "district:d,4,Nobody's,41.8,test|nobody,\n"
        "district:d,,Nameless,41.8,,\n"
    )
    answer = await send(registry, body)
    found = {(error["row"], error["field"], error["rule"]) for error in answer.json()["errors"]}
    assert answer.status_code == 422
    assert found == {
        (3, "aliasValue", "duplicate-alias"),
        (4, "latitude", "float_parsing"),
        (5, "latitude", "less_than_equal"),
        (6, "accountable_lea", "unknown-organization"),
        (7, "aliasValue", "missing"),
    }
    assert await count(registry) == 0


TWO_ALIASES = "aliasSystem,aliasValue,name,otherAliasSystem,otherAliasValue\n"


async def test_an_identifier_is_one_schools_only_wherever_in_the_file_it_stands(registry: Registry) -> None:
    body = TWO_ALIASES + "nces,1,Orr,state:IL,01\nnces,2,Piccolo,state:IL,01\nstate:IL,01,Orr,nces,3\n"
    answer = await send(registry, body)
    assert [(e["row"], e["rule"]) for e in answer.json()["errors"]] == [(3, "duplicate-alias"), (4, "duplicate-alias")]


async def test_a_known_school_is_named_once_by_whichever_of_its_identifiers(registry: Registry) -> None:
    await send(registry, TWO_ALIASES + "nces,1,Orr,state:IL,01\n")
    answer = await send(registry, "aliasSystem,aliasValue,name\nnces,1,Orr\nstate:IL,01,Orr Academy\n")
    [error] = answer.json()["errors"]
    assert (error["row"], error["rule"]) == (3, "duplicate-school")


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read two rows at a time, so that a few rows are many parts."""
    monkeypatch.setattr(reading, "PART_ROWS", 2)


@pytest.mark.usefixtures("small_parts")
async def test_errors_of_all_parts_are_named_at_once_and_no_part_is_written(registry: Registry) -> None:
    good = "".join(f"district:d,{number},School {number},41.8,test|district,\n" for number in range(1, 6))
    bad = "district:d,1,Twice,41.8,,\ndistrict:d,7,Far,200,,\ndistrict:d,8,Nobody's,41.8,test|nobody,\n"
    answer = await send(registry, HEADER + good + bad)
    errors = answer.json()["errors"]
    assert [(e["row"], e["rule"]) for e in errors] == [
        (7, "duplicate-alias"),
        (8, "less_than_equal"),
        (9, "unknown-organization"),
    ]
    assert "3 errors in 3 rows" in answer.json()["detail"]
    assert await count(registry) == 0


@pytest.mark.usefixtures("small_parts")
async def test_a_file_of_many_parts_is_one_change_of_one_instant(registry: Registry) -> None:
    rows = "".join(f"district:d,{number},School {number},41.8,test|district,\n" for number in range(5))
    assert (await send(registry, HEADER + rows)).json()["created"] == 5
    renamed = (await send(registry, HEADER + rows.replace("School", "Academy"), validFrom="2020-07-01")).json()
    assert (renamed["changed"], len(renamed["differences"])) == (5, 5)
    async with registry.service.app.state.database.snapshot() as session:
        instants = await session.execute(select(SchoolVersion.version, SchoolVersion.recorded_at).distinct())
        assert sorted(version for version, _ in instants) == [1, 2]


@pytest.mark.usefixtures("small_parts")
async def test_a_dry_run_of_many_parts_writes_none(registry: Registry) -> None:
    rows = "".join(f"district:d,{number},School {number},41.8,test|district,\n" for number in range(5))
    assert (await send(registry, HEADER + rows, dryRun="true")).json()["created"] == 5
    assert await count(registry) == 0


async def test_an_event_of_an_import_says_what_the_history_says(registry: Registry) -> None:
    await send(registry, ROWS)
    await send(registry, ROWS.replace("Orr", "Orr Academy").replace("test|north", "test|south"), validFrom="2020-07-01")
    found = {"aliasSystem": "district:d", "aliasValue": "0001"}
    [school] = (await registry.platform.get("/v1/schools", params=found)).json()["items"]
    history = (await registry.platform.get(f"/v1/schools/{school['id']}/history")).json()
    async with registry.service.app.state.database.snapshot() as session:
        of_the_school = journal.c.subject.endswith(school["id"])
        said = (await session.scalars(select(journal.c.data).where(of_the_school).order_by(journal.c.version))).all()
    assert (said[-1], len(said)) == (history, 2)
    assert [facts["name"] for facts in history["facts"]] == ["Orr", "Orr Academy"]


async def test_unknown_and_missing_columns_are_named_together(registry: Registry) -> None:
    answer = await send(registry, "aliasSystem,name,colour\n")
    assert {(e["field"], e["rule"]) for e in answer.json()["errors"]} == {
        ("colour", "unknown-column"),
        ("aliasValue", "missing-column"),
    }


async def test_another_content_type_is_refused(registry: Registry) -> None:
    answer = await registry.platform.post("/v1/imports/schools?validFrom=2018-07-01&source=x", json={"not": "a file"})
    assert answer.status_code == 415


async def test_bytes_that_are_not_text_are_refused(registry: Registry) -> None:
    answer = await send(registry, HEADER.encode() + b"district:d,1,\xff\xfe,41.8,,\n")
    assert answer.status_code == 422


DATA = Path(__file__).parent / "data"


async def test_a_ccd_directory_is_read_with_its_sentinels_and_damaged_columns(registry: Registry) -> None:
    leas = await send(registry, (DATA / "ccd-leas.csv").read_bytes(), "ccd/leas")
    schools = await send(registry, (DATA / "ccd-schools.csv").read_bytes(), "ccd/schools")
    assert leas.status_code == schools.status_code == 200, leas.text + schools.text
    shown = (await registry.platform.get("/v1/schools?asOf=2019-01-01&limit=500")).json()["items"]
    assert len(shown) == schools.json()["created"] > 0
    texts = {value for item in shown for value in [item["name"], *item["address"].values()] if isinstance(value, str)}
    assert not texts & {"-1", "-2", "-9", "M", "N"}
    assert all(len(a["value"]) == 12 for item in shown for a in item["aliases"] if a["system"] == "nces")


async def test_a_ccd_directory_leaves_alone_what_it_does_not_know(registry: Registry) -> None:
    header = "NCESSCH,LEAID,SCH_NAME,LCITY,CHARTER_TEXT\n"
    lea = "LEAID,LEA_NAME\n1709930,CPS\n"
    await send(registry, lea, "ccd/leas")
    columns = "aliasSystem,aliasValue,name,arrangement,operator,city\n"
    await send(registry, columns + "nces,170993000001,Orr,contracted-manager,test|north,Chicago\n")
    row = "170993000001,1709930,Orr Academy,M,No\n"
    answer = await send(registry, header + row, "ccd/schools", validFrom="2019-07-01")
    assert answer.json()["changed"] == 1, answer.text
    shown = (await registry.as_("north").get("/v1/schools?asOf=2020-01-01")).json()["items"][0]
    assert (shown["name"], shown["arrangement"], shown["address"]["city"]) == (
        "Orr Academy",
        "contracted-manager",
        "Chicago",
    )


async def test_a_first_operator_is_a_difference(registry: Registry) -> None:
    await send(registry, ROWS)
    assigned = HEADER + "district:d,0002,Piccolo,41.9,test|district,test|north\n"
    (found,) = (await send(registry, assigned, validFrom="2019-07-01", dryRun=True)).json()["differences"]
    assert found["fields"] == {"operator": {"before": "", "after": str(registry.ids["north"])}}
