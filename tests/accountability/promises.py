"""Goals of agreements: an agreement between the district and an operator, and a framework of two years."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from accountability.reactions import REACTIONS
from contracts.accountability import GoalEvaluated
from contracts.registry import AgreementChanged
from contracts.registry.agreements import AgreementParty, AgreementStanding, CoveredSchool
from httpx2 import Response
from sqlalchemy import text

from tests.accountability.conftest import envelope
from tests.accountability.lives import DISTRICT, ONE, OPERATOR, STATE, TWO, Life, Lives

INNOVATION = "in-innovation-network-agreement"
CHARTER = "in-innovation-network-charter-agreement"


def standing(status: Any, since: int, until: int | None = None, *, in_force: bool = True) -> AgreementStanding:
    """What the agreement is from 1 July to 1 July."""
    end = date(until, 7, 1) if until else None
    return AgreementStanding(valid_from=date(since, 7, 1), valid_to=end, status=status, in_force=in_force)


@dataclass
class Promise:
    """An agreement that covers both schools, and the framework by which its goals are measured."""

    lives: Lives
    life: Life
    agreement_id: UUID

    async def hear(
        self,
        version: int = 1,
        instrument: str = INNOVATION,
        *standings: AgreementStanding,
        covered: Sequence[UUID] = (ONE, TWO),
    ) -> None:
        """The agreement as the registry says it."""
        event = AgreementChanged(
            id=self.agreement_id,
            version=version,
            instrument=instrument,
            instrument_version="1",
            jurisdiction="IN",
            title="Agreement",
            legal_basis=["IC 20-25.7-4"],
            parties=[
                AgreementParty(organization_id=DISTRICT, role="district"),
                AgreementParty(organization_id=OPERATOR, role="operator"),
            ],
            schools=[CoveredSchool(school_id=school, valid_from=date(2015, 7, 1)) for school in covered],
            executed_on=date(2015, 3, 14),
            effective_from=date(2015, 7, 1),
            first_full_school_year=2016,
            text_sha256="0" * 64,
            standings=list(standings) or [standing("active", 2015)],
        )
        async with self.lives.service.app.state.database.transaction() as session:
            await REACTIONS[AgreementChanged](session, event, envelope(event))

    def yardstick(self, **changes: Any) -> dict[str, Any]:
        """By the indicator: 60 in the year 2019."""
        body = {
            "framework": self.life.name,
            "of": "indicator",
            "indicator": self.life.indicator,
            "targets": [{"year": 2019, "value": 60}],
        }
        return body | changes

    async def record(self, *, by: UUID | None = DISTRICT, school_id: UUID = ONE, **changes: Any) -> Response:
        """Record a goal; what is not of the goal itself is of its yardstick."""
        own = {"agreementId", "title", "clause", "laidDownIn", "consequence"}
        body = {
            "agreementId": str(self.agreement_id),
            "schoolId": str(school_id),
            "title": "A score of 60 by 2019",
            "clause": "Exhibit B, 3.2",
            "consequence": "The board may end the agreement early.",
            "yardstick": self.yardstick(**{name: value for name, value in changes.items() if name not in own}),
        }
        body |= {name: value for name, value in changes.items() if name in own}
        return await self.lives.by(by).post("/v1/goals", json=body)

    async def goal(self, goal_id: str, by: UUID | None = DISTRICT) -> dict[str, Any]:
        """A goal as somebody reads it."""
        answer = await self.lives.by(by).get(f"/v1/goals/{goal_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def change(self, goal: dict[str, Any], what: str, by: UUID | None = DISTRICT, **body: Any) -> Response:
        """Substitute or override."""
        headers = {"If-Match": f'"{goal["version"]}"'}
        return await self.lives.by(by).post(f"/v1/goals/{goal['id']}/{what}", json=body, headers=headers)

    async def evaluations(self, goal_id: str, by: UUID | None = DISTRICT) -> list[dict[str, Any]]:
        """All evaluations of a goal."""
        return list((await self.lives.by(by).get(f"/v1/goals/{goal_id}/evaluations")).json()["items"])

    async def events(self, goal_id: str) -> list[GoalEvaluated]:
        """What was said of a goal."""
        subject = f"concordat.accountability.goal.{goal_id}"
        async with self.lives.service.app.state.database.snapshot() as session:
            said = text("select data from journal where subject = :s order by version")
            return [GoalEvaluated.read(row) for row in await session.scalars(said, {"s": subject})]


async def promise(lives: Lives, scores: str = "01,40,100\n02,90,100\n", **framework: Any) -> Promise:
    """An agreement, and a framework of its own whose run is not published yet."""
    made = Promise(lives, await lives.life(scores, **framework), uuid4())
    await made.hear()
    return made


async def replace_test(life: Life, score: float = 55, students: int = 100) -> str:
    """Another version of the framework rates 2020 by another test, published by the state; the new indicator."""
    state, indicator = life.lives.by(STATE), f"{life.name}-new-test"
    document = life.framework()
    document |= {"version": "2", "school_years": [2020]}
    document["indicators"] = {indicator: {"title": "New test"}}
    document["nodes"]["score"]["indicator"] = indicator
    answers = [
        await state.post("/v1/frameworks", json=document),
        await state.post(
            "/v1/measures/imports",
            content=f"indicator,school,value,n\n{indicator},01,{score},{students}\n",
            params={"schoolYear": 2020, "dataYear": 2020, "aliasSystem": "d", "source": "test"},
            headers={"content-type": "text/csv"},
        ),
        await state.post("/v1/runs", json={"framework": life.name, "version": "2", "schoolYear": 2020}),
    ]
    answers.append(await state.post(f"/v1/runs/{answers[-1].json()['id']}/publication", json={"reason": None}))
    assert all(answer.is_success for answer in answers), [answer.text for answer in answers]
    return indicator


def outcome(goal: dict[str, Any], place: int = 0) -> tuple[Any, Any]:
    """How a target stands, and why."""
    found = goal["outcomes"][place]
    return found["status"], found["computed"] and found["computed"]["reason"]
