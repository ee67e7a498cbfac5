"""The district as it becomes public: rated, rolled up, promised, compared, and put right."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from accountability.reactions import REACTIONS
from contracts.event import Event
from contracts.registry import Assignment, OrganizationChanged, SchoolChanged
from contracts.vocabulary import Alias
from httpx2 import Response

from tests.accountability.conftest import envelope, school
from tests.accountability.lives import DISTRICT, NOW, OPERATOR, STATE, VENDOR, Life, Lives, events
from tests.accountability.privacy.district import (
    APPEALED,
    AUTONOMOUS,
    CORRECTED,
    SCHOOLS,
    SUBJECTS,
    YEARS,
    Name,
    Truth,
    framework,
    truth,
)
from tests.accountability.promises import Promise

AGREEMENT = UUID(int=4_000)
UPHELD, CORRECTION = "The sheets were looked at.", "A figure was wrong."
"""Why something is published anew."""


@dataclass
class District:
    """The district as it was published by a framework, and what is true of it."""

    lives: Lives
    name: str
    truths: list[Truth] = field(default_factory=list)
    rollups: dict[int, str] = field(default_factory=dict)
    goals: list[str] = field(default_factory=list)
    comparisons: list[str] = field(default_factory=list)

    @property
    def secrets(self) -> set[Name]:
        """The figures of too few students, and rates near their ends."""
        return self.truths[0].secrets()

    async def post(self, by: UUID, path: str, body: Any, **headers: str) -> Response:
        """Do something that succeeds."""
        answer = await self.lives.by(by).post(f"/v1{path}", json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer

    async def read(self, path: str, **params: Any) -> Any:
        """What a vendor reads."""
        answer = await self.lives.by(VENDOR).get(f"/v1{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ratings(self, **params: Any) -> list[dict[str, Any]]:
        """All ratings by the framework."""
        return list((await self.read("/ratings", framework=self.name, limit=500, **params))["items"])

    async def rating(self, key: str, group: str, year: int = 2019) -> dict[str, Any]:
        """One of them."""
        found = await self.ratings(schoolId=str(SUBJECTS[key]), schoolYear=year)
        return next(each for each in found if each["studentGroup"] == group)


async def register(lives: Lives) -> None:
    """Let the district be measured itself, and two of its schools autonomous, one of them a very small one."""
    told: list[Event] = [
        OrganizationChanged(
            id=DISTRICT,
            version=2,
            name="district",
            types=["district"],
            aliases=[Alias(system="d", value="D", valid_from=date(2010, 7, 1))],
        )
    ]
    lea = Assignment(
        organization_id=DISTRICT, role="accountable-lea", source="test", valid_from=date(2010, 7, 1), valid_to=None
    )
    held = {event.id: event.assignments for event in events() if isinstance(event, SchoolChanged)}
    for key, school_id in SCHOOLS.items():
        said = school(key, version=2)
        facts = [
            fact.model_copy(update={"arrangement": "contract-school" if key in AUTONOMOUS else "traditional"})
            for fact in said.facts
        ]
        told.append(said.model_copy(update={"facts": facts, "assignments": held.get(school_id, [lea])}))
    async with lives.service.app.state.database.transaction() as session:
        for event in told:
            await REACTIONS[type(event)](session, event, envelope(event))
    await Promise(lives, Life(lives, ""), AGREEMENT).hear(covered=[SCHOOLS[key] for key in sorted(AUTONOMOUS)])


async def load(district: District, figures: Truth, year: int) -> None:
    """Send a year's file as the state does."""
    params = {"schoolYear": year, "dataYear": year, "aliasSystem": "d", "source": "test"}
    answer = await district.lives.by(STATE).post(
        "/v1/measures/imports",
        content=figures.lines(district.name, year),
        params=params,
        headers={"content-type": "text/csv"},
    )
    assert answer.status_code == 200, answer.text
    figures.since = figures.since or answer.json()["importNumber"]


async def run(district: District, year: int) -> str:
    """Rate a year."""
    body = {"framework": district.name, "version": "1", "schoolYear": year, "overrideFindings": "Small on purpose."}
    return str((await district.post(STATE, "/runs", body)).json()["id"])


async def publish(district: District, run_id: str, reason: str | None = None) -> None:
    """Publish what was rated."""
    await district.post(STATE, f"/runs/{run_id}/publication", {"reason": reason})


