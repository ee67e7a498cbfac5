"""Accountability with two schools of a district and a small framework."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from accountability import directory
from accountability.app import create_app
from contracts.event import Envelope, Event
from contracts.registry import OrganizationChanged, SchoolChanged, SchoolFacts
from contracts.vocabulary import Alias

from tests.conftest import ROOT, Service

ALL = (
    "measures:read",
    "measures:write",
    "frameworks:read",
    "frameworks:write",
    "ratings:run",
    "ratings:read",
    "ratings:preview",
    "ratings:publish",
)

FRAMEWORK: dict[str, Any] = {
    "id": "small",
    "version": "1",
    "title": "Small policy",
    "owner": "District",
    "school_years": [2019],
    "data_year_lag": 1,
    "sources": ["test"],
    "not_rated": "Not Rated",
    "scale": [{"label": "Good", "at_least": 3}, {"label": "Poor", "at_least": 0}],
    "indicators": {
        "growth": {"title": "Growth", "minimum_n": 10},
        "attendance": {"title": "Attendance"},
        "survey": {"title": "Survey", "kind": "category", "categories": ["Strong", "Weak"]},
    },
    "tables": {"rate": {"otherwise": 1, "cuts": [{"value": 90, "points": 5}, {"value": 50, "points": 3}]}},
    "nodes": {
        "growth_points": {"kind": "points", "indicator": "growth", "cuts": "rate", "source": "s1"},
        "attendance_points": {"kind": "points", "indicator": "attendance", "cuts": "rate", "source": "s2"},
        "score": {
            "kind": "weighted",
            "weights": {"growth_points": 60, "attendance_points": 40},
            "required": ["growth_points"],
            "reassign": [{"missing": ["attendance_points"], "shares": {"growth_points": 1}}],
            "source": "s3",
        },
        "total": {"kind": "round", "input": "score", "digits": 1, "source": "s4"},
        "rating": {"kind": "band", "input": "total", "source": "s5"},
    },
    "result": {"score": "total", "rating": "rating"},
}

MEASURES = "school,indicator,value,n\n01,growth,95,100\n01,attendance,80,100\n02,growth,40,9\n02,attendance,99,100\n"


def envelope(event: Event, sequence: int = 1) -> Envelope:
    """An event as it comes over the stream."""
    return Envelope(
        id=uuid4(),
        source="/registry",
        type=event.type(),
        subject=event.subject(),
        time=datetime(2025, 1, 1, tzinfo=UTC),
        sequence=sequence,
        changeversion=sequence,
        data={},
    )


def school(key: str, version: int = 1, name: str = "") -> SchoolChanged:
    """A school as the registry says it."""
    facts = SchoolFacts(
        valid_from=date(2018, 7, 1),
        name=name or f"School {key}",
        school_type="regular",
        operational_status="active",
        arrangement="traditional",
        chartered=False,
        source="test",
    )
    alias = Alias(system="d", value=key, valid_from=date(2018, 7, 1))
    return SchoolChanged(id=UUID(int=int(key)), version=version, facts=[facts], aliases=[alias])


class Accountability:
    """Accountability under test."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.platform = service.client(*ALL)
        self.operator_id = uuid4()

    async def hear(self, event: Event) -> None:
        """Apply an event."""
        keep: Any = directory.keep_school if isinstance(event, SchoolChanged) else directory.keep_organization
        async with self.service.app.state.database.transaction() as session:
            await keep(session, event, envelope(event))

    async def load(self, body: str | bytes = MEASURES, media_type: str = "text/csv", **query: Any) -> Any:
        """Send a file of measures."""
        params = {"schoolYear": 2019, "dataYear": 2018, "aliasSystem": "d", "source": "test"} | query
        return await self.platform.post(
            "/v1/measures/imports", content=body, params=params, headers={"content-type": media_type}
        )

    async def run(self, **changes: Any) -> Any:
        """Run the small framework."""
        body = {"framework": "small", "version": "1", "schoolYear": 2019} | changes
        return await self.platform.post("/v1/runs", json=body)

    async def publish(self, run: Any, reason: str | None = None) -> Any:
        """Publish a run."""
        return await self.platform.post(f"/v1/runs/{run.json()['id']}/publication", json={"reason": reason})


@pytest.fixture(scope="module")
async def service(service_of: Callable[..., Any]) -> AsyncIterator[Service]:
    """Accountability of which nothing is known: one for a module."""
    async with service_of("accountability", create_app) as started:
        yield started


@pytest.fixture
async def district(service: Service) -> Any:
    """Two schools of a district, the second autonomous."""
    from tests.accountability.districts import District

    made = District(service)
    await made.open("own", "free")
    await made.agree("free")
    return made


@pytest.fixture
async def accountability(service_of: Callable[..., Any]) -> AsyncIterator[Accountability]:
    async with service_of("accountability", create_app) as service:
        started = Accountability(service)
        for key in ("01", "02"):
            await started.hear(school(key))
        await started.hear(OrganizationChanged(id=started.operator_id, version=1, name="North", types=["operator"]))
        answer = await started.platform.post("/v1/frameworks", json=FRAMEWORK)
        assert answer.status_code == 201, answer.text
        yield started


@pytest.fixture(scope="module")
async def authors(service_of: Callable[..., Any]) -> AsyncIterator[Any]:
    """Accountability with those who write frameworks: one for a module, a framework for each test."""
    from tests.accountability.authoring import authors_of

    async with authors_of(service_of, create_app) as found:
        yield found


@pytest.fixture(scope="module")
async def lives(service_of: Callable[..., Any]) -> AsyncIterator[Any]:
    """Accountability with all who have a part in a rating's life: one for a module, a framework for each test."""
    from tests.accountability.lives import told

    async with service_of("accountability", create_app) as service, told(service) as everybody:
        yield everybody


LIBRARY = ROOT / "library"
