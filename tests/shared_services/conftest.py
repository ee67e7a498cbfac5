"""Shared services with two districts, their operators and schools, and the catalogue of one district."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from contracts.event import Envelope, Event
from contracts.registry import Assignment, EntitlementsChanged, OrganizationChanged, SchoolChanged, SchoolFacts
from kit.tables import idempotency_key, journal
from shared_services.app import create_app
from shared_services.reactions import REACTIONS
from shared_services.rows import Row
from shared_services.settings import Settings
from sqlalchemy import delete, select, text

from tests.conftest import Service

ALL = (
    "charges:read",
    "charges:write",
    "catalog:read",
    "catalog:write",
    "requests:read",
    "requests:write",
    "requests:manage",
)
MORNING = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
"""The present of these tests: nine o'clock in Chicago."""

FIELD_TRIP: dict[str, Any] = {
    "code": "TRN-FIELD-TRIP",
    "name": "Field trip by bus",
    "category": "transportation",
    "department": "Student transportation",
    "entitledArrangements": ["traditional", "contracted-manager"],
    "entitlementSource": "Services handbook, 4.2",
    "leadTimeHours": 48,
    "validFrom": "2020-07-01",
}
HVAC = FIELD_TRIP | {
    "code": "MNT-HVAC",
    "name": "Heating and cooling",
    "category": "maintenance",
    "department": "Facilities",
    "entitlementSource": "Services handbook, 7.1",
    "leadTimeHours": 0,
}
EVENT_CLEANING = HVAC | {
    "code": "MNT-EVENT",
    "name": "Custodial work at an event",
    "kind": "custodial-event",
    "price": {"model": "per-hour", "cents": 4250},
}
GRANT: dict[str, Any] = {
    "service": "MNT-EVENT",
    "class": "opted-out-with-credit",
    "layer": "agreement",
    "source": "Agreement, exhibit B",
    "validFrom": "2026-07-01",
}
"""What the registry lays down of a service, unless a test says otherwise."""
GAS_LEAK = HVAC | {"code": "MNT-GAS-LEAK", "name": "Smell of gas", "hazard": True, "entitledArrangements": []}


def envelope(event: Event) -> Envelope:
    """An event as it comes over the stream."""
    return Envelope(
        id=uuid4(),
        source="/registry",
        type=event.type(),
        subject=event.subject(),
        time=MORNING,
        sequence=1,
        changeversion=1,
        data={},
    )


def facts(name: str, start: str = "2018-07-01", end: str | None = None, **more: Any) -> SchoolFacts:
    """What is true of a school during a period."""
    plain = {"school_type": "regular", "operational_status": "active", "arrangement": "contracted-manager"}
    return SchoolFacts.model_validate(
        {"name": name, "valid_from": start, "valid_to": end, "chartered": False, "source": "Board report 1"}
        | plain
        | more
    )


def held(organization_id: UUID, role: str, start: str = "2018-07-01", end: str | None = None) -> Assignment:
    """A role at a school during a period."""
    return Assignment.model_validate(
        {"organization_id": organization_id, "role": role, "valid_from": start, "valid_to": end, "source": "test"}
    )


