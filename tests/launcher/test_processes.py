"""The supervisor: who died first, ready or not, and nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from launcher.embedded import EmbeddedNats, EmbeddedPostgres, free_port
from launcher.processes import StartRefused, Supervisor, answers

from tests.launcher.observed import children, runs, script, soon

SLEEPER = [sys.executable, "-c", "import time; print('awake', flush=True); time.sleep(60)"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, subprocess, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print(subprocess.Popen(['sleep', '60']).pid, flush=True)\n"
    "time.sleep(60)",
]


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    """A supervisor whose processes end with the test."""
    with Supervisor() as supervisor:
        yield supervisor


def words_of(log: Path) -> str:
    assert soon(lambda: log.exists() and log.read_text().strip() != "")
    return log.read_text()


def test_a_process_gets_its_settings_and_writes_to_its_log(supervisor: Supervisor, tmp_path: Path) -> None:
    log = tmp_path / "logs" / "registry.log"
    code = "import os, sys; print(os.environ['CONCORDAT_PORT'], 'PATH' in os.environ); sys.exit(3)"
    supervisor.start("registry", [sys.executable, "-c", code], {"CONCORDAT_PORT": "8081"}, log)
    assert words_of(log) == "8081 True\n"


def test_the_first_that_dies_is_named_with_its_last_words(supervisor: Supervisor, tmp_path: Path) -> None:
    (tmp_path / "b.log").write_text("of yesterday\n")
    supervisor.start("a", SLEEPER, {}, tmp_path / "a.log")
    assert supervisor.first_dead() is None
    supervisor.start("b", [sys.executable, "-c", "raise ValueError('no database')"], {}, tmp_path / "b.log")
    assert soon(lambda: supervisor.first_dead() is not None)
    dead = supervisor.first_dead()
    assert dead is not None
    assert (dead.name, dead.status) == ("b", 1)
    assert dead.tail.endswith("ValueError: no database")
    assert "yesterday" not in dead.tail
    assert str(dead).startswith(f"b ended (1). The end of {tmp_path / 'b.log'}:")


def test_a_killed_process_is_named_with_the_signal(supervisor: Supervisor, tmp_path: Path) -> None:
    os.kill(supervisor.start("a", SLEEPER, {}, tmp_path / "a.log"), signal.SIGKILL)
    assert soon(lambda: supervisor.first_dead() is not None)
    assert "a was killed by SIGKILL" in str(supervisor.first_dead())


def test_what_a_dead_process_had_started_is_ended_too(supervisor: Supervisor, tmp_path: Path) -> None:
    deaf = supervisor.start("deaf", DEAF, {}, tmp_path / "deaf.log")
    grandchild = int(words_of(tmp_path / "deaf.log"))
    os.kill(deaf, signal.SIGKILL)
    assert soon(lambda: supervisor.first_dead() is not None)
    assert soon(lambda: not runs(grandchild))


def test_all_are_gone_in_time_even_those_who_do_not_listen(tmp_path: Path) -> None:
    supervisor = Supervisor()
    processes = [
        supervisor.start("sleeper", SLEEPER, {}, tmp_path / "sleeper.log"),
        supervisor.start("deaf", DEAF, {}, tmp_path / "deaf.log"),
    ]
    processes.append(int(words_of(tmp_path / "deaf.log")))
    started = time.monotonic()
    supervisor.stop_all(timeout=1)
    assert time.monotonic() - started < 2
    assert soon(lambda: not any(map(runs, processes)))
    supervisor.stop_all()


def test_it_waits_until_a_url_answers(supervisor: Supervisor, tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    assert not answers(url)
    serve = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", str(tmp_path), str(port)]
    supervisor.start("web", serve, {}, tmp_path / "web.log")
    supervisor.wait_until_ready("web", url, 10)
    assert answers(url)
    assert not answers(f"{url}absent")


def test_waiting_ends_at_once_when_a_process_dies(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start("web", [sys.executable, "-c", "raise SystemExit('no port')"], {}, tmp_path / "web.log")
    with pytest.raises(StartRefused, match=r"web ended \(1\)[\s\S]*no port"):
        supervisor.wait_until_ready("web", f"http://127.0.0.1:{free_port()}/", 10)


def test_waiting_has_a_deadline(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start("web", SLEEPER, {}, tmp_path / "web.log")
    with pytest.raises(StartRefused, match=r"web was not ready within 0\.1 s: see .*web\.log"):
        supervisor.wait_until_ready("web", f"http://127.0.0.1:{free_port()}/", 0.1)


LAUNCHER = """
import pathlib, signal, sys, time
from launcher.embedded import EmbeddedNats, EmbeddedPostgres
from launcher.processes import Supervisor
folder = pathlib.Path(sys.argv[1])
postgres = EmbeddedPostgres(folder / "postgres", int(sys.argv[2]), durable=False)
nats = EmbeddedNats(folder / "nats", int(sys.argv[3]))
postgres.start()
nats.start()
supervisor = Supervisor()
sleeper = supervisor.start("sleeper", [sys.executable, "-c", "import time; time.sleep(60)"], {}, folder / "sleeper.log")
print(postgres.pid, nats.pid, sleeper, flush=True)
try:
    time.sleep(60)
except KeyboardInterrupt:
    supervisor.stop_all()
    nats.stop()
    postgres.stop()
    print("stopped")
"""


@pytest.fixture
def launched(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A launcher in its own process group, and the ids of all that it started."""
    with script(LAUNCHER, tmp_path, free_port(), free_port()) as launcher:
        assert launcher.stdout is not None
        servers = [int(word) for word in launcher.stdout.readline().split()]
        assert len(servers) == 3
        yield launcher, servers + children(servers[0])
        if launcher.poll() is None:
            launcher.kill()


def test_a_killed_launcher_leaves_nothing_behind_and_the_next_finds_its_data(
    launched: tuple[subprocess.Popen[str], list[int]], tmp_path: Path
) -> None:
    launcher, processes = launched
    assert len(processes) > 5
    launcher.kill()
    postgres = EmbeddedPostgres(tmp_path / "postgres", free_port(), durable=False)
    nats = EmbeddedNats(tmp_path / "nats", free_port())
    try:
        postgres.start()
        nats.start()
    finally:
        nats.stop()
        postgres.stop()
    assert soon(lambda: not any(map(runs, processes)))


def test_ctrl_c_reaches_the_launcher_only(launched: tuple[subprocess.Popen[str], list[int]], tmp_path: Path) -> None:
    launcher, processes = launched
    os.killpg(launcher.pid, signal.SIGINT)
    output, _ = launcher.communicate(timeout=10)
    assert output == "stopped\n"
    assert (tmp_path / "sleeper.log").read_text() == ""
    assert soon(lambda: not any(map(runs, processes)))
