"""Our copy of the registry: kept by version, heard over the stream, rebuilt from it alone."""

from collections.abc import Callable
from typing import Any

import registry.app
from contracts.registry import SchoolChanged
from shared_services.app import create_app
from shared_services.directory import PROJECTION
from sqlalchemy import delete

from tests.conftest import Service
from tests.kit.conftest import eventually
from tests.shared_services.conftest import ALL, HVAC, Cast, facts, held

REGISTRY = ("registry:read", "registry:write")


async def test_an_older_or_repeated_event_changes_nothing(cast: Cast) -> None:
    lea = held(cast.ids["district"], "accountable-lea")

    async def say(version: int, name: str, operator: str) -> None:
        roles = [lea, held(cast.ids[operator], "operator")]
        await cast.hear(SchoolChanged(id=cast.ids["Orr"], version=version, facts=[facts(name)], assignments=roles))

    await say(3, "Newest", "south")
    await say(2, "Late", "north")
    await say(3, "Again", "north")
    made = await cast.submit("south", "Orr")
    refused = await cast.clients["north"].post("/v1/requests", json=cast.body("Orr"))
    assert (made["schoolName"], refused.status_code) == ("Newest", 422)


async def test_a_request_shows_the_name_of_its_service_date(cast: Cast) -> None:
    names = [facts("Old", "2018-07-01", "2027-01-01"), facts("New", "2027-01-01")]
    await cast.school("Renamed", "north", facts=names)
    made = [await cast.submit("north", "Renamed", serviceDate=day) for day in ("2026-12-31", "2027-01-01")]
    assert [one["schoolName"] for one in made] == ["Old", "New"]


async def test_a_requester_reads_its_requests_while_our_copy_is_empty(cast: Cast) -> None:
    made = await cast.submit("north", "Orr")
    async with cast.service.app.state.database.transaction() as session:
        for table in PROJECTION:
            await session.execute(delete(table))
    read = await cast.clients["north"].get(f"/v1/requests/{made['id']}")
    assert read.json() == made | {"schoolName": None}


class Pair:
    """A running registry with a district, an operator and its school, and shared services beside it."""

    def __init__(self, registry: Service) -> None:
        self.registry = registry.client(*REGISTRY)

    async def prepare(self) -> None:
        """Register the organizations and the school."""
        self.district = await self.post("organizations", types=["district"], name="D", timeZone="America/Chicago")
        self.operator = await self.post("organizations", types=["operator"], name="O")
        roles = [
            {"organizationId": one["id"], "role": role, "validFrom": "2018-07-01", "source": "test"}
            for one, role in ((self.district, "accountable-lea"), (self.operator, "operator"))
        ]
        self.school = await self.post("schools", name="Before", validFrom="2018-07-01", source="t", assignments=roles)

    async def post(self, what: str, **body: Any) -> dict[str, Any]:
        """Register something."""
        answer = await self.registry.post(f"/v1/{what}", json=body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def entitlement(self, service: Service) -> Any:
        """What shared services says of the school; None if it does not know it."""
        query = {"schoolId": self.school["id"], "offering": "MNT-HVAC", "serviceDate": "2027-01-15"}
        operator = service.client(*ALL, organization_id=self.operator["id"])
        answer = await operator.get("/v1/entitlements", params=query)
        return answer.json() if answer.status_code == 200 else None


async def test_a_school_renamed_in_the_registry_is_renamed_here(
    service_of: Callable[..., Any],
) -> None:
    async with (
        service_of("registry", registry.app.create_app, running=True) as source,
        service_of("shared_services", create_app, running=True) as service,
    ):
        pair = Pair(source)
        await pair.prepare()

        async def known() -> bool:
            return await pair.entitlement(service) is not None

        async def renamed() -> bool:
            return bool((await pair.entitlement(service))["facts"]["schoolName"] == "After")

        await eventually(known)
        patch = {"name": "After", "validFrom": "2026-07-01", "source": "Board report 2"}
        url, tag = f"/v1/schools/{pair.school['id']}", {"if-match": '"1"'}
        assert (await pair.registry.patch(url, json=patch, headers=tag)).status_code == 200
        await eventually(renamed)


async def test_an_emptied_copy_comes_back_from_the_stream_alone(
    service_of: Callable[..., Any], database_of: Callable[[str], str]
) -> None:
    ours = database_of("shared_services")
    async with service_of("registry", registry.app.create_app, running=True) as source:
        pair = Pair(source)
        await pair.prepare()
        async with service_of("shared_services", create_app, running=True, database_url=ours) as service:

            async def known() -> bool:
                said = await pair.entitlement(service)
                return said is not None and bool(said["facts"]["accountableDistrictId"])

            await eventually(known)
            offered = HVAC | {"districtId": pair.district["id"], "entitledArrangements": ["traditional"]}
            await service.client(*ALL).post("/v1/offerings", json=offered)
            before = await pair.entitlement(service)
            assert before["entitled"]
    # The registry is down from here on: only the stream can tell.
    async with service_of("shared_services", create_app, database_url=ours) as service:
        async with service.app.state.database.transaction() as session:
            for table in PROJECTION:
                await session.execute(delete(table))
        await service.app.state.stream.forget("registry", "shared-services")
        await service.app.state.stream.close()
        assert await pair.entitlement(service) is None
    async with service_of("shared_services", create_app, running=True, database_url=ours) as service:

        async def back() -> bool:
            return bool(await pair.entitlement(service) == before)

        await eventually(back)
