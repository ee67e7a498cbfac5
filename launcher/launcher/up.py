"""`concordat up`: starts everything in order, loads the demo once, and stops everything when asked."""

import asyncio
import os
import secrets
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from kit.migrations import migrate
from rich.console import Console

from launcher import demo
from launcher.embedded import EmbeddedNats, EmbeddedPostgres, StartRefused, port_is_taken
from launcher.parts import GATEWAY, PARTS, Plan
from launcher.processes import Supervisor

console = Console(highlight=False)


def up(plan: Plan, with_demo: bool) -> None:
    """Run Concordat until SIGINT or SIGTERM. Raises StartRefused with one clear line."""
    plan.data.mkdir(parents=True, exist_ok=True)
    _refuse_taken_ports(plan)
    stop = _stop_signal()
    with ExitStack() as running:
        postgres = running.enter_context(_postgres(plan))
        running.enter_context(_nats(plan))
        _write_secret(plan.secret_file)
        supervisor = running.enter_context(_services(plan, postgres))
        console.print(f"[green]up[/]  {plan.url_of(GATEWAY)}")
        if with_demo:
            asyncio.run(demo.load(plan, console))
        _wait(stop, supervisor)
        console.print("stopping")


def _refuse_taken_ports(plan: Plan) -> None:
    ports = {plan.postgres_port: "--postgres-port", plan.nats_port: "--nats-port"}
    ports |= {plan.port_of(part): "--port" for part in PARTS}
    for port, option in ports.items():
        if port_is_taken(port):
            raise StartRefused(f"Port {port} is taken by another program: stop it, or choose another with {option}.")


@contextmanager
def _postgres(plan: Plan) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(plan.data / "postgres", plan.postgres_port)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def _nats(plan: Plan) -> Iterator[EmbeddedNats]:
    server = EmbeddedNats(plan.data / "nats", plan.nats_port)
    server.start()
    try:
        yield server
    finally:
        server.stop()
