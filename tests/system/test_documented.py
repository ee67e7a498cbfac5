"""The combined description against the running system: no bug, and no answer that it does not name."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.conftest import Concordat

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.timeout(400)]

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def test_made_up_requests_find_no_server_error_and_no_undocumented_answer(concordat: Concordat, tmp_path: Path) -> None:
    with concordat.as_("platform") as platform:
        token = platform.headers["Authorization"]
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "run", f"{concordat.url}/openapi.json"),
        *("--header", f"Authorization: {token}", "--checks", CHECKS, "--continue-on-failure"),
        *("--phases", "examples,coverage,fuzzing", "--max-examples", "3", "--workers", "2", "--warnings", "off"),
        *("--suppress-health-check", "all", "--no-shrink"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
