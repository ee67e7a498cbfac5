"""Every route of the registry by every role: who may, who is refused, and for whom a thing is not there at all.

`EXPECTED` is the whole of it. A new route is a new line; a route without one fails the first test. What is written is
rolled back, so that every role finds the same district.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from kit import db
from tests.house.test_routes import application, routes
from tests.registry.journeys import facts, text
from tests.registry.roles import (
    AT_LINCOLN,
    EVERYBODY,
    NOBODY,
    OWN_STEWARDS,
    OWNERS,
    ROLES,
    STEWARDS,
    STRANGERS,
    World,
    peopled_district,
)

Things = Mapping[str, str]
Said = Callable[[Things], Any]
PLACES = {
    "agreement_id": "agreement",
    "school_id": "Lincoln",
    "organization_id": "district",
    "building_id": "building",
    "assignment_id": "assignment",
    "event_id": "lineage",
    "waiver_id": "waiver",
    "rule_id": "policy",
    "autonomy_id": "autonomy",
    "window_id": "window",
    "term_id": "term",
    "policy_id": "enrollment",
    "filing_id": "filing",
    "number": "evidence",
    "name": "snapshot",
    "instrument_id": "instrument",
    "version": "instrument version",
    "school_year": "year",
}
"""Which thing of the district stands in which place of a path."""


@dataclass(frozen=True)
class Expected:
    """Who may use a route with a request that is right, and what the others hear.

    For `hidden` roles the thing is not there: they hear, in the same words, what they would hear of a thing that does
    not exist (`hides` says which of the request it is). All others are refused for who they are. Where even those who
    may cannot succeed here, `done` is what the rule then says.
    """

    may: frozenset[str]
    hidden: frozenset[str] = NOBODY
    done: int = 200
    unheard: int = 404
    hides: str | None = None
    places: Mapping[str, str] = field(default_factory=dict)
    query: Said = lambda _: {}
    body: Said | None = None
    csv: str | None = None
    tag: Said | None = None
    sees: tuple[str, frozenset[str]] | None = None


def read(
    may: frozenset[str] = EVERYBODY, *, sees: tuple[str, frozenset[str]] | None = None, query: Said = lambda _: {}
) -> Expected:
    """A list, or something public; `sees` names a thing and who finds it there."""
    return Expected(may, sees=sees, query=query)


def of_the_school(**more: Any) -> Expected:
    """Something of Lincoln or its agreement, for whoever has to do with it today."""
    return Expected(AT_LINCOLN, STRANGERS, **more)


def stewarded(**more: Any) -> Expected:
    """A change of a school: by its district, a state agency, the platform."""
    return Expected(OWN_STEWARDS, frozenset({"far"}), **more)


def owned(**more: Any) -> Expected:
    """A change by the district or the platform, of what only those at the school know of."""
    return Expected(OWNERS, STRANGERS, **more)


def by_the_district(**more: Any) -> Expected:
    """A change by the district or the platform, of what everybody knows of."""
    return Expected(OWNERS, **more)


def since(**said: Any) -> dict[str, Any]:
    """Facts from a day on that is in no locked period."""
    return {"validFrom": "2028-07-01", "source": "board"} | said


def at_school(things: Things) -> str:
    return f"/v1/schools/{things['Lincoln']}"


def at_agreement(things: Things) -> str:
    return f"/v1/agreements/{things['agreement']}"


def entitlements(things: Things) -> str:
    return f"{at_school(things)}/entitlements"


def term_body(_: Things) -> dict[str, Any]:
    term = {"service": "X", "class": "included", "layer": "default", "source": "7", "validFrom": "2028-09-01"}
    return {"terms": [term]}


def zone_exit(things: Things) -> dict[str, Any]:
    outcome = {"schoolId": things["Lincoln"], "outcome": "reverts-to-district"}
    said = {"grounds": "school-choice", "decidedOn": "2028-10-01", "lastDay": "2029-06-30", "source": "vote"}
    return said | {"schools": [outcome]}


def dissolution(things: Things) -> dict[str, Any]:
    said = {name: value for name, value in zone_exit(things).items() if name != "schools"}
    return said | {"members": {"outcome": "reverts-to-district"}}


def waiver_body(things: Things) -> dict[str, Any]:
    return {
        "agreementId": things["agreement"],
        "clause": "5",
        "kind": "enumerated",
        "ruleId": things["policy"],
        "replacementPlan": "rubric",
        "approver": "board",
        "validFrom": "2028-07-01",
    }


def autonomy_body(things: Things) -> dict[str, Any]:
    right = {"decisionRight": "own-board", "level": "full", "schoolId": things["Lincoln"], "holderBody": "board"}
    return right | {"agreementId": things["agreement"], "clause": "4", "validFrom": "2028-07-01"}


def draft_body(things: Things) -> dict[str, Any]:
    roles = {"district": "district", "innovation-network-team": "north"}
    return {
        "instrumentId": things["instrument"],
        "instrumentVersion": things["instrument version"],
        "title": "Next",
        "parties": [{"organizationId": things[name], "role": role} for role, name in roles.items()],
        "text": text("next"),
    }


def window_body(things: Things) -> dict[str, Any]:
    return {
        "name": "Summer",
        "districtId": things["district"],
        "schoolYear": 2031,
        "opensOn": "2029-01-15",
        "closesOn": "2029-03-01",
        "takesEffectOn": "2030-07-01",
        "layer": "district-policy",
        "source": "Policy 7",
        "choices": [{"service": "X", "classes": ["included"]}],
    }


def history_body(things: Things) -> dict[str, Any]:
    return {"reason": "mended"} | json.loads(things["history"])


def instrument_body(things: Things) -> dict[str, Any]:
    return json.loads(things["document"]) | {"version": "2028"}


AGREEMENT, SCHOOL, ZONE = {"tag": at_agreement}, {"tag": at_school}, {"organization_id": "zone"}
LISTED, RUN_BY_ALL_BUT_FAR = ("Lincoln", AT_LINCOLN), EVERYBODY - {"far"}
DRY = {"query": lambda _: {"dryRun": True}}
EXPECTED: dict[str, Expected] = {
    # Organizations, buildings, calendars, instruments: who exists is public.
    "GET /v1/organizations": read(sees=("north", EVERYBODY)),
    "GET /v1/organizations/{organization_id}": read(),
    "POST /v1/organizations": Expected(STEWARDS, done=201, body=lambda _: {"name": "New", "types": ["operator"]}),
    "PATCH /v1/organizations/{organization_id}": Expected(
        OWN_STEWARDS,
        places={"organization_id": "north"},
        body=lambda _: {"name": "Northern"},
        tag=lambda things: f"/v1/organizations/{things['north']}",
    ),
    "GET /v1/organizations/{organization_id}/calendars": read(),
    "GET /v1/organizations/{organization_id}/calendars/{school_year}": read(),
    "POST /v1/organizations/{organization_id}/calendars": by_the_district(
        done=201,
        body=lambda _: {"schoolYear": 2030, "firstDay": "2029-07-01", "lastDay": "2030-06-30", "source": "board"},
    ),
    "PATCH /v1/organizations/{organization_id}/calendars/{school_year}": by_the_district(
        body=lambda _: {"source": "board, corrected"},
        tag=lambda things: f"/v1/organizations/{things['district']}/calendars/2029",
    ),
    "GET /v1/organizations/{organization_id}/deadlines.ics": read(sees=("agreement", AT_LINCOLN)),
    "GET /v1/buildings": read(sees=("building", EVERYBODY)),
    "GET /v1/buildings/{building_id}": read(),
    "GET /v1/buildings/{building_id}/history": read(),
    "POST /v1/buildings": Expected(
        STEWARDS, done=201, body=lambda things: since(name="Shed", ownerId=things["district"])
    ),
    "PATCH /v1/buildings/{building_id}": Expected(
        OWN_STEWARDS,
        body=lambda _: since(capacity=400),
        tag=lambda things: f"/v1/buildings/{things['building']}",
    ),
    "GET /v1/instruments": read(),
    "GET /v1/instruments/{instrument_id}/{version}": read(),
    "POST /v1/instruments": Expected(STEWARDS, done=201, body=instrument_body),
    # Schools.
    "GET /v1/schools": read(sees=LISTED),
    "GET /v1/schools/{school_id}": of_the_school(),
    "GET /v1/schools/{school_id}/history": of_the_school(),
    "POST /v1/schools": Expected(STEWARDS, done=201, body=lambda _: since(name="New")),
    "PATCH /v1/schools/{school_id}": stewarded(body=lambda _: since(name="Renamed"), **SCHOOL),
    "PUT /v1/schools/{school_id}/history": stewarded(body=history_body, **SCHOOL),
    "POST /v1/schools/{school_id}/aliases": stewarded(
        done=201, body=lambda _: {"system": "x", "value": "1", "validFrom": "2028-07-01"}, **SCHOOL
    ),
    "POST /v1/schools/{school_id}/assignments": stewarded(
        done=201, body=lambda things: since(organizationId=things["south"], role="support-partner"), **SCHOOL
    ),
    "POST /v1/schools/{school_id}/assignments/{assignment_id}/end": stewarded(
        body=lambda _: {"validTo": "2028-12-01"}, **SCHOOL
    ),
    "POST /v1/schools/{school_id}/buildings": stewarded(
        done=201, body=lambda things: since(buildingId=things["other building"]), **SCHOOL
    ),
    "POST /v1/schools/{school_id}/buildings/{building_id}/end": stewarded(
        body=lambda _: {"validTo": "2028-12-01"}, **SCHOOL
    ),
    "POST /v1/imports/schools": Expected(
        OWN_STEWARDS,
        frozenset({"far"}),
        unheard=422,
        query=lambda _: {"validFrom": "2028-09-01", "source": "file"},
        csv="aliasSystem,aliasValue,name\ndistrict:d,0Lincoln,Truth\n",
    ),
    "POST /v1/imports/ccd/schools": Expected(
        STEWARDS, query=lambda _: {"validFrom": "2028-09-01", "source": "file"}, csv="NCESSCH,LEAID,SCH_NAME\n"
    ),
    "POST /v1/imports/ccd/leas": Expected(
        STEWARDS, query=lambda _: {"validFrom": "2028-09-01"}, csv="LEAID,LEA_NAME\n"
    ),
    # Lineage, zones, snapshots, reporting periods, the audit trail.
    "GET /v1/schools/{school_id}/lineage": of_the_school(),
    "GET /v1/lineage-events": read(sees=("lineage", AT_LINCOLN)),
    "POST /v1/lineage-events": stewarded(
        hides="Lincoln",
        body=lambda things: (
            {"kind": "renamed", "schoolId": things["Lincoln"], "name": "X"}
            | {"effectiveOn": "2028-10-01", "source": "board"}
        ),
        **DRY,
    ),
    "POST /v1/lineage-events/{event_id}/withdrawal": stewarded(body=lambda _: {"reason": "wrong school"}),
    "GET /v1/zones/{organization_id}/exits": Expected(
        EVERYBODY, places=ZONE, sees=("exit", frozenset({"platform", "state", "district", "zone"}))
    ),
    "POST /v1/zones/{organization_id}/departures": stewarded(places=ZONE, body=zone_exit, hides="Lincoln", **DRY),
    "POST /v1/zones/{organization_id}/removals": stewarded(places=ZONE, body=zone_exit, hides="Lincoln", **DRY),
    "POST /v1/zones/{organization_id}/dissolution": Expected(OWN_STEWARDS, places=ZONE, body=dissolution, **DRY),
    "GET /v1/snapshots": read(),
    "POST /v1/snapshots": Expected(STEWARDS, done=201, body=lambda _: {"name": "Mine", "asOf": "2028-10-01"}),
    "GET /v1/snapshots/{name}/schools": read(sees=LISTED),
    "GET /v1/snapshots/{name}/changes": read(),
    "GET /v1/reporting-periods": read(sees=("lock", OWNERS)),
    "POST /v1/reporting-periods": Expected(STEWARDS, done=201, body=lambda _: {"name": "2020", "until": "2020-07-01"}),
    "GET /v1/audit": read(STEWARDS),
    "GET /v1/audit/head": read(),
    # Agreements.
    "GET /v1/agreements": read(sees=("agreement", AT_LINCOLN)),
    "GET /v1/agreements/{agreement_id}": of_the_school(),
    "GET /v1/agreements/{agreement_id}/history": of_the_school(),
    "GET /v1/agreements/{agreement_id}/in-force": of_the_school(),
    "GET /v1/agreements/{agreement_id}/approvals": of_the_school(),
    "GET /v1/agreements/{agreement_id}/requirements": of_the_school(query=lambda _: {"transition": "renew"}),
    "POST /v1/agreements": by_the_district(done=201, body=draft_body),
    "PATCH /v1/agreements/{agreement_id}": Expected(
        OWNERS,
        EVERYBODY - OWNERS,
        places={"agreement_id": "draft"},
        body=lambda _: {"title": "Other"},
        tag=lambda things: f"/v1/agreements/{things['draft']}",
    ),
    "POST /v1/agreements/{agreement_id}/transitions": owned(
        done=201, body=lambda _: facts("2028-10-01") | {"name": "open-review"}, **AGREEMENT
    ),
    "POST /v1/agreements/{agreement_id}/amendments": owned(
        done=201, body=lambda _: facts("2028-10-01") | {"text": text("amended")}, **AGREEMENT
    ),
    # Nothing is proposed: whoever may decide hears that.
    "POST /v1/agreements/{agreement_id}/amendments/{number}/adopt": owned(
        done=422, body=lambda _: facts("2028-10-01"), **AGREEMENT
    ),
    "POST /v1/agreements/{agreement_id}/amendments/{number}/reject": owned(
        done=422, body=lambda _: facts("2028-10-01"), **AGREEMENT
    ),
    # Nobody has approved it: whoever may decide hears that.
    "POST /v1/agreements/{agreement_id}/schools": owned(
        done=409, body=lambda things: facts("2028-10-01") | {"schoolId": things["Plain"]}, **AGREEMENT
    ),
    "POST /v1/agreements/{agreement_id}/schools/{school_id}/exit": owned(
        done=409, body=lambda _: facts("2028-10-01") | {"ground": "goals-met"}, hides="agreement", **AGREEMENT
    ),
    # The instrument asks for no vote: a state agency may record votes of a state's body, and hears the same.
    "POST /v1/agreements/{agreement_id}/votes": Expected(
        OWNERS | {"state"},
        STRANGERS,
        done=422,
        body=lambda _: (
            {"step": "teachers", "eligible": 1, "cast": 1, "yes": 1, "no": 0}
            | {"heldOn": "2028-10-01", "evidence": "minutes"}
        ),
    ),
    "POST /v1/agreements/{agreement_id}/acts": owned(
        done=201,
        body=lambda _: (
            {"decision": "renew", "step": "local-board", "decidedOn": "2028-10-01"}
            | {"outcome": "approved", "evidence": "minutes"}
        ),
    ),
    "POST /v1/agreements/{agreement_id}/notices": owned(
        done=201, body=lambda _: {"notice": "state-notice", "givenOn": "2028-10-01", "evidence": "letter"}
    ),
    "GET /v1/agreements/{agreement_id}/board-packet": of_the_school(),
    "GET /v1/agreements/{agreement_id}/evidence": of_the_school(),
    "GET /v1/agreements/{agreement_id}/evidence/{number}": Expected(OWN_STEWARDS, STRANGERS),
    # Deadlines. What is filed is filed: whoever may say so hears that.
    "GET /v1/deadlines": read(sees=("agreement", AT_LINCOLN)),
    "GET /v1/deadlines/on-track": read(sees=("agreement", AT_LINCOLN)),
    "GET /v1/agreements/{agreement_id}/filings": of_the_school(),
    "POST /v1/agreements/{agreement_id}/filings": Expected(
        OWN_STEWARDS,
        STRANGERS,
        done=409,
        body=lambda things: (
            {"deadline": things["deadline"], "outcome": "acknowledged"}
            | {"doneOn": "2024-05-01", "evidence": "receipt"}
        ),
    ),
    "POST /v1/agreements/{agreement_id}/filings/{filing_id}/withdraw": owned(),
    # Rules are public; waivers and autonomies belong to the school.
    "GET /v1/rules": read(sees=("policy", EVERYBODY)),
    "GET /v1/rules/{rule_id}": read(),
    "GET /v1/rules/{rule_id}/impact": read(query=lambda _: {"changedOn": "2028-10-01"}, sees=LISTED),
    "POST /v1/rules": by_the_district(
        done=201,
        body=lambda things: since(
            layer="district-policy", citation="GCL", title="GCL", organizationId=things["district"]
        ),
    ),
    "PATCH /v1/rules/{rule_id}": by_the_district(
        body=lambda _: {"validTo": "2029-07-01"}, tag=lambda things: f"/v1/rules/{things['policy']}"
    ),
    "GET /v1/waivers": read(sees=("waiver", AT_LINCOLN)),
    "GET /v1/waivers/check": of_the_school(
        hides="Lincoln", query=lambda things: {"schoolId": things["Lincoln"], "rule": things["statute"]}
    ),
    "GET /v1/waivers/impact": of_the_school(
        hides="agreement", query=lambda things: {"agreementId": things["agreement"], "on": "2029-07-01"}
    ),
    "GET /v1/waivers/matrix": read(sees=LISTED),
    "GET /v1/waivers/{waiver_id}": of_the_school(),
    "POST /v1/waivers": owned(done=201, unheard=422, hides="agreement", body=waiver_body),
    "PATCH /v1/waivers/{waiver_id}": owned(
        body=lambda _: {"validTo": "2029-07-01"}, tag=lambda things: f"/v1/waivers/{things['waiver']}"
    ),
    "GET /v1/autonomies": read(sees=("autonomy", AT_LINCOLN)),
    "GET /v1/autonomies/{autonomy_id}": of_the_school(),
    "GET /v1/schools/{school_id}/autonomies": of_the_school(),
    "POST /v1/autonomies": Expected(
        OWNERS, frozenset({"far"}), done=201, unheard=422, hides="agreement", body=autonomy_body
    ),
    "PATCH /v1/autonomies/{autonomy_id}": owned(
        body=lambda _: {"validTo": "2029-07-01"}, tag=lambda things: f"/v1/autonomies/{things['autonomy']}"
    ),
    # Services and enrollment.
    "GET /v1/schools/{school_id}/entitlements": of_the_school(),
    "GET /v1/schools/{school_id}/service-terms": of_the_school(),
    "POST /v1/schools/{school_id}/service-terms": owned(done=201, body=term_body, tag=entitlements),
    "POST /v1/schools/{school_id}/service-terms/{term_id}/end": owned(
        body=lambda _: {"validTo": "2029-07-01"}, tag=entitlements
    ),
    "GET /v1/schools/{school_id}/elections": of_the_school(),
    "POST /v1/schools/{school_id}/elections": owned(
        done=201,
        body=lambda things: (
            {"windowId": things["window"], "electedOn": "2028-10-01", "evidence": "form"}
            | {"chosen": [{"service": "SUPPLIES", "class": "opted-out-no-credit"}]}
        ),
        tag=entitlements,
    ),
    "GET /v1/election-windows": read(sees=("window", RUN_BY_ALL_BUT_FAR)),
    "GET /v1/election-windows/{window_id}": Expected(RUN_BY_ALL_BUT_FAR, frozenset({"far"})),
    "POST /v1/election-windows": by_the_district(done=201, body=window_body),
    "PATCH /v1/election-windows/{window_id}": Expected(
        OWNERS,
        frozenset({"far"}),
        body=lambda _: {"closesOn": "2029-04-01"},
        tag=lambda things: f"/v1/election-windows/{things['window']}",
    ),
    "POST /v1/service-policies": by_the_district(
        done=201,
        body=lambda things: (
            {"districtId": things["district"], "arrangement": "operator-in-district"}
            | {"validFrom": "2028-09-01", "terms": [{"service": "X", "class": "included", "source": "7"}]}
        ),
    ),
    "GET /v1/enrollment-policies": read(sees=("enrollment", AT_LINCOLN)),
    "GET /v1/enrollment-policies/type-counts": read(),
    "GET /v1/schools/{school_id}/enrollment-policies": of_the_school(),
    "GET /v1/schools/{school_id}/enrollment-policies/in-force": of_the_school(),
    "GET /v1/schools/{school_id}/enrollment-policies/{policy_id}": of_the_school(),
    "POST /v1/schools/{school_id}/enrollment-policies": owned(
        done=409,
        body=lambda _: since(policyType="district-assignment", midYearEntry="anytime"),
    ),
    "PATCH /v1/schools/{school_id}/enrollment-policies/{policy_id}": owned(
        body=lambda _: {"validTo": "2029-07-01"},
        tag=lambda things: f"{at_school(things)}/enrollment-policies/{things['enrollment']}",
    ),
    # Reports.
    "GET /v1/reports/portfolio": read(sees=LISTED),
    "GET /v1/reports/portfolio/counts": read(),
    "GET /v1/reports/expirations": read(sees=("agreement", AT_LINCOLN)),
    "GET /v1/reports/votes": read(sees=("agreement", AT_LINCOLN)),
    "GET /v1/reports/data-quality": read(),
    "GET /v1/reports/data-quality/scorecard": read(),
}
UNSEEN = {
    "state": {"draft of north", "draft of south", "draft"},
    "zone": {"draft of north", "draft of south", "draft", "Alone"},
    "sponsor": {"draft of north", "draft of south", "draft", "Alone", "exit"},
    "north": {"draft of south", "draft", "Alone", "exit"},
    "south": {"draft of north", "draft", "Lincoln", "agreement", "waiver", "autonomy", "lineage", "exit", "enrollment"},
    "former": {"draft of north", "draft of south", "draft", "Lincoln", "agreement", "waiver", "autonomy", "lineage"},
    "far": {"draft of north", "draft of south", "draft", "Lincoln", "Alone", "agreement", "waiver", "exit", "lock"},
}
"""What no answer whatever may name to whom today."""


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
