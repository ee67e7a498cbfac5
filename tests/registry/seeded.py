"""A district that has something of everything, for tests that only read: built once, through the public API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.registry.conftest import Registry, opened
from tests.registry.governing import lay_down, rule, term, waiver
from tests.registry.journeys import Journey, at, done, executed_network_agreement

TODAY = "2028-10-02"
GRADES = {"gradeLow": "KG", "gradeHigh": "08"}


class District(Registry):
    """The cast of `Registry`, and what happened to it."""

    agreement: Journey
    schools: dict[str, str]


async def open_(registry: Registry, name: str, arrangement: str, *roles: dict[str, Any], **more: Any) -> str:
    """A school of the district that is run in some way."""
    assignments = [registry.held("district", "accountable-lea"), *roles]
    said = {"arrangement": arrangement, "assignments": assignments, **GRADES}
    return str((await registry.school(name, **(said | more)))["id"])


@asynccontextmanager
async def seeded_district(service_of: Any) -> AsyncIterator[District]:
    """Today is 2028-10-02. `Lincoln` is run by the operator `north` under an agreement that ends in June 2029."""
    async with opened(service_of) as registry:
        cast = District(registry.service)
        cast.ids = registry.ids
        cast.agreement = await executed_network_agreement(cast, title="=Network", noticeBy="2029-01-31")
        lincoln = (await cast.agreement.show())["schools"][0]["schoolId"]
        north, south = cast.held("north", "operator", "2024-07-01"), cast.held("south", "operator")
        body = north | {"source": "the agreement"}
        tag = {"if-match": '"1"'}
        done(await cast.platform.post(f"/v1/schools/{lincoln}/assignments", json=body, headers=tag))
        run = {"validFrom": "2024-07-01", "source": "the agreement", "arrangement": "operator-in-district", **GRADES}
        done(await cast.platform.patch(f"/v1/schools/{lincoln}", json=run, headers={"if-match": '"2"'}))
        cast.schools = {
            "Lincoln": lincoln,
            "Plain": await open_(cast, "Plain", "traditional"),
            "Alone": await open_(cast, "Alone", "independent-charter", south, chartered=True),
            "Both": await open_(cast, "Both", "innovation-charter", south, chartered=True),
            "System": await open_(cast, "System", "charter-system", chartered=True),
            "Gone": await open_(cast, "Gone", "traditional", operationalStatus="closed"),
        }
        statute = await rule(cast, "IC 20-28")
        await waiver(cast, cast.agreement.id, statute, validFrom="2024-07-01")
        service_term = term("MNT-HVAC", "opted-in", "agreement", agreementId=cast.agreement.id, validFrom="2024-07-01")
        default = term("MNT-HVAC", "included", "default")
        await lay_down(cast, lincoln, service_term, default)
        at(cast, TODAY)
        yield cast
