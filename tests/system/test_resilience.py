"""What happens to the running system when things change, stop and die."""

import os
import signal
from typing import Any

import httpx2
import pytest

from tests.system.conftest import Concordat, within

pytestmark = pytest.mark.timeout(240)


def rename(cps: httpx2.Client, school: dict[str, Any], name: str) -> httpx2.Response:
    version = cps.get(f"/v1/schools/{school['id']}").headers["etag"]
    body = {"validFrom": "2020-07-01", "name": name, "source": "Board report"}
    return cps.patch(f"/v1/schools/{school['id']}", json=body, headers={"If-Match": version})


def entitlement(cps: httpx2.Client, school: dict[str, Any]) -> httpx2.Response:
    question = {"schoolId": school["id"], "offering": "MNT-REPAIR", "serviceDate": "2026-09-01"}
    return cps.get("/v1/entitlements", params=question)


def shown(cps: httpx2.Client, school: dict[str, Any]) -> set[str]:
    """The school's name as accountability and as shared services show it."""
    rating = cps.get("/v1/ratings", params={"schoolId": school["id"]}).json()["items"][0]
    return {rating["schoolName"], entitlement(cps, school).json()["facts"]["schoolName"]}


def test_a_new_name_is_seen_in_both_other_services(concordat: Concordat) -> None:
    school = concordat.school("610053")
    with concordat.as_("cps") as cps:
        assert rename(cps, school, "Marquette Academy").status_code == 200
        within(60, lambda: shown(cps, school) == {"Marquette Academy"})


def test_writes_go_on_while_the_event_server_is_away_and_arrive_after(concordat: Concordat) -> None:
    school, nats = concordat.school("609727"), concordat.process_of("nats-server")
    with concordat.as_("cps") as cps:
        os.kill(nats, signal.SIGSTOP)
        try:
            assert rename(cps, school, "Phillips Academy").status_code == 200
            assert shown(cps, school) == {"Wendell Phillips Academy High School"}
        finally:
            os.kill(nats, signal.SIGCONT)
        within(60, lambda: shown(cps, school) == {"Phillips Academy"})


def test_a_service_that_is_down_is_named_and_the_others_go_on_until_it_is_back(concordat: Concordat) -> None:
    victim = concordat.process_of("accountability.app:create")
    with concordat.as_("isbe") as state:
        os.kill(victim, signal.SIGKILL)
        refused = state.get("/v1/ratings?limit=1", headers={"Cache-Control": "no-cache"})
        others = state.get("/v1/schools?limit=1")
        assert (refused.status_code, refused.json()["service"]) == (503, "accountability")
        assert refused.headers["content-type"] == "application/problem+json"
        assert others.status_code == 200
        within(60, lambda: state.get("/v1/ratings?limit=1").status_code == 200)


def test_an_event_server_that_was_killed_is_started_again_and_nothing_is_lost(concordat: Concordat) -> None:
    school = concordat.school("610499")
    with concordat.as_("cps") as cps:
        os.kill(concordat.process_of("nats-server"), signal.SIGKILL)
        assert rename(cps, school, "Collins").status_code == 200
        within(60, lambda: shown(cps, school) == {"Collins"})


def test_a_copy_is_built_again_from_the_stream_alone(concordat: Concordat) -> None:
    school = concordat.school("610389")
    done = concordat.command("rebuild", "shared-services")
    assert done.returncode == 0, done.stderr
    assert "directory_school" in done.stdout
    with concordat.as_("cps") as cps:
        within(60, lambda: entitlement(cps, school).status_code == 200)


def test_ctrl_c_ends_all_within_five_seconds_and_the_next_start_finds_the_data(concordat: Concordat) -> None:
    assert concordat.interrupt() < 5
    concordat.start()
    assert "Loading" not in concordat.said()
    with concordat.as_("isbe") as state:
        assert len(state.get("/v1/ratings", params={"limit": 500}).json()["items"]) == 466


def test_a_taken_port_is_one_clear_line(concordat: Concordat) -> None:
    refused = concordat.command("up", f"--port={concordat.port}")
    assert refused.returncode == 1
    assert refused.stderr.strip().splitlines() == [refused.stderr.strip()]
    assert f"Port {concordat.port + 1} of the registry is taken" in refused.stderr
