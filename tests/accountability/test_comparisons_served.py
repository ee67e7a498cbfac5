"""Comparisons as they are asked for and read: of what is published alone, kept with all that they read."""

import csv
import io
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import polars as pl
from accountability import directory
from accountability.comparisons.comparing import compare
from accountability.comparisons.inputs import Inputs, digest
from accountability.comparisons.schemas import Break, NewComparison, Result
from contracts.registry import Assignment, SchoolChanged, SchoolFacts
from contracts.vocabulary import Alias

from tests.accountability.conftest import envelope
from tests.accountability.lives import DISTRICT, NOW, STATE, VENDOR, Life, Lives

CHANGED, SAME, CLOSED = 11, 12, 13
"""Autonomous since July 2018; traditional; autonomous since July 2017, closed in July 2018."""

Facts = tuple[int, Any, Any]
"""Since July of a year: the arrangement and the status."""


def school(number: int, *told: Facts) -> SchoolChanged:
    """A school of the district."""
    ends = [date(year, 7, 1) for year, _, _ in told[1:]] + [None]
    facts = [
        SchoolFacts(
            valid_from=date(year, 7, 1),
            valid_to=end,
            name=f"School {number}",
            school_type="regular",
            operational_status=status,
            arrangement=arrangement,
            chartered=False,
            grade_high="08",
            source="test",
        )
        for (year, arrangement, status), end in zip(told, ends, strict=True)
    ]
    lea = Assignment(organization_id=DISTRICT, role="accountable-lea", source="test", valid_from=date(2010, 7, 1))
    alias = Alias(system="d", value=str(number), valid_from=date(2010, 7, 1))
    return SchoolChanged(id=UUID(int=number), version=1, facts=facts, aliases=[alias], assignments=[lea])


async def published(lives: Lives) -> Life:
    """The three schools, and their published ratings of 2018 and 2019."""
    schools = [
        school(CHANGED, (2014, "traditional", "active"), (2018, "contract-school", "active")),
        school(SAME, (2014, "traditional", "active")),
        school(
            CLOSED,
            (2014, "traditional", "active"),
            (2017, "contract-school", "active"),
            (2018, "traditional", "closed"),
        ),
    ]
    async with lives.service.app.state.database.transaction() as session:
        for each in schools:
            await directory.keep_school(session, each, envelope(each))
    life = await lives.life(run=False, school_years=[2018, 2019])
    await rate(life, 2018, [(CHANGED, 40, 100), (SAME, 50, 100), (CLOSED, 30, 100)])
    await rate(life, 2019, [(CHANGED, 60, 100), (SAME, 55, 100)])
    return life


async def rate(life: Life, year: int, scores: Sequence[tuple[int, float, int]], *, publish: bool = True) -> None:
    """Measures of a year, and a run of the state."""
    state = life.lives.by(STATE)
    rows = "".join(f"{life.indicator},{number},{value},{n}\n" for number, value, n in scores)
    answers = [
        await state.post(
            "/v1/measures/imports",
            content=f"indicator,school,value,n\n{rows}",
            params={"schoolYear": year, "dataYear": year, "aliasSystem": "d", "source": "test"},
            headers={"content-type": "text/csv"},
        ),
        await state.post("/v1/runs", json={"framework": life.name, "version": "1", "schoolYear": year}),
    ]
    if publish:
        url = f"/v1/runs/{answers[-1].json()['id']}/publication"
        answers.append(await state.post(url, json={"reason": "Late corrections"}))
    assert all(answer.is_success for answer in answers), [answer.text for answer in answers]


async def ask(life: Life, **changes: Any) -> Any:
    """Compare the score of 2018 and 2019, rolling."""
    body = {
        "title": "Did it help?",
        "districtId": str(DISTRICT),
        "framework": life.name,
        "fromYear": 2018,
        "toYear": 2019,
        "cohort": {"kind": "rolling"},
    }
    return await life.lives.by(DISTRICT).post("/v1/comparisons", json=body | changes)


def means(comparison: dict[str, Any]) -> dict[tuple[str, int], float | None]:
    """The mean of each group at each time."""
    return {(point["group"], point["at"]): point["mean"] for point in comparison["result"]["points"]}


async def test_autonomous_schools_stand_beside_the_others_of_their_district(lives: Lives) -> None:
    made = await ask(await published(lives))
    found = made.json()
    closed = next(p for p in found["result"]["points"] if (p["group"], p["at"]) == ("autonomous", 2019))
    assert made.status_code == 201
    assert means(found)["autonomous", 2018] == 30
    assert means(found)["autonomous", 2019] == 60
    assert (closed["cohort"], closed["measured"], closed["left"]) == (2, 1, {"closed": 1})
    read = await lives.by(VENDOR).get(made.headers["location"])
    assert read.json() == found


