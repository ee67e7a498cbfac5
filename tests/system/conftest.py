"""The whole system as a person starts it: `concordat up` on free ports and an empty folder, with real data."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.launcher.observed import children, runs, soon
from tests.ports import row_of_ports

START_SECONDS = 180


class Concordat:
    """A running installation and what a person can do with it."""

    def __init__(self, data: Path, port: int, postgres_port: int, nats_port: int) -> None:
        self.data, self.port = data, port
        self.url = f"http://127.0.0.1:{port}"
        self._options = [f"--data={data}", f"--port={port}", f"--postgres-port={postgres_port}"]
        self._options += [f"--nats-port={nats_port}"]
        self._process: subprocess.Popen[bytes] | None = None
        self.output = data.parent / "output.txt"

    def start(self) -> None:
        """Start it and wait for its greeting."""
        with self.output.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "launcher.app", "up", *self._options],
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "COLUMNS": "200", "CONCORDAT_REQUESTS_PER_MINUTE": "1000000"},
                start_new_session=True,
            )
        assert soon(lambda: "Ctrl-C stops it" in self.said() or self._process.poll() is not None, START_SECONDS)
        assert self._process.poll() is None, self.said()

    def said(self) -> str:
        """What it has printed since it was started."""
        return self.output.read_text()

    def process_ids(self) -> list[int]:
        """All its processes."""
        assert self._process is not None
        found, new = [self._process.pid], [self._process.pid]
        while new:
            new = [child for parent in new for child in children(parent)]
            found += new
        return found

    def process_of(self, words: str) -> int:
        """The process whose command holds `words`."""
        for process_id in self.process_ids():
            command = Path(f"/proc/{process_id}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            if words in command:
                return process_id
        raise AssertionError(f"no process of {words}")

    def interrupt(self, seconds: float = 5) -> float:
        """Ctrl-C; how long it took until nothing of it ran."""
        assert self._process is not None
        all_of_it, asked = self.process_ids(), time.monotonic()
        os.killpg(self._process.pid, signal.SIGINT)
        self._process.wait(seconds + 5)
        assert soon(lambda: not any(map(runs, all_of_it)), seconds)
        return time.monotonic() - asked

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `concordat` beside it, on its data."""
        argv = [sys.executable, "-m", "launcher.app", *words, f"--data={self.data}"]
        return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)

    def as_(self, client_id: str) -> httpx2.Client:
        """A client of the demo, with a token."""
        folder = self.data / "secrets" / ("" if client_id == "platform" else "clients")
        credentials = (client_id, (folder / client_id).read_text())
        form = {"grant_type": "client_credentials"}
        answer = httpx2.post(f"{self.url}/oauth/token", data=form, auth=credentials, trust_env=False)
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False)

    def school(self, alias: str) -> dict[str, Any]:
        """A school of the district by the district's number."""
        with self.as_("cps") as cps:
            named = {"aliasSystem": "district:cps", "aliasValue": alias}
            found: dict[str, Any] = cps.get("/v1/schools", params=named).json()["items"][0]
        return found


def within(seconds: float, holds: Callable[[], bool]) -> float:
    """How long it took until `holds`. Fails after `seconds`."""
    asked = time.monotonic()
    assert soon(holds, seconds), f"not within {seconds} s"
    return time.monotonic() - asked


@contextmanager
def installed(folder: Path) -> Iterator[Concordat]:
    """An installation with the demo loaded."""
    folder.chmod(0o755)
    first = row_of_ports(6)  # the gateway, the three services, PostgreSQL and NATS
    started = Concordat(folder / "data", first, first + 4, first + 5)
    started.start()
    yield started
    if runs(started.process_ids()[0]):
        started.interrupt()


@pytest.fixture(scope="package")
def concordat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Concordat]:
    """The installation that the tests of this folder share."""
    with installed(tmp_path_factory.mktemp("system")) as started:
        yield started