async def rated(district: District) -> None:
    """Both years rated and published; those who object to the first may appeal."""
    district.lives.at(NOW)
    await district.post(STATE, "/frameworks", framework(district.name))
    district.truths.append(truth())
    for year in YEARS:
        await load(district, district.truths[0], year)
        run_id = await run(district, year)
        if year == YEARS[0]:
            window = {"purpose": "appeals", "opensOn": "2019-10-01", "closesOn": "2019-11-01", "timeZone": "UTC"}
            await district.post(STATE, f"/runs/{run_id}/windows", window)
        await publish(district, run_id)


async def rolled_up(district: District) -> None:
    """Both years rolled up beside the state's own figure, the very small school then left out of the first."""
    of = {"organizationId": str(DISTRICT)}
    for year in YEARS:
        body = of | {"framework": district.name, "schoolYear": year, "digits": 6}
        district.rollups[year] = (await district.post(DISTRICT, "/rollups", body)).json()["id"]
    otherwise = {"schoolId": str(SCHOOLS["03"]), "counted": False, "source": "Report card"}
    said = {"figure": f"{district.name}-growth", "value": 55.5, "source": "Report card", "reason": "published"}
    url = f"/rollups/{district.rollups[YEARS[0]]}/official-figures"
    await district.post(DISTRICT, url, said | {"countsOtherwise": [otherwise]})
    rule = {"fromYear": YEARS[0], "toYear": YEARS[0], "treatment": "excluded", "citation": "Order 7", "reason": "ruled"}
    await district.post(DISTRICT, "/rollup-rules", of | rule | {"schoolId": str(SCHOOLS["03"])})


async def promised(district: District) -> None:
    """What an agreement promises of small groups and of whole schools, in all terms."""
    asked: Sequence[tuple[str, str, str, str]] = (
        *(("01", group, "tested", "absolute") for group in ("ALL", "GA", "GB", "GC")),
        ("03", "ALL", "tested", "absolute"),
        ("03", "GA", "growth", "gap-to-district"),
        ("01", "ALL", "growth", "gap-to-district"),
        ("01", "GC", "attend", "percentile-in-district"),
    )
    for key, group, indicator, comparison in asked:
        yardstick = {
            "framework": district.name,
            "of": "indicator",
            "indicator": f"{district.name}-{indicator}",
            "studentGroup": group,
            "comparison": comparison,
            "targets": [{"year": 2019, "value": 60}],
        }
        goal = {"agreementId": str(AGREEMENT), "schoolId": str(SCHOOLS[key]), "yardstick": yardstick}
        words = {"title": "60 by 2019", "clause": "3.2", "consequence": "The board may end it."}
        district.goals.append((await district.post(DISTRICT, "/goals", goal | words)).json()["id"])


async def compared(district: District) -> None:
    """The autonomous schools beside the others."""
    for indicator, group in (("tested", "ALL"), ("growth", "GB")):
        body = {
            "title": "Did it help?",
            "districtId": str(DISTRICT),
            "framework": district.name,
            "of": "indicator",
            "indicator": f"{district.name}-{indicator}",
            "studentGroup": group,
            "fromYear": YEARS[0],
            "toYear": YEARS[1],
            "cohort": {"kind": "rolling"},
        }
        district.comparisons.append((await district.post(DISTRICT, "/comparisons", body)).json()["id"])


async def attributed(district: District) -> None:
    """The years of the school whose operator changes count by a rule."""
    body = {"organizationId": str(DISTRICT), "dataYear": 2020, "method": "majority-of-days", "citation": "Policy 6.3"}
    await district.post(DISTRICT, "/attributions/rules", body | {"reason": "The operator changed."})


async def put_right(district: District) -> None:
    """An appeal is upheld for one rating, and then a correction changes all."""
    rating = await district.rating("01", "ALL")
    body = {"ratingId": rating["id"], "ground": "data-error", "evidence": "Answer sheets of 12 pupils"}
    appeal = await district.post(OPERATOR, "/appeals", body)
    district.truths.append(district.truths[-1].but(APPEALED, 6.5))
    await load(district, district.truths[-1], YEARS[0])
    decision = {"decision": "upheld", "runId": await run(district, YEARS[0]), "reason": UPHELD}
    url = f"/appeals/{appeal.json()['id']}/decision"
    await district.post(STATE, url, decision, **{"if-match": appeal.headers["etag"]})
    district.truths.append(district.truths[-1].but(CORRECTED, 3.3))
    await load(district, district.truths[-1], YEARS[0])
    await publish(district, await run(district, YEARS[0]), CORRECTION)
