"""The audit trail: who changed what, when, why, from what to what; and a chain that no change of it survives unseen."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from kit.audit import Head, Verdict, chain_numbered_rows, verify_chain
from kit.errors import BadRequest
from kit.relay import number_committed_rows
from launcher.app import app as command
from registry.app import create_app
from sqlalchemy import text
from typer.testing import CliRunner

from tests.kit.conftest import eventually
from tests.registry.conftest import Registry


async def sequenced(registry: Registry) -> Registry:
    """Do what the relay does: number and chain what was committed."""
    for work in (number_committed_rows, chain_numbered_rows):
        async with registry.service.app.state.database.transaction() as session:
            await work(session)
    return registry


@pytest.fixture
async def trail(registry: Registry) -> Registry:
    """A registry with a chain of six entries: four organizations, a school, its change."""
    school = await registry.school("Lincoln")
    body = {"name": "Douglass", "validFrom": "2020-01-01", "source": "Board report"}
    url = f"/v1/schools/{school['id']}"
    await registry.as_("district").patch(url, json=body, headers={"if-match": '"1"'})
    registry.ids["Lincoln"] = school["id"]
    return await sequenced(registry)


async def tamper(registry: Registry, statement: str, **values: Any) -> None:
    async with registry.service.app.state.database.transaction() as session:
        await session.execute(text(statement), values)


async def verdict(registry: Registry, anchor: Head | None = None) -> Verdict:
    async with registry.service.app.state.database.snapshot() as session:
        return await verify_chain(session, anchor)


async def head_of(registry: Registry) -> str:
    return str((await registry.platform.get("/v1/audit/head")).json()["head"])


async def head(registry: Registry) -> Head:
    return Head.parse(await head_of(registry))


async def entries(client: Any, **query: Any) -> list[dict[str, Any]]:
    answer = await client.get("/v1/audit", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def test_an_untouched_trail_is_unbroken_up_to_its_head(trail: Registry) -> None:
    found = await verdict(trail, await head(trail))
    assert (found.broken, found.head, found.waiting) == (None, await head(trail), 0)
    assert found.head.sequence == 6


async def test_an_entry_that_was_changed_is_named(trail: Registry) -> None:
    await tamper(trail, "update journal set actor = 'somebody else' where sequence = 3")
    broken = (await verdict(trail)).broken
    assert broken is not None
    assert broken.startswith("Row 3 ")


@pytest.mark.parametrize("column", ["at = at - interval '1 day'", "before = '{}'", "reason = 'x'", "data = '{}'"])
async def test_no_part_of_an_entry_can_be_changed(trail: Registry, column: str) -> None:
    await tamper(trail, f"update journal set {column} where sequence = 2")
    assert (await verdict(trail)).broken


async def test_publishing_an_entry_changes_nothing_of_it(trail: Registry) -> None:
    await tamper(trail, "update journal set published_at = now()")
    assert (await verdict(trail)).broken is None


async def test_an_entry_deleted_in_the_middle_is_named(trail: Registry) -> None:
    await tamper(trail, "delete from journal where sequence = 4")
    assert (await verdict(trail)).broken == "Row 4 is missing."


async def test_a_cut_tail_is_named(trail: Registry) -> None:
    await tamper(trail, "delete from journal where sequence > 4")
    assert (await verdict(trail)).broken == "Row 5 is missing, and all up to row 6."


async def test_a_tail_cut_together_with_the_head_shows_against_a_head_given_away(trail: Registry) -> None:
    kept = await head(trail)
    await tamper(trail, "delete from journal where sequence > 4")
    await tamper(trail, "delete from journal_hash where sequence > 4")
    await tamper(
        trail,
        "update journal_counter set sequence = 4, chained = 4, head = hash from journal_hash h where h.sequence = 4",
    )
    assert (await verdict(trail)).broken is None
    assert "the journal ends at row 4" in str((await verdict(trail, kept)).broken)


async def test_a_chain_written_anew_shows_against_a_head_given_away(trail: Registry) -> None:
    kept = await head(trail)
    await tamper(trail, "update journal set actor = 'somebody else' where sequence = 2")
    await tamper(trail, "delete from journal_hash")
    await tamper(trail, "update journal_counter set chained = 0, head = ''")
    await sequenced(trail)
    assert (await verdict(trail)).broken is None
    assert "written anew" in str((await verdict(trail, kept)).broken)


async def test_an_earlier_head_still_proves_the_entries_before_it(trail: Registry) -> None:
    kept = await head(trail)
    await trail.school("Later")
    await sequenced(trail)
    assert (await verdict(trail, kept)).broken is None


async def test_entries_numbered_by_an_older_version_are_chained_later(trail: Registry) -> None:
    await trail.school("Later")
    async with trail.service.app.state.database.transaction() as session:
        await number_committed_rows(session)
    assert (await verdict(trail)).waiting == 1
    assert (await verdict(await sequenced(trail))).waiting == 0


@pytest.mark.parametrize("written", ["", "12", "x:00", "1:zz"])
def test_a_head_that_is_none_is_refused(written: str) -> None:
    with pytest.raises(BadRequest):
        Head.parse(written)


async def test_an_entry_says_who_did_what_when_from_what_to_what(trail: Registry) -> None:
    subject = f"concordat.registry.school.{trail.ids['Lincoln']}"
    opened, changed = await entries(trail.platform, subject=subject)
    assert (opened["before"], changed["actor"], changed["version"]) == (None, "test", 2)
    assert [facts["name"] for facts in changed["before"]["facts"]] == ["Lincoln"]
    assert [facts["name"] for facts in changed["after"]["facts"]] == ["Lincoln", "Douglass"]
    assert changed["hash"] != opened["hash"]


async def test_a_file_leaves_the_state_before_and_the_reason_of_each_school(trail: Registry) -> None:
    body = "aliasSystem,aliasValue,name\ndistrict:d,0Lincoln,Truth\n"
    query = {"validFrom": "2021-07-01", "source": "file", "overrideReason": "Asked by the state"}
    answer = await trail.platform.post(
        "/v1/imports/schools", content=body, params=query, headers={"content-type": "text/csv"}
    )
    assert answer.json()["changed"] == 1, answer.text
    await sequenced(trail)
    last = (await entries(trail.platform, subject=f"concordat.registry.school.{trail.ids['Lincoln']}"))[-1]
    assert (last["reason"], last["before"]["facts"][-1]["name"]) == ("Asked by the state", "Douglass")


async def test_a_district_reads_what_concerns_its_own_schools_and_an_operator_nothing(trail: Registry) -> None:
    await trail.organization("far", "district")
    await trail.school("Far", assignments=[trail.held("far", "accountable-lea")])
    await sequenced(trail)
    subjects = {each["subject"] for each in await entries(trail.as_("district"))}
    assert subjects == {
        f"concordat.registry.school.{trail.ids['Lincoln']}",
        f"concordat.registry.organization.{trail.ids['district']}",
    }
    assert (await trail.as_("north").get("/v1/audit")).status_code == 403


async def test_the_trail_is_read_page_by_page_in_its_order(trail: Registry) -> None:
    first = (await trail.platform.get("/v1/audit?limit=4")).json()
    second = (await trail.platform.get("/v1/audit", params={"limit": 4, "cursor": first["nextCursor"]})).json()
    assert [each["sequence"] for each in first["items"] + second["items"]] == [1, 2, 3, 4, 5, 6]


async def test_a_running_service_chains_what_it_records(service_of: Callable[..., Any]) -> None:
    async with service_of("registry", create_app, running=True) as service:
        registry = Registry(service)
        await registry.organization("district", "district")

        async def chained() -> bool:
            return (await head_of(registry)).startswith("1:")

        await eventually(chained)
        assert (await verdict(registry)).broken is None


@pytest.fixture
async def installed(
    service_of: Callable[..., Any], database_of: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Registry]:
    """A registry whose settings are in the environment, as in a container."""
    url = database_of("registry")
    async with service_of("registry", create_app, database_url=url) as service:
        for name, value in (
            ("DATABASE_URL", url),
            ("NATS_URL", "nats://127.0.0.1:1"),
            ("ISSUER", "https://concordat.test"),
            ("JWKS_URL", "http://127.0.0.1:1/none"),
        ):
            monkeypatch.setenv(f"CONCORDAT_{name}", value)
        registry = Registry(service)
        await registry.organization("district", "district")
        await registry.school()
        yield await sequenced(registry)


async def test_the_command_says_where_the_trail_is_broken(installed: Registry) -> None:
    kept = await head_of(installed)
    invoke = CliRunner().invoke
    whole = await asyncio.to_thread(invoke, command, ["audit", "registry", "--head", kept])
    await tamper(installed, "update journal set actor = 'somebody else' where sequence = 1")
    broken = await asyncio.to_thread(invoke, command, ["audit", "registry"])
    assert (whole.exit_code, broken.exit_code) == (0, 1), whole.output + broken.output
    assert kept in whole.output
    assert "Row 1 " in broken.output
