"""An installation for a benchmark: durable PostgreSQL, NATS, and the parts that it needs, as real processes."""

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kit.migrations import migrate
from launcher.api import Api
from launcher.embedded import EmbeddedNats, EmbeddedPostgres
from launcher.parts import GATEWAY, PARTS, Part, Plan
from launcher.processes import POLL_SECONDS, Supervisor
from launcher.secrets import kept_secret
from launcher.up import PLATFORM

from tests.ports import row_of_ports


class Installation:
    """What runs, and where."""

    def __init__(
        self, plan: Plan, postgres: EmbeddedPostgres, nats: EmbeddedNats, processes: Supervisor, pids: dict[str, int]
    ) -> None:
        self.plan, self.postgres, self.nats = plan, postgres, nats
        self._processes, self._pids = processes, pids

    def url(self, name: str) -> str:
        """The base URL of a part."""
        return self.plan.url_of(next(part for part in PARTS if part.name == name))

    def pid(self, name: str) -> int:
        """The process of a part."""
        return self._pids[name]

    def kill(self, name: str) -> None:
        """Kill a part in the midst of its work and start it again, as the launcher would."""
        os.kill(self._pids[name], signal.SIGKILL)
        while self._processes.first_dead() is None:
            time.sleep(POLL_SECONDS)
        self._pids[name] = self._processes.restart(name)

    def api(self) -> Api:
        """The platform's client at the gateway."""
        return Api(self.plan.url_of(GATEWAY), PLATFORM, kept_secret(self.plan.platform_secret))


@contextmanager
def installation(*names: str, **settings: str) -> Iterator[Installation]:
    """Run the named parts until the block ends; `settings` are further variables, without their prefix."""
    parts: list[Part] = [part for part in PARTS if part.name in names]
    with tempfile.TemporaryDirectory(prefix="concordat-bench-") as folder:
        Path(folder).chmod(0o755)  # under root, PostgreSQL runs as another user
        first = row_of_ports(len(PARTS) + 2)
        plan = Plan(Path(folder), port=first, postgres_port=first + len(PARTS), nats_port=first + len(PARTS) + 1)
        postgres = EmbeddedPostgres(plan.data / "postgres", plan.postgres_port)
        nats = EmbeddedNats(plan.data / "nats", plan.nats_port)
        postgres.start()
        nats.start()
        try:
            with Supervisor() as processes:
                kept_secret(plan.platform_secret)
                pids = {}
                for part in parts:
                    password = kept_secret(plan.database_secret(part))
                    postgres.ensure_database(part.database, password)
                    url = postgres.url(part.database, part.database, password)
                    migrate(url, part.package)
                    further = {f"CONCORDAT_{name.upper()}": value for name, value in settings.items()}
                    argv = part.argv(plan.host, plan.port_of(part), plan.workers)
                    variables = plan.write_settings(part, url) | further
                    pids[part.name] = processes.start(
                        part.name, argv, variables, plan.data / "logs" / f"{part.name}.log"
                    )
                for part in parts:
                    processes.wait_until_ready(part.name, f"{plan.url_of(part)}/health/ready")
                yield Installation(plan, postgres, nats, processes, pids)
        finally:
            nats.stop()
            postgres.stop()
