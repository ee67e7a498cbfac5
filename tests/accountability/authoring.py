"""Those who write frameworks, and a small one for each test: of its own name, for years that no other test uses."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy
from datetime import date
from itertools import count
from typing import Any
from uuid import UUID

from accountability import directory
from contracts.event import Event
from contracts.registry import Assignment, OrganizationChanged, SchoolChanged
from httpx2 import AsyncClient, Response

from tests.accountability.conftest import ALL, FRAMEWORK, envelope, school
from tests.conftest import Service

ORGANIZATIONS = {
    "state-agency": UUID(int=901),
    "district": UUID(int=902),
    "zone": UUID(int=903),
    "operator": UUID(int=904),
}


def address(document: dict[str, Any]) -> str:
    """Where a version of a framework is."""
    return f"/v1/frameworks/{document['id']}/{document['version']}"


def statuses(answer: Any) -> dict[int, str]:
    """What a version is in each year."""
    return {year["schoolYear"]: year["status"] for year in answer.json()["years"]}


class Authors:
    """Accountability, and clients of the platform and of an organization of each type."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.platform = service.client(*ALL)
        self.of = {kind: service.client(*ALL, organization_id=one) for kind, one in ORGANIZATIONS.items()}
        self.district = self.of["district"]
        self._years, self._names = count(1910, 5), count()

    def years(self) -> tuple[int, int]:
        """Two rating years that follow each other, of which no other test has asked."""
        first = next(self._years)
        return first, first + 1

    async def hear(self, event: Event) -> None:
        """Apply an event of the registry."""
        keep: Any = directory.keep_school if isinstance(event, SchoolChanged) else directory.keep_organization
        async with self.service.app.state.database.transaction() as session:
            await keep(session, event, envelope(event))

    def document(self, *school_years: int, **changes: Any) -> dict[str, Any]:
        """The small framework under a new name, for these years."""
        name = f"small-{next(self._names)}"
        return deepcopy(FRAMEWORK) | {"id": name, "school_years": list(school_years)} | changes

    async def draft(self, document: dict[str, Any], client: AsyncClient | None = None, **headers: str) -> Response:
        """Keep a draft."""
        return await (client or self.district).put(address(document), json=document, headers=headers)

    async def move(
        self, document: dict[str, Any], name: str, client: AsyncClient | None = None, **body: Any
    ) -> Response:
        """Take a step with a version, as it is now."""
        client = client or self.district
        path = f"/v1/frameworks/{document['id']}/{document['version']}"
        tag = (await client.get(path)).headers["etag"]
        return await client.post(f"{path}/transitions", json={"name": name} | body, headers={"If-Match": tag})

    async def active(self, *school_years: int, **changes: Any) -> dict[str, Any]:
        """A framework that the district has registered ready to run."""
        document = self.document(*school_years, **changes)
        answer = await self.district.post("/v1/frameworks", json=document)
        assert answer.status_code == 201, answer.text
        return document

    async def load(self, school_year: int, rows: str, **query: Any) -> Response:
        """Load rows of measures as the state, the header with them; the figures are of the year before."""
        params = {"schoolYear": school_year, "dataYear": school_year - 1, "aliasSystem": "d", "source": "test"} | query
        return await self.of["state-agency"].post(
            "/v1/measures/imports", content=rows, params=params, headers={"content-type": "text/csv"}
        )

    async def run(self, document: dict[str, Any], school_year: int, **changes: Any) -> Response:
        """Run a version for a year."""
        body = {"framework": document["id"], "version": document["version"], "schoolYear": school_year}
        return await self.district.post("/v1/runs", json=body | changes)


def of_the_district(key: str) -> SchoolChanged:
    """A school for which the district answers."""
    district = ORGANIZATIONS["district"]
    lea = Assignment(organization_id=district, role="accountable-lea", valid_from=date(2018, 7, 1), source="test")
    return school(key).model_copy(update={"assignments": [lea]})


@asynccontextmanager
async def authors_of(service_of: Any, create_app: Any) -> AsyncIterator[Authors]:
    """Authors at a service that has heard of them, of two schools of the district, and of one of another."""
    async with service_of("accountability", create_app) as service:
        authors = Authors(service)
        for kind, one in ORGANIZATIONS.items():
            await authors.hear(OrganizationChanged(id=one, version=1, name=kind, types=[kind]))
        lea = Assignment(
            organization_id=ORGANIZATIONS["district"],
            role="accountable-lea",
            valid_from=date(2018, 7, 1),
            source="test",
        )
        for key in ("01", "02"):
            await authors.hear(school(key).model_copy(update={"assignments": [lea]}))
        await authors.hear(school("03", name="Another district's"))
        yield authors
