"""A platform of its own for a play: everything that `concordat up` runs, in a temporary folder, on free ports."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from launcher.api import Api
from launcher.embedded import free_port, port_is_taken
from launcher.parts import GATEWAY, PARTS, Plan
from launcher.secrets import kept_secret
from launcher.up import PLATFORM, running, stopped_by_signals


@contextmanager
def own_platform(console: Console) -> Iterator[Api]:
    """A client of a fresh platform, which ends with the block. Raises StartRefused."""
    with tempfile.TemporaryDirectory(prefix="concordat-portfolios-") as folder:
        Path(folder).chmod(0o755)  # under root, PostgreSQL runs as another user
        plan = Plan(
            Path(folder) / "data", port=_row_of_ports(len(PARTS)), postgres_port=free_port(), nats_port=free_port()
        )
        with stopped_by_signals(), running(plan, console):
            api = Api(plan.url_of(GATEWAY), PLATFORM, kept_secret(plan.platform_secret))
            try:
                yield api
            finally:
                api.close()


def _row_of_ports(count: int) -> int:
    """The first of so many ports in a row that are free."""
    while True:
        first = free_port()
        if first + count < 65_536 and not any(port_is_taken(first + n) for n in range(count)):
            return first
