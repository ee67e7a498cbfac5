"""PostgreSQL from its wheel: what it is set to, who may enter, and that it comes back after any end."""

import os
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from launcher.embedded import EmbeddedPostgres, StartRefused, free_port
from launcher.embedded_server import STOP_SECONDS

from tests.launcher.observed import children, listening_addresses, runs, soon


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A durable server, not started."""
    server = EmbeddedPostgres(tmp_path / "postgres", free_port())
    yield server
    server.stop()


def ask(server: EmbeddedPostgres, question: str) -> object:
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        row = connection.execute(question.encode()).fetchone()
        return row[0] if row else None


def test_it_is_a_durable_postgresql_18_with_checksums_on_loopback_only(server: EmbeddedPostgres) -> None:
    server.start()
    assert str(ask(server, "show server_version")).startswith("18")
    assert {name: ask(server, f"show {name}") for name in ("fsync", "full_page_writes", "synchronous_commit")} == {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
    }
    assert ask(server, "show data_checksums") == "on"
    assert ask(server, "show server_encoding") == "UTF8"
    assert ask(server, "select lower('ÄÉ')") == "äé"
    assert ask(server, "show unix_socket_directories") == ""
    assert server.pid is not None
    assert listening_addresses(server.pid) == {"0100007F"}
    assert list((server.folder / "logs").iterdir()) == [server.log]


def test_it_asks_for_the_generated_password_which_only_its_owner_can_read(server: EmbeddedPostgres) -> None:
    server.start()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.dsn("postgres", password="guessed"), connect_timeout=2)
    assert stat.S_IMODE(server.password_file.stat().st_mode) == 0o600
    assert len(server.password_file.read_text()) >= 32
    assert "scram-sha-256" in str(ask(server, "select string_agg(distinct auth_method, ',') from pg_hba_file_rules"))


def test_a_service_has_its_own_database_and_no_other(server: EmbeddedPostgres) -> None:
    server.start()
    for _ in range(2):  # the second start finds them
        server.ensure_database("registry", "pass-1")
        server.ensure_database("gateway", "pass-2")
    with psycopg.connect(server.dsn("registry", "registry", "pass-1")) as connection:
        connection.execute("create table school (id uuid default uuidv7())")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(server.dsn("gateway", "registry", "pass-1"))
    assert ask(server, "select count(*) from pg_roles where rolsuper and rolname <> 'postgres'") == 0


def test_a_role_gets_the_password_of_the_latest_start(server: EmbeddedPostgres) -> None:
    server.start()
    server.ensure_database("registry", "old")
    server.ensure_database("registry", "new")
    psycopg.connect(server.dsn("registry", "registry", "new")).close()


def test_the_second_start_finds_the_data(server: EmbeddedPostgres) -> None:
    server.start()
    server.ensure_database("kept")
    server.stop()
    server.start()
    psycopg.connect(server.dsn("kept")).close()


def test_it_comes_back_after_a_kill_with_all_that_was_committed(server: EmbeddedPostgres) -> None:
    server.start()
    with psycopg.connect(server.dsn("postgres")) as connection:
        connection.execute("create table fact as select 42 as answer")
    assert server.pid is not None
    processes = [server.pid, *children(server.pid)]
    for process_id in processes:
        if runs(process_id):
            os.kill(process_id, signal.SIGKILL)
    assert (server.data / "postmaster.pid").exists()
    server.stop()
    server.start()
    assert ask(server, "select answer from fact") == 42


def test_a_process_id_that_another_program_has_by_now_does_not_stop_it(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n1\n{server.port}\n\n127.0.0.1\n\n")
    server.start()
    assert ask(server, "select 1") == 1


def test_a_first_start_that_was_cut_short_is_begun_again(server: EmbeddedPostgres) -> None:
    (server.folder / "data.new").mkdir(parents=True)
    (server.folder / "data.new" / "PG_VERSION").write_text("18")
    server.password_file.touch()
    server.start()
    assert ask(server, "select 1") == 1


def test_stopping_ends_open_connections_and_leaves_no_process(server: EmbeddedPostgres) -> None:
    server.start()
    assert server.pid is not None
    processes = [server.pid, *children(server.pid)]
    with psycopg.connect(server.dsn("postgres")) as connection:
        connection.execute("select 1")
        started = time.monotonic()
        server.stop()
        assert time.monotonic() - started < STOP_SECONDS
        connection.close()
    assert len(processes) > 3
    assert soon(lambda: not any(map(runs, processes)))
    assert not (server.data / "postmaster.pid").exists()


def test_a_lost_password_is_named(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    server.password_file.unlink()
    with pytest.raises(StartRefused, match=r"The password of .* is missing"):
        server.start()


def test_data_it_cannot_read_is_refused_with_its_own_words(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    (server.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(StartRefused, match=r"^PostgreSQL did not start: .*incompatible.*\(see .*PostgreSQL\.log\)\.$"):
        server.start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become another user")
def test_under_root_it_runs_as_the_owner_of_its_data_who_is_not_root(server: EmbeddedPostgres) -> None:
    for _ in range(2):
        server.start()
        status = Path(f"/proc/{server.pid}/status").read_text()
        users = next(line.split()[1:] for line in status.splitlines() if line.startswith("Uid:"))
        server.stop()
        assert set(users) == {str(server.data.stat().st_uid)} != {"0"}
