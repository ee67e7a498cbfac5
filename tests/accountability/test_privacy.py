"""What is hidden of an explanation, by which policy, and for how long."""

from itertools import count
from typing import Any

import pytest

from tests.accountability.lives import DISTRICT, NOW, STATE, VENDOR, Lives

_names = count()
WEIGHTS = {"growth": 50, "tested": 30, "attend": 20}
MANY = {"growth": (71, 100, ""), "tested": (62, 90, ""), "attend": (83, 80, "")}
"""Indicator -> value, students, denominator."""


class Weighed:
    """A framework that weighs three figures of the school 01."""

    def __init__(self, lives: Lives) -> None:
        self.lives, self.name = lives, f"weighed-{next(_names)}"

    def framework(self) -> dict[str, Any]:
        return {
            "id": self.name,
            "version": "1",
            "title": "Weighed",
            "owner": "State",
            "school_years": [2019],
            "data_year_lag": 0,
            "sources": ["test"],
            "not_rated": "No Rating",
            "scale": [{"label": "High", "at_least": 60}, {"label": "Low", "at_least": 0}],
            "indicators": {f"{self.name}-{each}": {"title": each} for each in WEIGHTS},
            "nodes": {
                **{each: {"kind": "measure", "indicator": f"{self.name}-{each}", "source": "s"} for each in WEIGHTS},
                "score": {"kind": "mean", "weights": WEIGHTS, "source": "s"},
                "rating": {"kind": "band", "input": "score", "source": "s"},
            },
            "result": {"score": "score", "rating": "rating"},
        }

    async def publish(self, figures: dict[str, tuple[float, int, Any]], reason: str | None = None) -> None:
        """Measure the school, rate it, and publish."""
        lines = [
            f"01,{self.name}-{each},{value},{n},{denominator and value * denominator / 100},{denominator}"
            for each, (value, n, denominator) in figures.items()
        ]
        answer = await self.lives.by(STATE).post(
            "/v1/measures/imports",
            content="school,indicator,value,n,numerator,denominator\n" + "\n".join(lines) + "\n",
            params={"schoolYear": 2019, "dataYear": 2019, "aliasSystem": "d", "source": "test"},
            headers={"content-type": "text/csv"},
        )
        assert answer.status_code == 200, answer.text
        body = {"framework": self.name, "version": "1", "schoolYear": 2019, "overrideFindings": "Small on purpose."}
        run = (await self.lives.by(STATE).post("/v1/runs", json=body)).json()
        answer = await self.lives.by(STATE).post(f"/v1/runs/{run['id']}/publication", json={"reason": reason})
        assert answer.status_code == 200, answer.text

    async def explained(self, **params: Any) -> dict[str, Any]:
        """The explanation that a vendor reads."""
        vendor = self.lives.by(VENDOR)
        [rating] = (await vendor.get("/v1/ratings", params={"framework": self.name})).json()["items"]
        return dict((await vendor.get(f"/v1/ratings/{rating['id']}/explanation", params=params)).json())

    async def hidden(self, **params: Any) -> set[str]:
        """The nodes that are hidden from a vendor."""
        return {each["node"] for each in (await self.explained(**params))["outcomes"] if each["suppressed"]}


@pytest.fixture
async def weighed(lives: Lives) -> Weighed:
    lives.at(NOW)
    made = Weighed(lives)
    answer = await lives.by(STATE).post("/v1/frameworks", json=made.framework())
    assert answer.status_code == 201, answer.text
    return made


async def test_nothing_is_hidden_where_all_figures_are_of_many(weighed: Weighed) -> None:
    await weighed.publish(MANY)
    assert await weighed.hidden() == set()


async def test_beside_a_small_figure_of_a_mean_the_next_smallest_is_hidden_and_the_result_shown(
    weighed: Weighed,
) -> None:
    await weighed.publish(MANY | {"growth": (71, 9, "")})
    said = await weighed.explained()
    assert await weighed.hidden() == {"growth", "attend"}
    assert (said["rating"]["score"], said["rating"]["rating"], said["rating"]["suppressed"]) == (70.7, "High", False)


