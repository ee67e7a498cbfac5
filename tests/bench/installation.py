"""An installation for a benchmark: durable PostgreSQL, NATS, and the parts that it needs, as real processes."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kit.migrations import migrate
from launcher.api import Api
from launcher.embedded import EmbeddedNats, EmbeddedPostgres
from launcher.parts import GATEWAY, PARTS, Part, Plan
from launcher.processes import Supervisor
from launcher.secrets import kept_secret
from launcher.up import PLATFORM

from tests.ports import row_of_ports


class Installation:
    """What runs, and where."""

    def __init__(self, plan: Plan, postgres: EmbeddedPostgres, nats: EmbeddedNats) -> None:
        self.plan, self.postgres, self.nats = plan, postgres, nats

    def url(self, name: str) -> str:
        """The base URL of a part."""
        return self.plan.url_of(next(part for part in PARTS if part.name == name))

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
                for part in parts:
                    password = kept_secret(plan.database_secret(part))
                    postgres.ensure_database(part.database, password)
                    url = postgres.url(part.database, part.database, password)
                    migrate(url, part.package)
                    further = {f"CONCORDAT_{name.upper()}": value for name, value in settings.items()}
                    argv = part.argv(plan.host, plan.port_of(part), plan.workers)
                    variables = plan.write_settings(part, url) | further
                    processes.start(part.name, argv, variables, plan.data / "logs" / f"{part.name}.log")
                for part in parts:
                    processes.wait_until_ready(part.name, f"{plan.url_of(part)}/health/ready")
                yield Installation(plan, postgres, nats)
        finally:
            nats.stop()
            postgres.stop()
