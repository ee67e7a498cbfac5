"""Child processes of the launcher: none outlives it, and the first that dies is named with its last words."""

import errno
import http.client
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

POLL_SECONDS = 0.02
KILL_SECONDS = 0.5
"""The part of a stop's time that is kept for those who have to be killed."""
TAIL_BYTES = 64_000


class StartRefused(Exception):
    """Concordat cannot start; the message says in one line why and what to do (a log may follow below it)."""


def free_port() -> int:
    """A port of loopback that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def port_is_taken(port: int) -> bool:
    """True if something listens on loopback's `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
        return False


def ends_with_parent(stop_signal: signal.Signals) -> list[str]:
    """The prefix of a command that gets `stop_signal` when its parent dies, even by SIGKILL (Linux; elsewhere empty).

    To the kernel the parent is the thread that started it: start children from a thread that stays.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", stop_signal.name.removeprefix("SIG")] if setpriv else []


class Child:
    """A process in a session of its own, so that Ctrl-C reaches the launcher only; its words go to a log."""

    def __init__(
        self,
        argv: Sequence[str],
        log: Path,
        *,
        env: Mapping[str, str] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        identity: Sequence[str] = (),
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.log, self._stop_signal, self._swept = log, stop_signal, False
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._log_start = output.tell()
            self._process = subprocess.Popen(
                # A change of user clears the parent-death signal, so the identity comes first.
                [*identity, *ends_with_parent(stop_signal), *argv],
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=pass_fds,
            )
        self.pid = self._process.pid

    @property
    def status(self) -> int | None:
        """None while it runs; then its exit status, negative for the signal that killed it."""
        status = self._process.poll()
        if status is not None and not self._swept:
            self._swept = True
            self._kill_group()
        return status

    def ask_to_stop(self) -> None:
        """Send the stop signal, unless it has ended."""
        if self.status is None:
            self._process.send_signal(self._stop_signal)

    def end(self, deadline: float) -> None:
        """Wait until `deadline` of the monotonic clock, then kill it and all it started."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, deadline - time.monotonic()))
        if self.status is None:
            self._kill_group()
            self._process.wait()

    def tail(self, lines: int = 20) -> str:
        """The last lines it wrote since it started."""
        with self.log.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(self._log_start, size - TAIL_BYTES))
            return "\n".join(log.read().decode(errors="replace").strip().splitlines()[-lines:])

    def _kill_group(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


@dataclass(frozen=True)
class Death:
    """A child that ended though nobody asked it to."""

    name: str
    status: int
    log: Path
    tail: str

    def __str__(self) -> str:
        how = f"was killed by {signal.Signals(-self.status).name}" if self.status < 0 else f"ended ({self.status})"
        return f"{self.name} {how}. The end of {self.log}:\n{self.tail or 'It said nothing.'}"


class Supervisor:
    """Starts named processes, tells the first that died, and stops all. Leaving the `with` block stops all."""

    def __init__(self) -> None:
        self._children: dict[str, Child] = {}
        self._again: dict[str, Callable[[], Child]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_all()

    def start(self, name: str, argv: Sequence[str], env: Mapping[str, str], log: Path) -> int:
        """Start a process with `env` added to our own environment, and return its id."""
        if name in self._children:
            raise ValueError(f"{name} is already started")
        self._again[name] = partial(Child, argv, log, env=env)
        return self.restart(name)

    def restart(self, name: str) -> int:
        """Start a process that ended once more, as it was started, and return its id."""
        self._children[name] = self._again[name]()
        return self._children[name].pid

    def first_dead(self) -> Death | None:
        """The first process that ended on its own, if any did."""
        for name, child in self._children.items():
            if (status := child.status) is not None:
                return Death(name, status, child.log, child.tail())
        return None

    def wait_until_ready(self, name: str, url: str, seconds: float = 30) -> None:
        """Wait until `url` answers well. Raises StartRefused when a process dies first, or after `seconds`."""
        deadline = time.monotonic() + seconds
        while not answers(url):
            if (dead := self.first_dead()) is not None:
                raise StartRefused(str(dead))
            if time.monotonic() > deadline:
                raise StartRefused(f"{name} was not ready within {seconds:g} s: see {self._children[name].log}.")
            time.sleep(POLL_SECONDS)

    def stop_all(self, timeout: float = 5) -> None:
        """Ask all to stop, the last started first, and kill who still runs: after `timeout` seconds none does."""
        deadline = time.monotonic() + timeout - KILL_SECONDS
        for child in reversed(self._children.values()):
            child.ask_to_stop()
        for child in self._children.values():
            child.end(deadline)
        self._children.clear()


def answers(url: str) -> bool:
    """True if a GET of an http URL of this machine answers below 400; no proxy is asked."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "127.0.0.1", address.port, timeout=1)
    try:
        connection.request("GET", address.path or "/")
        return connection.getresponse().status < 400
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
