"""The registry with a district, two operators and a state agency."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx2
import pytest
from registry.app import create_app

from tests.conftest import Service

ALL = ("registry:read", "registry:write")


class Registry:
    """The registry under test and its cast."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.platform = service.client(*ALL)
        self.ids: dict[str, UUID] = {}

    async def organization(self, name: str, kind: str, **more: Any) -> UUID:
        """Register an organization, with its short name as its alias in the system `test`."""
        alias = {"system": "test", "value": name, "validFrom": "2000-01-01"}
        body = {"name": name, "types": [kind], "aliases": [alias], **more}
        answer = await self.platform.post("/v1/organizations", json=body)
        assert answer.status_code == 201, answer.text
        self.ids[name] = UUID(answer.json()["id"])
        return self.ids[name]

    def as_(self, name: str, *scopes: str) -> httpx2.AsyncClient:
        """A client of an organization of the cast."""
        return self.service.client(*(scopes or ALL), organization_id=self.ids[name])

    async def school(self, name: str = "Lincoln", **more: Any) -> dict[str, Any]:
        """Open a school of the district."""
        body = {
            "name": name,
            "validFrom": "2018-07-01",
            "source": "test",
            "aliases": [{"system": "district:d", "value": f"0{name}", "validFrom": "2018-07-01"}],
            "assignments": [self.held("district", "accountable-lea")],
        }
        answer = await self.platform.post("/v1/schools", json=body | more)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def held(self, name: str, role: str, start: str = "2018-07-01", end: str | None = None) -> dict[str, Any]:
        """An assignment's body."""
        return {
            "organizationId": str(self.ids[name]),
            "role": role,
            "validFrom": start,
            "validTo": end,
            "source": "test",
        }


@asynccontextmanager
async def opened(service_of: Callable[..., Any]) -> AsyncIterator[Registry]:
    """A registry on a fresh database, with its cast."""
    async with service_of("registry", create_app) as service:
        cast = Registry(service)
        await cast.organization("district", "district", timeZone="America/Chicago")
        await cast.organization("north", "operator")
        await cast.organization("south", "operator")
        await cast.organization("state", "state-agency")
        yield cast


@pytest.fixture
async def registry(service_of: Callable[..., Any]) -> AsyncIterator[Registry]:
    async with opened(service_of) as cast:
        yield cast
