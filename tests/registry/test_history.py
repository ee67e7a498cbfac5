"""What was true on a date, as it was known at an instant: nothing that was once answered can be answered otherwise."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.registry.conftest import Registry

DAYS = st.dates(date(2018, 7, 1), date(2024, 7, 1)).map(str)
NAMES = st.sampled_from(["Lincoln", "Douglass", "Truth", "Banneker"])


def at(version: int) -> dict[str, str]:
    """The headers of a change of this version."""
    return {"if-match": f'"{version}"'}


def known_now() -> str:
    return datetime.now(UTC).isoformat()


async def patched(registry: Registry, school: dict[str, Any], version: int, **change: Any) -> dict[str, Any]:
    body = {"validFrom": "2020-01-01", "source": "Board report"} | change
    answer = await registry.platform.patch(f"/v1/schools/{school['id']}", json=body, headers=at(version))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def history(registry: Registry, school: dict[str, Any], **query: str) -> dict[str, Any]:
    answer = await registry.platform.get(f"/v1/schools/{school['id']}/history", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def corrected(registry: Registry, school: dict[str, Any], **mended: Any) -> Any:
    """Take the history, mend it, send it."""
    known = await history(registry, school)
    body = {name: known[name] for name in ("facts", "aliases", "assignments", "buildings")}
    body |= {"reason": "It was never so"} | mended
    url = f"/v1/schools/{school['id']}/history"
    return await registry.platform.put(url, json=body, headers=at(known["version"]))


async def test_a_correction_of_the_past_leaves_what_was_believed_before_it_readable(registry: Registry) -> None:
    school = await registry.school("Lincoln")
    before, then = await history(registry, school), known_now()
    facts = [before["facts"][0] | {"name": "Douglass"}]
    answer = await corrected(registry, school, facts=facts)
    names = [(await history(registry, school, **query))["facts"][0]["name"] for query in ({"knownAt": then}, {})]
    assert answer.status_code == 200, answer.text
    assert names == ["Lincoln", "Douglass"]


async def test_an_assignment_that_never_was_disappears_from_every_date(registry: Registry) -> None:
    held = [registry.held("district", "accountable-lea"), registry.held("north", "operator")]
    school, then = await registry.school(assignments=held), None
    then = known_now()
    known = await history(registry, school)
    lea = [each for each in known["assignments"] if each["role"] == "accountable-lea"]
    assert (await corrected(registry, school, assignments=lea)).status_code == 200
    seen = [
        len((await registry.as_("north").get("/v1/schools", params={"asOf": "2019-01-01", **query})).json()["items"])
        for query in ({}, {"knownAt": then})
    ]
    assert seen == [0, 1]


async def test_a_correction_that_contradicts_itself_is_refused_whole(registry: Registry) -> None:
    school = await registry.school()
    known = await history(registry, school)
    twice = [known["facts"][0], known["facts"][0] | {"validFrom": "2020-01-01", "name": "Other"}]
    answer = await corrected(registry, school, facts=twice)
    assert answer.json()["type"] == "urn:concordat:problem:overlapping-period"
    assert await history(registry, school) == known


async def test_a_correction_needs_its_reason(registry: Registry) -> None:
    answer = await corrected(registry, await registry.school(), reason="")
    assert {error["field"] for error in answer.json()["errors"]} == {"body.reason"}


async def test_a_field_changed_late_in_the_file_holds_through_changes_of_other_fields(registry: Registry) -> None:
    school = await registry.school("Lincoln")
    await patched(registry, school, 1, validFrom="2022-01-01", gradeHigh="08")
    await patched(registry, school, 2, validFrom="2020-01-01", name="Douglass")
    facts = (await history(registry, school))["facts"]
    assert [(each["name"], each["gradeHigh"]) for each in facts] == [
        ("Lincoln", None),
        ("Douglass", None),
        ("Douglass", "08"),
    ]


async def test_a_change_with_an_end_holds_until_then_only(registry: Registry) -> None:
    school = await registry.school("Lincoln")
    await patched(registry, school, 1, name="Interim", validFrom="2020-01-01", validTo="2021-01-01")
    facts = (await history(registry, school))["facts"]
    assert [(each["name"], each["validFrom"]) for each in facts] == [
        ("Lincoln", "2018-07-01"),
        ("Interim", "2020-01-01"),
        ("Lincoln", "2021-01-01"),
    ]


async def test_a_change_that_says_nothing_new_makes_no_new_version(registry: Registry) -> None:
    school = await registry.school("Lincoln")
    assert (await patched(registry, school, 1, name="Lincoln"))["version"] == 1


async def test_a_required_fact_cannot_be_emptied(registry: Registry) -> None:
    school = await registry.school()
    body = {"validFrom": "2020-01-01", "source": "x", "name": None}
    answer = await registry.platform.patch(f"/v1/schools/{school['id']}", json=body, headers=at(1))
    assert answer.status_code == 422
    assert "name" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("instant", ["2999-01-01T00:00:00Z", "2020-01-01T00:00:00", "soon"])
async def test_only_an_instant_that_has_passed_can_be_asked_for(registry: Registry, instant: str) -> None:
    answer = await registry.platform.get("/v1/schools", params={"knownAt": instant})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "query.knownAt"


async def test_before_a_school_was_known_there_is_none(registry: Registry) -> None:
    before = known_now()
    school = await registry.school()
    url = f"/v1/schools/{school['id']}"
    answers = [await registry.platform.get(f"{url}{path}", params={"knownAt": before}) for path in ("", "/history")]
    assert [answer.status_code for answer in answers] == [404, 404]


change = st.one_of(
    st.tuples(st.just("rename"), NAMES, DAYS),
    st.tuples(st.just("move"), st.sampled_from(["Chicago", "Denver"]), DAYS),
    st.tuples(st.just("operate"), st.sampled_from(["north", "south"]), DAYS),
    st.tuples(st.just("alias"), st.sampled_from(["1", "2"]), DAYS),
    st.tuples(st.just("correct"), NAMES, DAYS),
)


async def apply(registry: Registry, school: dict[str, Any], what: str, value: str, day: str) -> None:
    """Try a change; one that contradicts what is known is refused, and that is fine."""
    url, version = f"/v1/schools/{school['id']}", (await history(registry, school))["version"]
    body: dict[str, Any] = {"validFrom": day, "source": "x"}
    client = registry.platform
    match what:
        case "rename":
            answer = await client.patch(url, json=body | {"name": value}, headers=at(version))
        case "move":
            answer = await client.patch(url, json=body | {"address": {"city": value}}, headers=at(version))
        case "operate":
            body |= {"organizationId": str(registry.ids[value]), "role": "operator"}
            end = str(date.fromisoformat(day) + timedelta(days=200))
            answer = await client.post(f"{url}/assignments", json=body | {"validTo": end}, headers=at(version))
        case "alias":
            alias = {"system": f"of:{school['id'][:8]}", "value": value, "validFrom": day}
            answer = await client.post(f"{url}/aliases", json=alias, headers=at(version))
        case _:
            known = await history(registry, school)
            answer = await corrected(registry, school, facts=[each | {"name": value} for each in known["facts"]])
    assert answer.status_code in (200, 201, 409), answer.text


async def everything_said(registry: Registry, school: dict[str, Any], known_at: str | None) -> list[str]:
    """Every answer about a school, to the byte."""
    known = {} if known_at is None else {"knownAt": known_at}
    url, said = f"/v1/schools/{school['id']}", []
    for path, query in (
        (f"{url}/history", {}),
        (url, {"asOf": "2018-07-01"}),
        (url, {"asOf": "2021-01-01"}),
        ("/v1/schools", {"asOf": "2023-01-01", "aliasSystem": "district:d", "aliasValue": f"0{school['name']}"}),
        ("/v1/schools", {"asOf": "2023-01-01", "organizationId": str(registry.ids["north"]), "role": "operator"}),
    ):
        answer = await registry.platform.get(path, params={**query, **known})
        said.append(f"{answer.status_code} {answer.headers.get('etag')} {answer.text}")
    return said


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(change, min_size=1, max_size=6))
async def test_what_was_answered_at_an_instant_is_answered_for_that_instant_for_ever(
    registry: Registry, changes: list[tuple[str, str, str]]
) -> None:
    school = await registry.school(f"S{datetime.now(UTC).timestamp()}")
    answered = [(known_now(), await everything_said(registry, school, None))]
    for what, value, day in changes:
        await apply(registry, school, what, value, day)
        answered.append((known_now(), await everything_said(registry, school, None)))
    for then, said in answered:
        assert await everything_said(registry, school, then) == said, json.dumps(changes)