async def test_a_hidden_node_says_nothing_but_why(weighed: Weighed) -> None:
    await weighed.publish(MANY | {"growth": (71, 9, "")})
    [growth] = [each for each in (await weighed.explained())["outcomes"] if each["node"] == "growth"]
    assert [growth[name] for name in ("value", "label", "points", "rule", "coded")] == [None] * 5
    assert "fewer than 10 students" in growth["suppressionRule"]


async def test_a_result_of_hardly_anything_but_small_figures_is_hidden(weighed: Weighed) -> None:
    await weighed.publish(MANY | {"growth": (71, 9, ""), "tested": (62, 8, "")})
    rating = (await weighed.explained())["rating"]
    assert (rating["status"], rating["rating"], rating["score"]) == ("rated", "Suppressed", None)


async def test_a_rate_near_its_end_is_only_said_to_be_there(weighed: Weighed) -> None:
    await weighed.publish(MANY | {"attend": (97.5, 80, 80)})
    coded = {each["node"]: each["coded"] for each in (await weighed.explained())["outcomes"] if each["suppressed"]}
    assert coded["attend"] == ">95 %"
    assert len(coded) > 1


async def test_a_revision_does_not_betray_what_the_one_before_hid(weighed: Weighed) -> None:
    await weighed.publish(MANY | {"growth": (71, 9, "")})
    await weighed.publish(MANY | {"growth": (77, 12, "")}, "Three students were missing.")
    assert await weighed.hidden(revision=1) == {"growth", "attend"}
    assert "attend" in await weighed.hidden(revision=2)


async def test_what_was_shown_once_is_not_hidden_later(weighed: Weighed) -> None:
    await weighed.publish(MANY)
    await weighed.publish(MANY | {"growth": (77, 9, "")}, "It was of nine students.")
    assert await weighed.hidden(revision=1) == set()
    assert {"tested", "attend"} & await weighed.hidden(revision=2) == set()
    assert "growth" in await weighed.hidden(revision=2)


async def test_a_framework_of_its_own_policy_hides_by_it(weighed: Weighed) -> None:
    policy = {"framework": weighed.name, "fromYear": 2018, "minimumN": 85, "source": "State rule 12"}
    assert (await weighed.lives.by(STATE).post("/v1/suppression-policies", json=policy)).status_code == 201
    await weighed.publish(MANY)
    assert "attend" in await weighed.hidden()
    assert "State rule 12" in (await weighed.explained())["rating"]["suppressionRule"]


async def test_a_policy_of_a_later_year_does_not_count_yet(weighed: Weighed) -> None:
    policy = {"framework": weighed.name, "fromYear": 2020, "minimumN": 85, "source": "State rule 12"}
    await weighed.lives.by(STATE).post("/v1/suppression-policies", json=policy)
    await weighed.publish(MANY)
    assert await weighed.hidden() == set()


async def test_a_district_lays_down_nothing_for_a_framework_of_the_state(weighed: Weighed) -> None:
    policy = {"framework": weighed.name, "fromYear": 2018, "minimumN": 3, "source": "Ours"}
    refused = [
        await weighed.lives.by(each).post("/v1/suppression-policies", json=policy) for each in (DISTRICT, VENDOR)
    ]
    assert [answer.status_code for answer in refused] == [403, 403]


async def test_a_policy_of_an_unknown_framework_is_refused_by_name(lives: Lives) -> None:
    policy = {"framework": "nothing", "fromYear": 2018, "source": "Rule"}
    refused = await lives.by(STATE).post("/v1/suppression-policies", json=policy)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "framework")


async def test_policies_are_public(weighed: Weighed) -> None:
    policy = {"framework": weighed.name, "fromYear": 2018, "minimumN": 20, "source": "State rule 12"}
    await weighed.lives.by(STATE).post("/v1/suppression-policies", json=policy)
    listed = (await weighed.lives.by(VENDOR).get("/v1/suppression-policies", params={"limit": 500})).json()["items"]
    assert [each["minimumN"] for each in listed if each["framework"] == weighed.name] == [20]
