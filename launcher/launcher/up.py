"""`concordat up`: the servers, a process for each part, the demo on the first start; all end together."""

import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from kit.migrations import migrate
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from launcher.api import Api
from launcher.demo import greeting
from launcher.embedded import EmbeddedNats, EmbeddedPostgres, StartRefused, port_is_taken
from launcher.embedded_server import EmbeddedServer
from launcher.loading import load_portfolio
from launcher.parts import GATEWAY, PARTS, Plan
from launcher.portfolio import library_folder, read_portfolio
from launcher.processes import Supervisor
from launcher.secrets import kept_secret

WATCH_SECONDS = 0.2
RESTARTS = 5
STOP_SECONDS = 4
STEPS = 8
PLATFORM = "platform"


def run_everything(plan: Plan, demo: str | None, console: Console) -> None:
    """Start all, load the portfolio `demo` unless it is there, and stay until Ctrl-C or SIGTERM.

    Raises StartRefused if something cannot start or dies.
    """
    try:
        with stopped_by_signals(), running(plan, console) as (processes, servers):
            api = Api(plan.url_of(GATEWAY), PLATFORM, kept_secret(plan.platform_secret))
            if demo is not None:
                _show_demo(plan, api, demo, console)
            words = f"Concordat is up: {api.url}   documentation: {api.url}/docs   Ctrl-C stops it."
            console.print(words, soft_wrap=True)
            api.close()
            _stay(processes, servers, console)
    except KeyboardInterrupt:
        console.print("Stopped.")


@contextmanager
def running(plan: Plan, console: Console) -> Iterator[tuple[Supervisor, list[EmbeddedServer]]]:
    """The servers and the parts of `plan`, ready to answer; all stopped at the end. Raises StartRefused."""
    _refuse_taken_ports(plan)
    postgres = EmbeddedPostgres(plan.data / "postgres", plan.postgres_port)
    nats = EmbeddedNats(plan.data / "nats", plan.nats_port)
    with _running(postgres, nats), Supervisor() as processes:
        try:
            _start_parts(plan, postgres, processes, console)
            yield processes, [postgres, nats]
        finally:
            processes.stop_all(STOP_SECONDS)


@contextmanager
def _running(*servers: EmbeddedServer) -> Iterator[None]:
    try:
        for server in servers:
            server.start()
        yield
    finally:
        for server in reversed(servers):
            server.stop()


def _start_parts(plan: Plan, postgres: EmbeddedPostgres, processes: Supervisor, console: Console) -> None:
    with console.status("Starting"):
        kept_secret(plan.platform_secret)
        for part in PARTS:
            password = kept_secret(plan.database_secret(part))
            postgres.ensure_database(part.database, password)
            url = postgres.url(part.database, part.database, password)
            migrate(url, part.package)
            settings = plan.write_settings(part, url)
            argv = part.argv(plan.host, plan.port_of(part), plan.workers)
            processes.start(part.name, argv, settings, plan.data / "logs" / f"{part.name}.log")
        for part in PARTS:
            processes.wait_until_ready(part.name, f"{plan.url_of(part)}/health/ready")


def _show_demo(plan: Plan, api: Api, demo: str, console: Console) -> None:
    library = library_folder()
    portfolio = read_portfolio(library / "portfolios" / demo)
    loaded = plan.data / "loaded" / demo
    if not loaded.exists():
        with Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console
        ) as progress:
            task = progress.add_task(f"Loading {portfolio.name}", total=STEPS)
            for step in load_portfolio(api, library, demo, plan.client_secrets):
                progress.update(task, description=f"Loading {step}", advance=1)
            progress.update(task, description=f"Loaded {portfolio.name}", completed=STEPS)
        loaded.parent.mkdir(parents=True, exist_ok=True)
        loaded.touch()
    for line in greeting(api, portfolio, plan.client_secrets):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _stay(processes: Supervisor, servers: list[EmbeddedServer], console: Console) -> None:
    """Start again whatever dies, but not for ever: what dies more than RESTARTS times ends all."""
    deaths: Counter[str] = Counter()
    while True:
        for server in servers:
            if not server.runs:
                console.print(f"{server.name} ended; it is started again.")
                deaths[server.name] += 1
                server.start()
        if (dead := processes.first_dead()) is not None:
            deaths[dead.name] += 1
            if deaths[dead.name] > RESTARTS:
                raise StartRefused(str(dead))
            console.print(f"{dead.name} ended; it is started again (see {dead.log}).", soft_wrap=True)
            processes.restart(dead.name)
        time.sleep(WATCH_SECONDS)


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP end a run as Ctrl-C does."""

    def interrupt(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    yield


def _refuse_taken_ports(plan: Plan) -> None:
    for part in PARTS:
        if port_is_taken(plan.port_of(part)):
            raise StartRefused(
                f"Port {plan.port_of(part)} of the {part.name} is taken by another program: "
                f"choose another with --port (the gateway's; the services use the {len(PARTS) - 1} after it)."
            )
