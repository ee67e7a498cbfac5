"""What the embedded servers share: a data folder of their own, a port of loopback, and refusals in one clear line."""

import fcntl
import re
import shutil
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, TextIO

from launcher.processes import POLL_SECONDS, Child, StartRefused, port_is_taken

START_SECONDS = 30
CLAIM_SECONDS = 3
STOP_SECONDS = 5
NEEDED_BYTES = 200_000_000
CAUSE = re.compile(r"FATAL|PANIC|\[FTL\]|could not|cannot")


class EmbeddedServer:
    """A server process of this machine that is ready when it answers, and dies with us."""

    name: ClassVar[str]
    option: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder.resolve(), port
        self.log = self.folder / "logs" / f"{self.name}.log"
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        """The id of the running server process."""
        return self._child.pid if self._child else None

    @property
    def runs(self) -> bool:
        """True while the server process lives."""
        return self._child is not None and self._child.status is None

    def start(self) -> None:
        """Start the server, making its data on the first start. Raises StartRefused."""
        with self._claimed_folder() as claim:
            self._refuse_full_disk()
            if port_is_taken(self.port):
                raise StartRefused(
                    f"Port {self.port} of {self.name} is taken by another program: choose another with {self.option}."
                )
            identity, argv = self._command()
            self._child = Child(
                argv, self.log, stop_signal=self.stop_signal, identity=identity, pass_fds=[claim.fileno()]
            )
            _write_process_id(claim, self._child.pid)
        try:
            self._wait_for_an_answer(self._child)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop in order; after some seconds by force."""
        if self._child is not None:
            self._child.ask_to_stop()
            self._child.end(time.monotonic() + STOP_SECONDS)
            self._child = None

    def _command(self) -> tuple[Sequence[str], Sequence[str]]:
        """The prefix that changes the user, and the command."""
        raise NotImplementedError

    def _answers(self, process_id: int) -> bool:
        raise NotImplementedError

    def _wait_for_an_answer(self, child: Child) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers(child.pid):
            if child.status is not None:
                raise StartRefused(f"{self.name} did not start: {_cause(child.tail())} (see {self.log}).")
            if time.monotonic() > deadline:
                raise StartRefused(f"{self.name} did not answer within {START_SECONDS} s: see {self.log}.")
            time.sleep(POLL_SECONDS)

    @contextmanager
    def _claimed_folder(self) -> Iterator[TextIO]:
        """The locked lock file. The server inherits the lock, so that it ends when the last of its processes does."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            claim = (self.folder / "lock").open("a+")
        except OSError as error:
            raise StartRefused(
                f"The data folder {self.folder} cannot be written ({error.strerror}): choose another with --data."
            ) from error
        with claim:
            deadline = time.monotonic() + CLAIM_SECONDS  # a server whose launcher was killed needs a moment to end
            while not _locked(claim):
                if time.monotonic() > deadline:
                    claim.seek(0)
                    raise in_use(self.folder, claim.read().strip())
                time.sleep(POLL_SECONDS)
            yield claim

    def _refuse_full_disk(self) -> None:
        free = shutil.disk_usage(self.folder).free
        if free < NEEDED_BYTES:
            raise StartRefused(
                f"The disk of {self.folder} is full: {free // 1_000_000} MB are free, "
                f"{NEEDED_BYTES // 1_000_000} MB are needed."
            )


def in_use(folder: Path, process_id: str) -> StartRefused:
    """The refusal to share a data folder."""
    return StartRefused(
        f"The data folder {folder} is in use by process {process_id}: stop it, or choose another with --data."
    )


def _locked(claim: TextIO) -> bool:
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write_process_id(claim: TextIO, process_id: int) -> None:
    claim.truncate(0)
    claim.write(str(process_id))
    claim.flush()


def _cause(tail: str) -> str:
    """The line that names the cause: the first fatal one, else the last."""
    lines = tail.splitlines() or ["it said nothing"]
    return next((line for line in lines if CAUSE.search(line)), lines[-1])[:300]
