"""A hostile reader fetches everything there is, in every form, and does not find out a single small figure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from accountability.directory import keep_organization
from accountability.privacy import system
from contracts.registry import OrganizationChanged
from contracts.vocabulary import Alias

from tests.accountability.conftest import envelope
from tests.accountability.lives import DISTRICT, NOW, OPERATOR, OTHER_DISTRICT, OTHER_OPERATOR, STATE, VENDOR, Lives
from tests.accountability.privacy.attacker import Attacker
from tests.accountability.privacy.district import SUBJECTS, Name, Truth, published
from tests.accountability.privacy.reading import events, everything

OF_NOTHING_HERE = (
    *("review_id", "trial_id", "decision_id", "order_id", "request_id", "appeal_id", "goal_id", "rollup_id"),
    *("comparison_id", "name"),
)
"""Parameters of what this district does not have."""

NARROW = 5
"""A figure of few students is found out if it is known to so few points."""

FILTERS = {
    "schoolId", "aliasSystem", "aliasValue", "schoolYear", "framework", "reasonCode", "state",
    "minChangeVersion", "maxChangeVersion", "limit", "cursor",
}  # fmt: skip


@dataclass
class District:
    """The district as it was published by a framework, and what is true of it."""

    lives: Lives
    name: str
    truths: Sequence[Truth]

    @property
    def secrets(self) -> set[Name]:
        """The figures of too few students."""
        return self.truths[0].secrets()

    async def small(self) -> dict[str, Any]:
        """The rating of a group of seven, as a vendor reads it."""
        wanted = (str(SUBJECTS["01"]), "GC", 2019)
        found = await ratings(self.lives, self.name)
        return next(each for each in found if (each["schoolId"], each["studentGroup"], each["schoolYear"]) == wanted)


async def made(lives: Lives, name: str) -> District:
    """The district, measured itself, and published."""
    alias = Alias(system="d", value="D", valid_from=NOW.date().replace(year=2010))
    event = OrganizationChanged(id=DISTRICT, version=2, name="district", types=["district"], aliases=[alias])
    async with lives.service.app.state.database.transaction() as session:
        await keep_organization(session, event, envelope(event))
    return District(lives, name, await published(lives, name))


@pytest.fixture(scope="module")
async def district(lives: Lives) -> District:
    return await made(lives, "attacked")


async def ratings(lives: Lives, name: str) -> list[dict[str, Any]]:
    """All ratings by a framework, as a vendor reads them."""
    found = await lives.by(VENDOR).get("/v1/ratings", params={"framework": name, "limit": 500})
    return list(found.json()["items"])


async def attacked(district: District) -> Attacker:
    """The attacker after reading every explanation of every revision."""
    attacker = Attacker(district.truths)
    subjects = {str(school): key for key, school in SUBJECTS.items()}
    for rating in await ratings(district.lives, district.name):
        for revision in range(1, rating["revision"] + 1):
            url = f"/v1/ratings/{rating['id']}/explanation"
            said = (await district.lives.by(VENDOR).get(url, params={"revision": revision})).json()
            attacker.read(rating["schoolYear"], subjects[rating["schoolId"]], said)
    attacker.add_up()
    return attacker


async def test_no_small_figure_is_worked_out_or_narrowed_down(district: District) -> None:
    attacker = await attacked(district)
    assert len(district.secrets) == 15
    assert attacker.solved() & district.secrets == set()
    assert attacker.narrowed(NARROW) & district.secrets == set()


async def test_much_is_still_shown(district: District) -> None:
    attacker = await attacked(district)
    shown = {one[1] for one in attacker.known if one[0] == "fact"}
    assert len(shown) > len(district.truths[0].value) / 3


async def test_hiding_small_figures_alone_would_not_do(lives: Lives, monkeypatch: pytest.MonkeyPatch) -> None:
    def primary_only(
        cells: object, relations: object, first: Iterable[int], shown: Iterable[int], ties: Iterable[Collection[int]]
    ) -> set[int]:
        tied = {cell: set(group) for group in ties for cell in group}
        return set().union(*(tied.get(cell, {cell}) for cell in first)) - set(shown)

    monkeypatch.setattr(system, "hidden_cells", primary_only)
    district = await made(lives, "hides-small-ones-only")
    attacker = await attacked(district)
    assert attacker.solved() & district.secrets


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
    found = await ratings(district.lives, district.name)
    runs = (await district.lives.by(STATE).get("/v1/runs", params={"limit": 500})).json()["items"]
    return {name: [str(STATE)] for name in OF_NOTHING_HERE} | {
        "rating_id": [rating["id"] for rating in found[:: max(len(found) // 3, 1)]],
        "run_id": [run["id"] for run in runs[-1:]],
        "school_id": [str(SUBJECTS["01"])],
        "organization_id": [str(DISTRICT)],
        "framework_id": [district.name],
        "version": ["1"],
    }


async def test_who_answers_for_a_school_and_who_rated_it_read_its_figures_in_full(district: District) -> None:
    url = f"/v1/ratings/{(await district.small())['id']}/full-explanation"
    secret = district.truths[0].value[2019, "01", "GC", "tested"]

    async def told_figure(organization: UUID) -> float | None:
        answer = await district.lives.by(organization).get(url)
        if answer.status_code == 404:
            return None
        return next(float(each["value"]) for each in answer.json()["outcomes"] if each["node"] == "tested")

    seen = {each: await told_figure(each) for each in (STATE, DISTRICT, OPERATOR, OTHER_OPERATOR, VENDOR)}
    assert seen == {STATE: secret, DISTRICT: secret, OPERATOR: secret, OTHER_OPERATOR: None, VENDOR: None}


async def test_a_hidden_rating_is_neither_zero_nor_a_band_and_its_status_stays(district: District) -> None:
    small = await district.small()
    said = (small["status"], small["rating"], small["displayLabel"], small["score"], small["suppressed"])
    assert said == ("rated", "Suppressed", "Suppressed", None, True)
    assert "fewer than 10 students" in small["suppressionRule"]


async def test_ratings_are_filtered_and_ordered_by_nothing_that_may_be_hidden(lives: Lives) -> None:
    document = lives.service.app.openapi()["paths"]["/v1/ratings"]["get"]
    assert {each["name"] for each in document["parameters"]} == FILTERS
