"""The life of a rating with all who have a part in it: a state that rates, a district, operators, and others."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID

from accountability import directory
from contracts.event import Event
from contracts.registry import Assignment, OrganizationChanged, SchoolChanged
from httpx2 import AsyncClient, Response

from tests.accountability.conftest import ALL, envelope, school
from tests.conftest import Service

SCOPES = (
    *ALL,
    "ratings:contest",
    "decisions:read",
    "decisions:write",
    "goals:read",
    "goals:write",
    "comparisons:write",
)
STATE, DISTRICT, OTHER_DISTRICT = UUID(int=901), UUID(int=902), UUID(int=903)
OPERATOR, OTHER_OPERATOR, FORMER_OPERATOR, VENDOR = UUID(int=904), UUID(int=905), UUID(int=906), UUID(int=907)
ORGANIZATIONS = {
    STATE: "state-agency",
    DISTRICT: "district",
    OTHER_DISTRICT: "district",
    OPERATOR: "operator",
    OTHER_OPERATOR: "operator",
    FORMER_OPERATOR: "operator",
    VENDOR: "vendor",
}
ONE, TWO = UUID(int=1), UUID(int=2)
"""Schools of DISTRICT: OPERATOR runs the one since 2019, before it FORMER_OPERATOR; OTHER_OPERATOR the other."""

NOW = datetime(2019, 10, 10, 12, tzinfo=UTC)
_names = count()


def _held(organization: UUID, role: Any, since: int, until: int | None = None) -> Assignment:
    end = date(until, 7, 1) if until else None
    return Assignment(
        organization_id=organization, role=role, source="test", valid_from=date(since, 7, 1), valid_to=end
    )


def events() -> list[Event]:
    """What the registry says of schools and organizations."""
    lea = _held(DISTRICT, "accountable-lea", 2010)
    one = [lea, _held(FORMER_OPERATOR, "operator", 2015, 2019), _held(OPERATOR, "operator", 2019)]
    two = [lea, _held(OTHER_OPERATOR, "operator", 2015)]
    organizations: list[Event] = [
        OrganizationChanged(id=key, version=1, name=kind, types=[kind])  # type: ignore[list-item]
        for key, kind in ORGANIZATIONS.items()
    ]
    schools = [school(key).model_copy(update={"assignments": held}) for key, held in (("01", one), ("02", two))]
    return [*organizations, *schools]


@dataclass
class Lives:
    """Accountability with its organizations; `life` gives each test a framework of its own."""

    service: Service
    clients: dict[UUID | None, AsyncClient] = field(default_factory=dict)

    def by(self, organization: UUID | None) -> AsyncClient:
        """A client of an organization (none: the platform) that has every scope."""
        if organization not in self.clients:
            self.clients[organization] = self.service.client(*SCOPES, organization_id=organization)
        return self.clients[organization]

    def at(self, now: datetime) -> None:
        """Let it be `now`."""
        self.service.app.state.clock = lambda: now

    async def life(self, scores: str = "01,40,100\n02,90,100\n", *, run: bool = True, **changes: Any) -> "Life":
        """A framework by which the state rates both schools in 2019, from its measures to a run."""
        self.at(NOW)
        made = Life(self, f"life-{next(_names)}")
        answer = await self.by(STATE).post("/v1/frameworks", json=made.framework() | changes)
        assert answer.status_code == 201, answer.text
        await made.load(scores, run=run)
        return made


@dataclass
class Life:
    """A framework, its runs, and its ratings."""

    lives: Lives
    name: str
    run_id: str = ""

    @property
    def indicator(self) -> str:
        """The one figure that counts."""
        return f"{self.name}-score"

    def framework(self) -> dict[str, Any]:
        """A band of a figure: A from 80, C from 50, D below."""
        return {
            "id": self.name,
            "version": "1",
            "title": "State rating",
            "owner": "State",
            "school_years": [2019],
            "data_year_lag": 0,
            "sources": ["test"],
            "not_rated": "No Rating",
            "scale": [{"label": "A", "at_least": 80}, {"label": "C", "at_least": 50}, {"label": "D", "at_least": 0}],
            "indicators": {self.indicator: {"title": "Score", "minimum_n": 10}},
            "nodes": {
                "score": {"kind": "measure", "indicator": self.indicator, "source": "s1"},
                "rating": {"kind": "band", "input": "score", "source": "s2"},
            },
            "result": {"score": "score", "rating": "rating"},
        }

    async def load(self, scores: str, *, run: bool = True) -> None:
        """Measures: school, value, students; then a run of the state."""
        rows = "".join(f"{self.indicator},{line}\n" for line in scores.splitlines())
        answer = await self.lives.by(STATE).post(
            "/v1/measures/imports",
            content=f"indicator,school,value,n\n{rows}",
            params={"schoolYear": 2019, "dataYear": 2019, "aliasSystem": "d", "source": "test"},
            headers={"content-type": "text/csv"},
        )
        assert answer.status_code == 200, answer.text
        if run:
            await self.run()

    async def run(self, organization: UUID | None = STATE) -> str:
        """Rate; the run's id."""
        body = {"framework": self.name, "version": "1", "schoolYear": 2019}
        answer = await self.lives.by(organization).post("/v1/runs", json=body)
        assert answer.status_code == 201, answer.text
        self.run_id = answer.json()["id"]
        return self.run_id

    async def open(self, purpose: str, opens: str = "2019-10-01", closes: str = "2019-11-01") -> dict[str, Any]:
        """Open a window of the newest run, in Chicago."""
        body = {"purpose": purpose, "opensOn": opens, "closesOn": closes, "timeZone": "America/Chicago"}
        answer = await self.lives.by(STATE).post(f"/v1/runs/{self.run_id}/windows", json=body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def publish(self, state: str = "official", reason: str | None = None) -> Response:
        """Publish the newest run, as the state."""
        body = {"state": state, "reason": reason}
        return await self.lives.by(STATE).post(f"/v1/runs/{self.run_id}/publication", json=body)

    async def rating(self, school_id: UUID = ONE) -> dict[str, Any]:
        """A school's rating, as a vendor reads it."""
        params = {"framework": self.name, "schoolId": str(school_id)}
        items = (await self.lives.by(VENDOR).get("/v1/ratings", params=params)).json()["items"]
        assert len(items) == 1, items
        return dict(items[0])

    async def revisions(self, rating_id: str) -> list[dict[str, Any]]:
        """All that was published of a rating."""
        return list((await self.lives.by(VENDOR).get(f"/v1/ratings/{rating_id}/revisions")).json()["items"])

    async def ask(self, review_id: str, **changes: Any) -> Response:
        """Ask for a correction as the school's operator: 60 instead of 40."""
        body = {
            "reviewId": review_id,
            "schoolId": str(ONE),
            "indicator": self.indicator,
            "value": 60,
            "ground": "wrong-figure",
            "evidence": "Answer sheets of 12 pupils",
        }
        client = self.lives.by(changes.pop("by", OPERATOR))
        return await client.post("/v1/correction-requests", json=body | changes)

    async def decide_request(self, request: Response, decision: str, by: UUID | None = STATE) -> Response:
        """Decide a correction request."""
        url = f"/v1/correction-requests/{request.json()['id']}/decision"
        body = {"decision": decision, "reason": "The sheets were looked at."}
        return await self.lives.by(by).post(url, json=body, headers={"If-Match": request.headers["etag"]})

    async def appeal(self, rating_id: str, by: UUID | None = OPERATOR) -> Response:
        """Appeal as the school's operator."""
        body = {"ratingId": rating_id, "ground": "data-error", "evidence": "Answer sheets of 12 pupils"}
        return await self.lives.by(by).post("/v1/appeals", json=body)

    async def decide_appeal(self, appeal: Response, by: UUID | None = STATE, **body: Any) -> Response:
        """Decide an appeal."""
        url, said = f"/v1/appeals/{appeal.json()['id']}/decision", {"reason": "The sheets were looked at."}
        return await self.lives.by(by).post(url, json=said | body, headers={"If-Match": appeal.headers["etag"]})


@asynccontextmanager
async def told(service: Service) -> AsyncIterator[Lives]:
    """The service, told of everybody."""
    async with service.app.state.database.transaction() as session:
        for event in events():
            keep: Any = directory.keep_school if isinstance(event, SchoolChanged) else directory.keep_organization
            await keep(session, event, envelope(event))
    yield Lives(service)
