"""Everybody who may knock at the registry's door, and a district in which each of them has or had something to do.

Lincoln is run by `north` since July 2024 and was run by `former` before; `zone` governs it and `sponsor` authorizes it.
`south` runs another school of the same district, `far` is another district.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from tests.registry.governing import policy
from tests.registry.journeys import Journey, done, draft
from tests.registry.owing import file, owed
from tests.registry.seeded import District, seeded_district

ROLES = ("platform", "state", "district", "zone", "north", "former", "south", "sponsor", "far")
EVERYBODY = frozenset(ROLES)
AT_LINCOLN = frozenset({"platform", "state", "district", "zone", "north", "sponsor"})
"""Whoever has to do with Lincoln today; they read its agreement, too."""

STRANGERS = EVERYBODY - AT_LINCOLN
STEWARDS = frozenset({"platform", "state", "district", "far"})
OWN_STEWARDS = STEWARDS - {"far"}
OWNERS = frozenset({"platform", "district"})
NOBODY: frozenset[str] = frozenset()


class World(District):
    """The district and the ids of what is in it, by short names."""

    things: dict[str, str]
    clients: dict[str, httpx2.AsyncClient]
    tags: dict[str, dict[str, str]]

    async def tag(self, path: str) -> dict[str, str]:
        """The header that a change of what is at `path` needs; asked for once, where nothing is kept."""
        if path not in self.tags:
            self.tags[path] = await tag_of(self.platform, path)
        return self.tags[path]


@asynccontextmanager
async def peopled_district(service_of: Any) -> AsyncIterator[World]:
    """The seeded district with all the roles; of each kind of thing there is one."""
    async with seeded_district(service_of) as seeded:
        world = World(seeded.service)
        world.ids, world.schools, world.agreement = seeded.ids, seeded.schools, seeded.agreement
        kinds = {"zone": "zone", "former": "operator", "sponsor": "authorizer", "far": "district"}
        for name, kind in kinds.items():
            await world.organization(name, kind, timeZone="America/Chicago")
        world.tags = {}
        world.clients = {name: world.as_(name) for name in ROLES if name != "platform"}
        world.clients["platform"] = world.platform
        world.things = {**world.schools, **{name: str(value) for name, value in world.ids.items()}}
        world.things["agreement"] = world.agreement.id
        await _take_part(world)
        await _decide(world)
        await _lay_down(world)
        yield world


async def tag_of(client: httpx2.AsyncClient, path: str) -> dict[str, str]:
    """The header that a change of what is at `path` needs."""
    return {"if-match": (await client.get(path)).headers["etag"]}


async def _take_part(world: World) -> None:
    """Who has which role where; what building there is, and what happened to the school."""
    platform, school = world.platform, f"/v1/schools/{world.schools['Lincoln']}"
    roles = [
        world.held("former", "operator", "2018-07-01", "2024-07-01"),
        world.held("zone", "zone", "2024-07-01"),
        world.held("sponsor", "authorizer", "2024-07-01"),
    ]
    for role in roles:
        done(await platform.post(f"{school}/assignments", json=role, headers=await tag_of(platform, school)))
    deed = {"name": "Mill", "ownerId": world.things["district"], "validFrom": "2018-07-01", "source": "deed"}
    world.things["building"] = done(await platform.post("/v1/buildings", json=deed))["id"]
    there = {"buildingId": world.things["building"], "validFrom": "2020-07-01", "source": "lease"}
    done(await platform.post(f"{school}/buildings", json=there, headers=await tag_of(platform, school)))
    shown = done(await platform.get(school))
    world.things["assignment"] = next(each["id"] for each in shown["assignments"] if each["role"] == "authorizer")
    happened = {"kind": "grade-span-changed", "schoolId": world.schools["Lincoln"], "source": "board"}
    happened |= {"gradeLow": "KG", "gradeHigh": "05", "effectiveOn": "2028-08-01"}
    report = done(await platform.post("/v1/lineage-events", json=happened))
    world.things["lineage"] = report["event"]["id"]
    plain = f"/v1/schools/{world.schools['Plain']}"
    in_zone = world.held("zone", "zone", "2020-07-01")
    done(await platform.post(f"{plain}/assignments", json=in_zone, headers=await tag_of(platform, plain)))
    exit_ = leaving(world, "Plain", "2026-06-30")
    path = f"/v1/zones/{world.things['zone']}/departures"
    seen = done(await platform.post(path, json=exit_, params={"dryRun": True}))
    report = done(await platform.post(path, json=exit_, params={"confirm": seen["digest"]}))
    world.things["exit"] = report["exit"]["id"]


def leaving(world: World, school: str, last_day: str) -> dict[str, Any]:
    """A school that leaves the zone."""
    outcome = {"schoolId": world.schools[school], "outcome": "reverts-to-district"}
    return {
        "grounds": "school-choice",
        "decidedOn": "2026-01-01",
        "lastDay": last_day,
        "source": "vote",
        "schools": [outcome],
    }


async def _decide(world: World) -> None:
    """A decision with its evidence, and drafts: one of each operator, and one that nobody has seen."""
    agreement, client = world.agreement, world.clients["district"]
    notice = {"notice": "state-notice", "givenOn": "2024-04-01", "evidence": "letter"}
    done(await client.post(f"{agreement.url}/notices", json=notice))
    await agreement.move("notice-non-renewal", "2028-09-01")
    await agreement.move("rescind-notice", "2028-09-15")
    world.things["evidence"] = str((await agreement.show("/evidence"))["items"][0]["number"])
    keys = await owed(world, "2028-10-02", agreementId=agreement.id)
    world.things["deadline"] = next(key for key in keys if "state-notice" in key and "end" not in key)
    filed = await file(agreement, deadline=world.things["deadline"], outcome="acknowledged", doneOn="2024-05-01")
    world.things["filing"] = done(filed)["id"]
    for operator in ("north", "south"):
        journey = await _draft(world, operator)
        await journey.move("submit", "2028-09-01")
        world.things[f"draft of {operator}"] = journey.id
    world.things["draft"] = (await _draft(world, "north")).id
    waivers = done(await client.get("/v1/waivers"))["items"]
    world.things |= {"waiver": waivers[0]["id"], "statute": waivers[0]["ruleId"]}


async def _draft(world: World, operator: str) -> Journey:
    parties = {"district": "district", "innovation-network-team": operator}
    return await draft(world, "in-innovation-network-agreement", "2014", parties, termTo="2034-07-01")


async def _lay_down(world: World) -> None:
    """What is laid down for the school and by the district."""
    client, lincoln = world.clients["district"], world.schools["Lincoln"]
    world.things["policy"] = await policy(world)
    right = {"decisionRight": "day-length", "level": "full", "schoolId": lincoln, "holderBody": "council"}
    right |= {"agreementId": world.agreement.id, "clause": "4", "validFrom": "2024-07-01"}
    world.things["autonomy"] = done(await client.post("/v1/autonomies", json=right))["id"]
    terms = done(await client.get(f"/v1/schools/{lincoln}/service-terms"))["items"]
    world.things["term"] = next(each["id"] for each in terms if each["layer"] == "default")
    choices = [{"service": "SUPPLIES", "classes": ["included", "opted-out-no-credit"]}]
    window = {
        "name": "Winter",
        "districtId": world.things["district"],
        "schoolYear": 2030,
        "opensOn": "2028-09-15",
        "closesOn": "2029-03-01",
        "takesEffectOn": "2029-07-01",
        "layer": "district-policy",
        "source": "Policy 7",
        "choices": choices,
    }
    world.things["window"] = done(await client.post("/v1/election-windows", json=window))["id"]
    plan = {"policyType": "district-assignment", "midYearEntry": "anytime", "source": "Plan", "validFrom": "2024-07-01"}
    path = f"/v1/schools/{lincoln}/enrollment-policies"
    world.things["enrollment"] = done(await client.post(path, json=plan))["id"]
    year = {"schoolYear": 2029, "firstDay": "2028-07-01", "lastDay": "2029-06-30", "source": "board"}
    done(await client.post(f"/v1/organizations/{world.things['district']}/calendars", json=year))
    done(await world.platform.post("/v1/snapshots", json={"name": "October", "asOf": "2028-10-01"}))
    lock = done(await client.post("/v1/reporting-periods", json={"name": "2019", "until": "2019-07-01"}))
    world.things["lock"] = lock["id"]
