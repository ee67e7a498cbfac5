"""A district of its own for each test: schools, agreements that make some autonomous, and published ratings."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID, uuid5

from accountability.reactions import REACTIONS
from contracts.event import Event
from contracts.registry import (
    AgreementChanged,
    AgreementParty,
    AgreementStanding,
    Assignment,
    CoveredSchool,
    OrganizationChanged,
    SchoolChanged,
)
from httpx2 import AsyncClient, Response

from tests.accountability.conftest import ALL, envelope, school
from tests.conftest import Service

NAMESPACE = UUID(int=77)
NOW = datetime(2025, 9, 1, 12, tzinfo=UTC)
INNOVATION = "in-innovation-network-agreement"
WORKED = ("own 4000 8000", "free 700 2000")
"""Measures of a district's own school and of an autonomous one (see `District.load`)."""

_names = count(1000, 100)


@dataclass
class District:
    """A district, its schools by key, and a framework by which they are rated in 2025 for 2025."""

    service: Service
    number: int = field(default_factory=lambda: next(_names))
    schools: dict[str, SchoolChanged] = field(default_factory=dict)
    agreements: dict[str, AgreementChanged] = field(default_factory=dict)
    run_id: str = ""

    @property
    def id(self) -> UUID:
        """The district."""
        return self.organization("district")

    def organization(self, name: str) -> UUID:
        """An organization of this test."""
        return uuid5(NAMESPACE, f"{self.number}-{name}")

    def by(self, organization: UUID | None) -> AsyncClient:
        """A client of an organization; none: the platform."""
        return self.service.client(*ALL, "ratings:contest", organization_id=organization)

    def at(self, now: datetime) -> None:
        """Let it be `now`."""
        self.service.app.state.clock = lambda: now

    async def hear(self, event: Event) -> None:
        """Apply an event as the listener would."""
        async with self.service.app.state.database.transaction() as session:
            await REACTIONS[type(event)](session, event, envelope(event))

    async def open(self, *keys: str) -> None:
        """Register the district and open schools of it."""
        self.at(NOW)
        await self.hear(OrganizationChanged(id=self.id, version=1, name="North", types=["district"]))
        for key in keys:
            await self.assign(key)

    async def assign(self, key: str, *operators: tuple[str, date, date | None], **changes: Any) -> SchoolChanged:
        """Say anew who runs a school: each operator from a day, until another."""
        before = self.schools.get(key)
        number = self.number + len(self.schools) if before is None else before.id.int
        held = [self.held(self.id, "accountable-lea", date(2010, 7, 1), None)]
        for name, *_ in operators:
            said_of = OrganizationChanged(id=self.organization(name), version=1, name=name, types=["operator"])
            await self.hear(said_of)
        held += [self.held(self.organization(name), "operator", since, until) for name, since, until in operators]
        said = school(str(number), version=(before.version if before else 0) + 1, name=f"School {key}")
        self.schools[key] = said.model_copy(update={"assignments": held, **changes})
        await self.hear(self.schools[key])
        return self.schools[key]

    @staticmethod
    def held(organization: UUID, role: Any, since: date, until: date | None) -> Assignment:
        """An assignment."""
        return Assignment(organization_id=organization, role=role, source="test", valid_from=since, valid_to=until)

    async def agree(
        self,
        key: str,
        instrument: str = INNOVATION,
        *,
        since: date = date(2024, 7, 1),
        first_year: int = 2025,
        jurisdiction: str = "IN",
    ) -> None:
        """Let an agreement be in force at a school; said again, it is the next version of the same."""
        before = self.agreements.get(key)
        said = AgreementChanged(
            id=self.organization(f"agreement-{key}"),
            version=(before.version if before else 0) + 1,
            instrument=instrument,
            instrument_version="1",
            jurisdiction=jurisdiction,
            title="Agreement",
            legal_basis=["law"],
            parties=[AgreementParty(organization_id=self.id, role="district")],
            schools=[CoveredSchool(school_id=self.school_id(key), valid_from=since)],
            executed_on=since,
            effective_from=since,
            first_full_school_year=first_year,
            text_sha256="0" * 64,
            standings=[AgreementStanding(status="active", in_force=True, valid_from=since)],
        )
        self.agreements[key] = said
        await self.hear(said)

    def school_id(self, key: str) -> UUID:
        """A school's id."""
        return self.schools[key].id

    @property
    def framework(self) -> str:
        """The framework."""
        return f"district-{self.number}"

    @property
    def passed(self) -> str:
        """The indicator that is scored: the percentage of students who passed."""
        return f"passed-{self.number}"

    @property
    def growth(self) -> str:
        """Another indicator, that is only measured."""
        return f"growth-{self.number}"

    async def rate(self, *lines: str) -> None:
        """Register the framework, load `lines` (see `load`), run and publish."""
        document = {
            "id": self.framework,
            "version": "1",
            "title": "State rating",
            "owner": "State",
            "school_years": [2025],
            "data_year_lag": 0,
            "sources": ["test"],
            "not_rated": "No Rating",
            "scale": [{"label": "A", "at_least": 80}, {"label": "C", "at_least": 40}, {"label": "D", "at_least": 0}],
            "indicators": {self.passed: {"title": "Passed", "minimum_n": 5}, self.growth: {"title": "Growth"}},
            "nodes": {
                "score": {"kind": "measure", "indicator": self.passed, "source": "s1"},
                "rating": {"kind": "band", "input": "score", "source": "s2"},
            },
            "result": {"score": "score", "rating": "rating"},
        }
        answer = await self.by(None).post("/v1/frameworks", json=document)
        assert answer.status_code == 201, answer.text
        await self.load(*lines)
        await self.publish()

    async def load(self, *lines: str) -> None:
        """Measures: the school's key, the students who passed, and all; with `growth` before, of the other one."""
        rows = "\n".join(map(self._row, lines))
        answer = await self.by(None).post(
            "/v1/measures/imports",
            content=f"school,indicator,value,n,numerator,denominator\n{rows}\n",
            params={"schoolYear": 2025, "dataYear": 2025, "aliasSystem": "d", "source": "test"},
            headers={"content-type": "text/csv"},
        )
        assert answer.status_code == 200, answer.text

    def _row(self, line: str) -> str:
        *other, key, top, bottom = line.split()
        indicator = self.growth if other else self.passed
        value = 100 * int(top) / int(bottom)
        alias = self.schools[key].aliases[0].value
        return f"{alias},{indicator},{value},{bottom},{top},{bottom}"

    async def publish(self, reason: str | None = None) -> None:
        """Run and publish."""
        body = {"framework": self.framework, "version": "1", "schoolYear": 2025}
        run = await self.by(None).post("/v1/runs", json=body)
        assert run.status_code == 201, run.text
        url = f"/v1/runs/{run.json()['id']}/publication"
        answer = await self.by(None).post(url, json={"reason": reason})
        assert answer.status_code == 200, answer.text
        self.run_id = run.json()["id"]

    async def rating(self, key: str) -> dict[str, Any]:
        """A school's published rating."""
        params = {"framework": self.framework, "schoolId": str(self.school_id(key))}
        [found] = (await self.by(None).get("/v1/ratings", params=params)).json()["items"]
        return dict(found)

    async def roll_up(self, by: UUID | None = None, **changes: Any) -> Response:
        """Roll the district up."""
        body = {"organizationId": str(self.id), "framework": self.framework, "schoolYear": 2025}
        return await self.by(by).post("/v1/rollups", json=body | changes)

    async def rule(self, treatment: str, by: UUID | None = None, **changes: Any) -> Response:
        """Record how schools count."""
        body = {
            "organizationId": str(self.id),
            "fromYear": 2025,
            "treatment": treatment,
            "citation": "Order 7",
            "reason": "The state decided so.",
        }
        return await self.by(by).post("/v1/rollup-rules", json=body | changes)

    async def show(self, rollup: Response, by: UUID | None = None, **params: Any) -> dict[str, Any]:
        """The roll-up as it is now."""
        answer = await self.by(by).get(f"/v1/rollups/{rollup.json()['id']}", params=params)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def figure(view: dict[str, Any], code: str) -> dict[str, Any]:
    """A figure of a roll-up."""
    return dict(next(each for each in view["figures"] if each["figure"] == code))


def values(view: dict[str, Any], code: str, how: str = "byCounts") -> list[float | None]:
    """A figure of the district's own schools, of the autonomous ones, and of both."""
    parts = figure(view, code)["parts"]
    return [parts[part][how] for part in ("district-run", "autonomous", "combined")]
