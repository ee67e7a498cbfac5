"""Every route of the registry by every role: who may, who is refused, and for whom a thing is not there at all.

`rights.EXPECTED` is the whole of it. A new route is a new line; a route without one fails the first test. What is
written is rolled back, so that every role finds the same district.
"""

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from kit import db
from tests.house.test_routes import application, routes
from tests.registry.expected import PLACES, Things, since
from tests.registry.rights import EXPECTED, UNSEEN
from tests.registry.roles import (
    ROLES,
    World,
    peopled_district,
)


async def rolled_back(request: Request) -> AsyncIterator[AsyncSession]:
    """A transaction that does everything and keeps nothing."""
    database: db.Database = request.app.state.database
    async with database.transaction() as session:
        yield session
        await session.rollback()


@pytest.fixture(scope="module")
async def world(service_of: Any) -> AsyncIterator[World]:
    async with peopled_district(service_of) as world:
        platform = world.platform
        history = (await platform.get(f"/v1/schools/{world.schools['Lincoln']}/history")).json()
        world.things["history"] = json.dumps({k: v for k, v in history.items() if k not in ("id", "version")})
        (instrument,) = (await platform.get("/v1/instruments")).json()["items"]
        found = (await platform.get(f"/v1/instruments/{instrument['id']}/{instrument['version']}")).json()
        world.things |= {"instrument": found["id"], "instrument version": found["version"]}
        world.things |= {"document": json.dumps(found["document"]), "snapshot": "October", "year": "2029"}
        shed = since(name="Shed", ownerId=world.things["district"])
        world.things["other building"] = (await platform.post("/v1/buildings", json=shed)).json()["id"]
        world.service.app.dependency_overrides[db._open_transaction] = rolled_back
        yield world


async def ask(
    client: httpx2.AsyncClient, route: str, world: World, things: Things | None = None, **headers: str
) -> httpx2.Response:
    """The request of a route, about the things of the district unless told otherwise."""
    expected, (method, path) = EXPECTED[route], route.split(" ")
    about = things or world.things
    for place, thing in {**PLACES, **expected.places}.items():
        path = path.replace(f"{{{place}}}", about[thing])
    if expected.tag is not None:
        headers |= await world.tag(expected.tag(world.things))
    sent: dict[str, Any] = {"params": expected.query(about)}
    if expected.csv is not None:
        sent["content"], headers["content-type"] = expected.csv, "text/csv"
    elif expected.body is not None:
        sent["json"] = expected.body(about)
    return await client.request(method, path, headers=headers, **sent)


def hidden_thing(route: str) -> str | None:
    """What of a route's request is not there for some: the first place of its path unless told otherwise."""
    expected = EXPECTED[route]
    place = route.split("{")[1].split("}")[0] if "{" in route else ""
    return expected.hides or expected.places.get(place) or PLACES.get(place)


def test_every_route_has_its_expectation(tmp_path: Path) -> None:
    stated = {
        f"{method} {route.path}"
        for route in routes(application("registry", tmp_path))
        if route.path.startswith("/v1/")
        for method in sorted((route.methods or set()) - {"HEAD"})
    }
    assert stated == set(EXPECTED)


@pytest.mark.parametrize("route", EXPECTED)
async def test_each_role_gets_what_is_expected_and_knows_of_nothing_that_is_hidden_from_it(
    world: World, route: str
) -> None:
    expected = EXPECTED[route]
    wanted = {role: expected.done if role in expected.may else 403 for role in ROLES}
    wanted |= dict.fromkeys(expected.hidden, expected.unheard)
    answers = {role: await ask(world.clients[role], route, world) for role in ROLES}
    assert {role: answer.status_code for role, answer in answers.items()} == wanted, answers["district"].text
    await same_words_for_what_is_missing(world, route, answers)
    if expected.sees is not None:
        thing, who = expected.sees
        assert {role for role, answer in answers.items() if world.things[thing] in answer.text} == who
    if route.startswith("GET "):
        for role, things in UNSEEN.items():
            named = {thing for thing in things if world.things[thing] in answers[role].text}
            assert answers[role].is_error or not named, f"{role} reads of {named}"


async def same_words_for_what_is_missing(world: World, route: str, answers: Mapping[str, httpx2.Response]) -> None:
    """Whoever may not know of a thing hears what is said of one that does not exist."""
    hidden, other = hidden_thing(route), str(uuid4())
    # What a file names are identifiers: that one is taken is no secret.
    if hidden is None or not EXPECTED[route].hidden:
        return
    anybody = min(EXPECTED[route].hidden)
    missing = told(await ask(world.clients[anybody], route, world, {**world.things, hidden: other}), other)
    for role in EXPECTED[route].hidden:
        assert told(answers[role], world.things[hidden]) == missing, role


def told(answer: httpx2.Response, thing: str) -> dict[str, Any]:
    """What a problem says, whichever thing it is about and wherever it was asked."""
    problem = json.loads(answer.text.replace(thing, "this"))
    return {name: said for name, said in problem.items() if name not in ("instance", "traceId")}


@pytest.mark.parametrize("route", EXPECTED)
async def test_nobody_gets_in_without_a_token_or_with_the_wrong_scope(world: World, route: str) -> None:
    changes = not route.startswith("GET ")
    nobody = await ask(world.service.anonymous(), route, world)
    needed = "registry:write" if changes else "registry:read"
    other = world.service.client("registry:read" if changes else "registry:write", "ratings:read")
    refused = await ask(other, route, world)
    assert (nobody.status_code, refused.status_code) == (401, 403)
    assert (refused.json()["scope"], nobody.headers["www-authenticate"][:6]) == (needed, "Bearer")


async def test_an_operator_sees_its_own_draft_once_it_is_submitted_and_never_anothers(world: World) -> None:
    for own, other in (("north", "south"), ("south", "north")):
        client = world.clients[own]
        seen = {each["id"] for each in (await client.get("/v1/agreements")).json()["items"]}
        assert world.things[f"draft of {own}"] in seen
        assert not {world.things[f"draft of {other}"], world.things["draft"]} & seen
        by_id = [await client.get(f"/v1/agreements/{world.things[f'draft of {who}']}") for who in (own, other)]
        assert [answer.status_code for answer in by_id] == [200, 404]


async def test_a_former_operator_reads_its_own_time_and_nobody_elses(world: World) -> None:
    school = f"/v1/schools/{world.schools['Lincoln']}"
    days = ("2024-06-30", "2024-07-01")
    former = [(await world.clients["former"].get(school, params={"asOf": day})).status_code for day in days]
    present = [(await world.clients["north"].get(school, params={"asOf": day})).status_code for day in days]
    assert (former, present) == ([200, 404], [404, 200])
