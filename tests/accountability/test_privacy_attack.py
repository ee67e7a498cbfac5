"""A hostile reader fetches everything there is, in every form, and does not find out a single secret figure.

What it reads: explanations, roll-ups, goals, comparisons, in all revisions and versions, of a district with very small
groups, a very small autonomous school, and a rate near its end.
"""

from uuid import UUID

import pytest

from tests.accountability.lives import (
    DISTRICT,
    FORMER_OPERATOR,
    OPERATOR,
    OTHER_DISTRICT,
    OTHER_OPERATOR,
    STATE,
    VENDOR,
    Lives,
)
from tests.accountability.privacy import world
from tests.accountability.privacy.attacks import READERS, attacked
from tests.accountability.privacy.district import SUBJECTS
from tests.accountability.privacy.reading import events, everything
from tests.accountability.privacy.world import District

OF_NOTHING_HERE = ("review_id", "trial_id", "decision_id", "order_id", "request_id", "name")
"""Parameters of what this district does not have."""

NARROW, NARROW_END = 5, 0.4
"""A figure of few students is found out if it is known to so few points, a rate that is coded to so few of its end."""

FILTERS = {
    "schoolId", "aliasSystem", "aliasValue", "schoolYear", "framework", "reasonCode", "state",
    "minChangeVersion", "maxChangeVersion", "limit", "cursor",
}  # fmt: skip


@pytest.fixture(scope="module")
async def district(lives: Lives) -> District:
    await world.register(lives)
    made = District(lives, "attacked")
    for step in (world.rated, world.rolled_up, world.promised, world.attributed, world.put_right, world.compared):
        await step(made)
    return made


async def test_no_secret_figure_is_worked_out_or_narrowed_down(district: District) -> None:
    attacker = await attacked(district, *READERS)
    coded = district.truths[0].coded()
    widths = attacker.widths()
    assert (len(district.secrets), len(coded)) == (40, 1)
    assert attacker.solved() & district.secrets == set()
    assert [name for name in district.secrets - coded if widths[name] < NARROW] == []
    assert [name for name in coded if widths[name] < NARROW_END] == []


async def test_what_the_reader_makes_of_the_answers_is_true(district: District) -> None:
    attacker = await attacked(district, *READERS)
    wrong = {one for one, said in attacker.known.items() if one[0] == "fact" and abs(said - attacker.true(one)) > 1e-9}
    assert (attacker.mistakes(), wrong) == ([], set())


async def test_much_is_still_shown(district: District) -> None:
    attacker = await attacked(district, "explanations")
    shown = {one[1] for one in attacker.known if one[0] == "fact"}
    assert len(shown) > len(district.truths[0].value) / 3


async def test_rollups_goals_and_comparisons_show_something_too(district: District) -> None:
    told = {kind: len((await attacked(district, kind)).known) for kind in ("goals", "comparisons")}
    parts = [
        part
        for rollup in district.rollups.values()
        for figure in (await district.read(f"/rollups/{rollup}"))["figures"]
        for part in figure["parts"].values()
    ]
    assert min(told.values()) > 1
    assert any(part["byStudents"] is not None for part in parts)
    assert any(part["suppressed"] for part in parts)


@pytest.mark.parametrize("organization", [VENDOR, OTHER_DISTRICT], ids=["vendor", "other district"])
async def test_no_route_form_or_event_tells_a_small_figure(district: District, organization: UUID) -> None:
    marks = [repr(truth.value[secret])[:8].encode() for truth in district.truths for secret in district.secrets]
    told_by = {
        address
        async for address, answer in everything(district.lives, organization, await parameters(district))
        if any(mark in answer for mark in marks)
    }
    said = (await events(district.lives)).encode()
    assert told_by == set()
    assert [mark for mark in marks if mark in said] == []


async def parameters(district: District) -> dict[str, list[str]]:
    """What may stand for the parameters of paths. One that is new here must be taught, or the attack is incomplete."""
    found = await district.ratings()
    runs = (await district.lives.by(STATE).get("/v1/runs", params={"limit": 500})).json()["items"]
    appeals = (await district.lives.by(STATE).get("/v1/appeals")).json()["items"]
    return {name: [str(STATE)] for name in OF_NOTHING_HERE} | {
        "rating_id": [rating["id"] for rating in found[:: max(len(found) // 3, 1)]],
        "rollup_id": [district.rollups[2019]],
        "goal_id": district.goals[3:6],
        "comparison_id": district.comparisons,
        "appeal_id": [appeals[0]["id"]],
        "run_id": [run["id"] for run in runs[-1:]],
        "school_id": [str(SUBJECTS["01"])],
        "organization_id": [str(DISTRICT), str(FORMER_OPERATOR)],
        "framework_id": [district.name],
        "version": ["1"],
    }


async def test_who_answers_for_a_school_and_who_rated_it_read_its_figures_in_full(district: District) -> None:
    url = f"/v1/ratings/{(await district.rating('01', 'GC'))['id']}/full-explanation"
    secret = district.truths[0].value[2019, "01", "GC", "tested"]

    async def told_figure(organization: UUID) -> float | None:
        answer = await district.lives.by(organization).get(url)
        if answer.status_code == 404:
            return None
        return next(float(each["value"]) for each in answer.json()["outcomes"] if each["node"] == "tested")

    seen = {each: await told_figure(each) for each in (STATE, DISTRICT, OPERATOR, OTHER_OPERATOR, VENDOR)}
    assert seen == {STATE: secret, DISTRICT: secret, OPERATOR: secret, OTHER_OPERATOR: None, VENDOR: None}


async def test_a_hidden_rating_is_neither_zero_nor_a_band_and_its_status_stays(district: District) -> None:
    small = await district.rating("01", "GC")
    said = (small["status"], small["rating"], small["displayLabel"], small["score"], small["suppressed"])
    assert said == ("rated", "Suppressed", "Suppressed", None, True)
    assert "fewer than 10 students" in small["suppressionRule"]


async def test_ratings_are_filtered_and_ordered_by_nothing_that_may_be_hidden(lives: Lives) -> None:
    document = lives.service.app.openapi()["paths"]["/v1/ratings"]["get"]
    assert {each["name"] for each in document["parameters"]} == FILTERS