async def test_the_same_is_found_again_from_what_was_read(lives: Lives) -> None:
    made = (await ask(await published(lives), matching={"covariates": [{}], "neighbors": 1})).json()
    stored = (await lives.by(VENDOR).get(f"/v1/comparisons/{made['id']}/inputs")).json()
    frames = {name: pl.DataFrame(stored[name]) for name in ("standings", "figures", "covariates")}
    read = Inputs(**frames, breaks=[Break.model_validate(each) for each in stored["breaks"]])
    again = compare(NewComparison.model_validate(made["asked"]), read)
    assert again == Result.model_validate(made["result"])
    assert digest({name: stored[name] for name in stored if name != "sha256"}) == made["inputsSha256"]
    assert [peer["peerId"] for peer in made["result"]["peers"] if peer["schoolId"] == str(UUID(int=CHANGED))] == [
        str(UUID(int=SAME))
    ]


async def test_what_is_staged_is_not_compared(lives: Lives) -> None:
    life = await published(lives)
    before = means((await ask(life)).json())
    await rate(life, 2019, [(CHANGED, 99, 100)], publish=False)
    assert means((await ask(life)).json()) == before


async def test_a_comparison_is_of_what_was_published_at_a_time_and_stays_so(lives: Lives) -> None:
    life = await published(lives)
    first = (await ask(life)).json()
    lives.at(NOW + timedelta(days=1))
    await rate(life, 2019, [(CHANGED, 70, 100)])
    then, now = [(await ask(life, **when)).json() for when in ({"knownAt": NOW.isoformat()}, {})]
    assert [means(each)["autonomous", 2019] for each in (first, then, now)] == [60, 60, 70]
    assert then["inputsSha256"] == first["inputsSha256"] != now["inputsSha256"]
    assert (await lives.by(VENDOR).get(f"/v1/comparisons/{first['id']}")).json() == first


async def test_figures_of_few_students_are_left_out_and_counted(lives: Lives) -> None:
    life = await published(lives)
    by_indicator = {"of": "indicator", "indicator": life.indicator}
    lives.at(NOW + timedelta(days=2))
    await rate(life, 2019, [(CHANGED, 62, 9)])
    found = (await ask(life, **by_indicator)).json()
    [point] = [p for p in found["result"]["points"] if (p["group"], p["at"]) == ("autonomous", 2019)]
    assert (point["mean"], point["measured"]) == (None, 0)
    assert sum(point["notMeasured"].values()) == 1


async def test_recorded_breaks_begin_a_new_line(lives: Lives) -> None:
    life = await published(lives)
    said = {"framework": life.name, "fromYear": 2019, "reason": "Another test", "citation": "Rule 7"}
    assert (await lives.by(STATE).post("/v1/series-breaks", json=said)).status_code == 201
    result = (await ask(life)).json()["result"]
    assert result["breaks"] == [{"segment": 2, "fromYear": 2019, "because": ["Another test (Rule 7)"]}]
    assert {point["at"]: point["segment"] for point in result["points"]} == {2018: 1, 2019: 2}


async def test_points_come_as_csv(lives: Lives) -> None:
    made = await ask(await published(lives))
    file = await lives.by(VENDOR).get(made.headers["location"], headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(file.text)))
    of_2019 = next(row for row in rows if (row["group"], row["at"]) == ("autonomous", "2019"))
    assert (of_2019["mean"], of_2019["left"]) == ("60.0", "closed: 1")


async def test_all_that_is_wrong_with_a_question_is_said_at_once(lives: Lives) -> None:
    life = await published(lives)
    answer = await ask(
        life,
        districtId=str(UUID(int=9999)),
        framework="none",
        indicator="none",
        toYear=2017,
        cohort={"kind": "fixed"},
        autonomous=["traditional"],
        matching={"covariates": [{}, {}]},
        knownAt="2100-01-01T00:00:00Z",
    )
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {
        "districtId",
        "framework",
        "indicator",
        "toYear",
        "cohort.year",
        "autonomous",
        "matching.covariates",
        "knownAt",
    }


async def test_a_district_without_autonomous_schools_has_nothing_to_compare(lives: Lives) -> None:
    life = await published(lives)
    answer = await ask(life, autonomous=["zone-nonprofit"])
    assert [error["rule"] for error in answer.json()["errors"]] == ["no-autonomous-school"]


async def test_comparisons_are_listed_and_a_repeated_request_makes_one(lives: Lives) -> None:
    life = await published(lives)
    body = {
        "title": life.name,
        "districtId": str(DISTRICT),
        "framework": life.name,
        "fromYear": 2018,
        "toYear": 2019,
        "cohort": {"kind": "rolling"},
    }
    for _ in range(2):
        await lives.by(DISTRICT).post("/v1/comparisons", json=body, headers={"Idempotency-Key": life.name})
    listed = (await lives.by(VENDOR).get("/v1/comparisons", params={"limit": 500})).json()["items"]
    assert [each["title"] for each in listed].count(life.name) == 1
