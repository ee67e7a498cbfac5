"""The combined description against the running system: no bug, and no answer that it does not name."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.conftest import Concordat, installed

pytestmark = pytest.mark.timeout(800)

PHASES = os.environ.get("SCHEMATHESIS_PHASES", "examples,fuzzing")
"""`examples,coverage,fuzzing` tries every boundary of every parameter as well: a quarter of an hour."""
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def test_made_up_requests_find_no_server_error_and_no_undocumented_answer(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """On an installation of its own: made-up requests lock periods, dissolve zones and the like."""
    folder = tmp_path_factory.mktemp("made-up")
    with installed(folder) as concordat:
        done = made_up_requests(concordat, folder)
    assert done.returncode == 0, done.stdout


def made_up_requests(concordat: Concordat, folder: Path) -> subprocess.CompletedProcess[str]:
    """Schemathesis over every operation, as the platform's administrator."""
    with concordat.as_("platform") as platform:
        token = platform.headers["Authorization"]
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "run", f"{concordat.url}/openapi.json"),
        *("--header", f"Authorization: {token}", "--checks", CHECKS, "--continue-on-failure"),
        *("--phases", PHASES, "--max-examples", "2", "--workers", "2", "--warnings", "off"),
        *("--suppress-health-check", "all", "--no-shrink"),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