class Cast:
    """Shared services under test, and everybody in it by a short name."""

    def __init__(self, service: Service) -> None:
        self.service, self.now, self.granted = service, MORNING, 0
        service.app.state.clock = lambda: self.now
        self.platform = service.client(*ALL)
        self.ids: dict[str, UUID] = {}
        self.clients: dict[str, httpx2.AsyncClient] = {}

    async def hear(self, event: Event) -> None:
        """Apply an event of the registry."""
        async with self.service.app.state.database.transaction() as session:
            await REACTIONS[type(event)](session, event, envelope(event))

    async def organization(self, name: str, kind: str, zone: str | None = None) -> None:
        """Let an organization be known."""
        self.ids[name] = uuid4()
        self.clients[name] = self.service.client(*ALL, organization_id=self.ids[name], client_id=name)
        await self.hear(OrganizationChanged(id=self.ids[name], version=1, name=name, types=[kind], time_zone=zone))

    async def school(self, name: str, operator: str | None = None, district: str = "district", **more: Any) -> UUID:
        """Let a school be known that an operator runs for a district."""
        self.ids[name] = uuid4()
        roles = [held(self.ids[district], "accountable-lea")]
        roles += [held(self.ids[operator], "operator")] if operator else []
        said = {"id": self.ids[name], "version": 1, "facts": [facts(name)], "assignments": roles} | more
        await self.hear(SchoolChanged(**said))
        return self.ids[name]

    async def grant(self, school: str, *terms: dict[str, Any]) -> None:
        """Let the registry lay down what a school may have; each time all of it."""
        self.granted += 1
        services = [GRANT | term for term in terms]
        event = {"id": self.ids[school], "version": self.granted, "services": services}
        await self.hear(EntitlementsChanged.model_validate(event))

    async def offer(self, terms: dict[str, Any], district: str = "district") -> dict[str, Any]:
        """Add to a district's catalogue."""
        answer = await self.clients[district].post(
            "/v1/offerings", json=terms | {"districtId": str(self.ids[district])}
        )
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def body(self, school: str, offering: str = "MNT-HVAC", **more: Any) -> dict[str, Any]:
        """A request's body."""
        return {"schoolId": str(self.ids[school]), "offering": offering, "description": "Room 12 is cold"} | more

    async def submit(self, who: str, school: str, offering: str = "MNT-HVAC", **more: Any) -> dict[str, Any]:
        """Submit a request, which is taken."""
        answer = await self.clients[who].post("/v1/requests", json=self.body(school, offering, **more))
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def move(self, who: str, request: dict[str, Any], to: str, **more: Any) -> httpx2.Response:
        """Take a step with the request as it was last read."""
        url, tag = f"/v1/requests/{request['id']}/transitions", f'"{request["version"]}"'
        return await self.clients[who].post(url, json={"to": to} | more, headers={"if-match": tag})

    async def said(self) -> list[Any]:
        """The journal's rows, the oldest first."""
        async with self.service.app.state.database.snapshot() as session:
            return list((await session.execute(select(journal).order_by(journal.c.id))).all())


@pytest.fixture(scope="session")
async def service(service_of: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    """Shared services on a database that each test finds empty."""
    files = tmp_path_factory.mktemp("attachments")
    async with service_of("shared_services", create_app, settings=Settings, attachment_folder=files) as service:
        yield service


@pytest.fixture
async def cast(service: Service) -> Cast:
    """The cast of a test."""
    await _empty(service)
    cast = Cast(service)
    await cast.organization("district", "district", "America/Chicago")
    await cast.organization("elsewhere", "district", "America/New_York")
    await cast.organization("north", "operator")
    await cast.organization("south", "operator")
    await cast.organization("charters", "operator")
    await cast.organization("state", "state-agency")
    cast.clients["platform"] = cast.platform
    await cast.school("Orr", "north")
    await cast.school("Mann", "south")
    await cast.school("Public", facts=[facts("Public", arrangement="traditional")])
    await cast.school("Charter", "charters", facts=[facts("Charter", arrangement="independent-charter")])
    for terms in (FIELD_TRIP, HVAC, GAS_LEAK):
        await cast.offer(terms)
    return cast


async def _empty(service: Service) -> None:
    async with service.app.state.database.transaction() as session:
        # The ledger itself refuses to forget a line.
        await session.execute(text("set local session_replication_role = replica"))
        for table in (*reversed(Row.metadata.sorted_tables), journal, idempotency_key):
            await session.execute(delete(table))


def errors(answer: httpx2.Response) -> dict[str, str]:
    """The rules that a refused body breaks, by field."""
    assert answer.status_code == 422, answer.text
    return {error["field"]: error["rule"] for error in answer.json()["errors"]}
