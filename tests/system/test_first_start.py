"""What `make up` gives a newcomer: 466 real schools, registered, rated, published, pulled, served."""

import re
import subprocess

import pytest

from tests.system.conftest import Concordat

pytestmark = pytest.mark.timeout(240)


def test_the_three_commands_that_it_prints_work_when_pasted(concordat: Concordat) -> None:
    commands = [line.strip() for line in concordat.said().splitlines() if line.startswith("  curl")]
    answers = [
        subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True).stdout for line in commands
    ]
    pulled, explained, asked = answers
    assert pulled.splitlines()[0].startswith("id,schoolId,")
    assert '"weightEffective"' in explained
    assert '"status":"submitted"' in asked


def test_the_state_pulls_every_school_and_nobody_twice(concordat: Concordat) -> None:
    with concordat.as_("isbe") as state:
        url, pulled = "/v1/ratings?limit=100&minChangeVersion=0", []
        while url:
            page = state.get(url)
            pulled += page.json()["items"]
            url = page.links.get("next", {}).get("url", "")
    versions = [rating["changeVersion"] for rating in pulled]
    assert len({rating["schoolId"] for rating in pulled}) == len(pulled) == 466
    assert versions == sorted(versions)


def test_the_operator_sees_its_own_schools_only(concordat: Concordat) -> None:
    with concordat.as_("ausl") as ausl, concordat.as_("cps") as cps:
        mine = ausl.get("/v1/schools", params={"limit": 500}).json()["items"]
        all_of_them = cps.get("/v1/schools", params={"limit": 500}).json()["items"]
    assert (len(mine), len(all_of_them)) == (28, 466)
    assert {school["arrangement"] for school in mine} == {"contracted-manager"}


def test_the_operator_asks_for_its_own_school_and_for_nobody_elses(concordat: Concordat) -> None:
    own, foreign = concordat.school("610389"), concordat.school("609720")
    with concordat.as_("ausl") as ausl:
        asked = [
            ausl.post("/v1/requests", json={"schoolId": s["id"], "offering": "MNT-HVAC", "description": "Cold"})
            for s in (own, foreign)
        ]
    assert asked[0].status_code == 201, asked[0].text
    assert asked[0].json()["status"] == "submitted"
    assert asked[1].status_code == 422
    assert [error["field"] for error in asked[1].json()["errors"]] == ["schoolId"]


def test_an_independent_charter_is_refused_with_the_reason_and_the_clause(concordat: Concordat) -> None:
    charter = concordat.school("400009")
    body = {"schoolId": charter["id"], "offering": "MNT-REPAIR", "description": "Roof"}
    with concordat.as_("cps") as cps:
        asked = cps.post("/v1/requests", json=body).json()
    assert asked["status"] == "refused"
    assert "independent-charter" in str(asked["refusal"])
    assert "section 2" in str(asked["refusal"])


def test_the_same_request_sent_twice_is_one(concordat: Concordat) -> None:
    body = {"schoolId": concordat.school("610499")["id"], "offering": "MNT-REPAIR", "description": "Tap"}
    with concordat.as_("ausl") as ausl:
        first, second = [
            ausl.post("/v1/requests", json=body, headers={"Idempotency-Key": "one-and-the-same"}) for _ in range(2)
        ]
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["number"] == second.json()["number"]
    assert second.headers["idempotency-replayed"] == "true"


def test_one_combined_description_names_every_service(concordat: Concordat) -> None:
    with concordat.as_("isbe") as state:
        paths = state.get("/openapi.json").json()["paths"]
        docs = state.get("/docs")
    assert {"/v1/schools", "/v1/ratings", "/v1/requests", "/oauth/token"} <= set(paths)
    assert docs.status_code == 200
    assert not re.findall(r'(?:src|href)="https?://', docs.text)
