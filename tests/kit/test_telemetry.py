"""Logs are for machines: one JSON object a line, with the request's id, and never a token or somebody's words."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from kit.telemetry import configure_logs

from tests.conftest import Service

SECRET = "Ida's own words"


@pytest.fixture
def lines(ledger: Service, capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """What the ledger has logged: every line as the object that it must be."""
    configure_logs("INFO")
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


@pytest.fixture(autouse=True)
def _quiet_afterwards() -> Any:
    yield
    configure_logs("ERROR")


async def test_a_request_is_one_line_with_its_id_and_its_client(
    ledger: Service, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    client = ledger.client("ledger:read", client_id="district")
    answer = await client.get("/v1/accounts", headers={"x-request-id": "mine"})
    [line] = lines()
    assert line.pop("ms") >= 0
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "service": "ledger",
        "method": "GET",
        "path": "/v1/accounts",
        "status": 200,
        "client": "district",
        "request_id": "mine",
        "trace": answer.headers["traceparent"],
    }


async def test_a_bug_is_logged_whole_under_the_id_of_its_request(
    ledger: Service, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    answer = await ledger.client("ledger:write").post("/v1/accounts/bug", headers={"x-request-id": "mine"})
    failure, request = lines()
    assert (failure["event"], failure["level"], failure["request_id"]) == ("request.failed", "error", "mine")
    assert "a secret detail" in failure["exception"]
    assert answer.json()["traceId"] in failure["trace"]
    assert request["status"] == 500


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/accounts", {"name": SECRET}),
        ("POST", "/v1/accounts", {"name": SECRET, "number": SECRET}),
        ("POST", "/v1/accounts", {"name": "refused", "other": SECRET}),
        ("POST", "/v1/accounts/doubtful", None),
        ("POST", "/v1/accounts/bug", {"name": SECRET}),
        ("GET", f"/v1/accounts?cursor={SECRET}", None),
    ],
)
async def test_no_line_holds_a_token_or_what_somebody_wrote(
    ledger: Service, lines: Callable[[], list[dict[str, Any]]], method: str, path: str, body: Any
) -> None:
    token = ledger.issuer.token(["ledger:write", "ledger:read"])
    client = ledger.anonymous()
    await client.request(method, path, json=body, headers={"authorization": f"Bearer {token}"})
    said = json.dumps(lines())
    assert "request" in said
    assert token not in said
    assert token.rsplit(".", 1)[1] not in said
    assert SECRET not in said


async def test_a_row_that_the_database_refuses_is_not_quoted(
    ledger: Service, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    await ledger.client("ledger:write").post("/v1/accounts/doubtful")
    refused, _ = lines()
    assert (refused["event"], refused["sqlstate"]) == ("database.refused", "23505")
    assert "(n)=(1)" not in json.dumps(refused)


async def test_health_and_metrics_are_not_worth_a_line(
    ledger: Service, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    for path in ("/health/live", "/health/ready", "/metrics"):
        await ledger.anonymous().get(path)
    assert lines() == []


def test_a_library_speaks_in_json_too() -> None:
    program = (
        "import logging; from kit.telemetry import configure_logs;"
        "configure_logs('INFO'); logging.getLogger('uvicorn.error').warning('half %s', 'done')"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(said.stderr)["event"] == "half done"
    assert said.stdout == ""
