"""The `concordat` command."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from kit.errors import Refused
from rich.console import Console

from launcher.embedded import StartRefused
from launcher.parts import Plan
from launcher.secrets import make_compose_secrets

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
portfolios = typer.Typer(no_args_is_help=True, help="Reference portfolios: real systems as documents.")
app.add_typer(portfolios, name="portfolios")
console, errors = Console(), Console(stderr=True)

DataFolder = Annotated[Path, typer.Option("--data", help="Where everything is kept.", envvar="CONCORDAT_DATA")]
DATA = Path(".concordat")


@contextmanager
def _one_clear_line() -> Iterator[None]:
    try:
        yield
    except (StartRefused, Refused) as refused:
        errors.print(str(refused), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None


@app.command()
def up(
    data: DataFolder = DATA,
    host: Annotated[str, typer.Option(help="The address that gateway and services listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The gateway's port; the three services use the next three.")] = 8080,
    postgres_port: Annotated[int, typer.Option(help="PostgreSQL's port.")] = 15432,
    nats_port: Annotated[int, typer.Option(help="The NATS server's port.")] = 14222,
    workers: Annotated[int, typer.Option(min=1, help="Worker processes of the gateway and of each service.")] = 1,
    demo: Annotated[str, typer.Option(help="The portfolio to load on the first start; empty: none.")] = "chicago",
) -> None:
    """Run Concordat on this machine: PostgreSQL, NATS, the three services and the gateway. Ctrl-C stops it."""
    from launcher.up import run_everything

    plan = Plan(data.resolve(), host, port, postgres_port, nats_port, workers)
    with _one_clear_line():
        run_everything(plan, demo or None, console)


@app.command()
def load(
    portfolio: Annotated[str, typer.Argument(help="A folder of library/portfolios.")],
    url: Annotated[str, typer.Option(help="The gateway.")] = "http://127.0.0.1:8080",
    secret_file: Annotated[Path | None, typer.Option(help="The platform client's secret.")] = None,
    data: DataFolder = DATA,
) -> None:
    """Load a portfolio into a running Concordat, through its public API."""
    from launcher.api import Api
    from launcher.loading import load_portfolio
    from launcher.portfolio import library_folder
    from launcher.secrets import kept_secret
    from launcher.up import PLATFORM

    plan = Plan(data.resolve())
    with _one_clear_line():
        api = Api(url, PLATFORM, kept_secret(secret_file or plan.platform_secret))
        for step in load_portfolio(api, library_folder(), portfolio, plan.client_secrets):
            console.print(f"Loading {step}", highlight=False)


@portfolios.command()
def run(
    names: Annotated[list[str] | None, typer.Argument(help="Folders of library/portfolios; all if none.")] = None,
    url: Annotated[str | None, typer.Option(help="A running gateway; a platform of its own if absent.")] = None,
    secret_file: Annotated[Path | None, typer.Option(help="With --url: the platform client's secret.")] = None,
    data: DataFolder = DATA,
) -> None:
    """Play real systems through the public API, and print what held; 1 if anything did not."""
    from launcher.portfolios.command import play_portfolios

    secret = secret_file or Plan(data.resolve()).platform_secret
    with _one_clear_line():
        broken = play_portfolios(names or [], url, secret, console)
    raise typer.Exit(1 if broken else 0)


@app.command()
def verify(
    dataset: Annotated[str, typer.Argument(help="A folder of library/data.")],
    data: Annotated[Path | None, typer.Option(help="Files of the same shape, to take instead.")] = None,
) -> None:
    """Rate a published data set and compare every result with what was published; 1 if a difference has no cause."""
    from accountability.verification.comparison import render

    from launcher.verifying import verify_dataset

    with _one_clear_line():
        report = verify_dataset(dataset, data)
    for line in render(report):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1 if report.unexplained else 0)


@app.command()
def rebuild(service: str, data: DataFolder = DATA) -> None:
    """Empty a service's copy of what others own; it is filled again from the event streams alone."""
    from launcher.upkeep import rebuild_copy

    with _one_clear_line():
        tables = rebuild_copy(service, Plan(data.resolve()))
    console.print(f"Emptied {', '.join(tables)}; {service} fills them from the streams as long as it runs.")


@app.command()
def replay(service: str, data: DataFolder = DATA) -> None:
    """Try a service's parked events once more."""
    from launcher.upkeep import replay_parked

    with _one_clear_line():
        console.print(f"{replay_parked(service, Plan(data.resolve()))} parked events applied.")


@app.command()
def audit(
    service: str,
    head: Annotated[str | None, typer.Option(help="A head that GET /v1/audit/head gave earlier.")] = None,
    data: DataFolder = DATA,
) -> None:
    """Walk a service's audit trail and name the first entry that is not as it was; 1 if there is one."""
    from launcher.upkeep import verify_audit

    with _one_clear_line():
        found = verify_audit(service, head, Plan(data.resolve()))
    if found.broken:
        errors.print(found.broken, style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1)
    waiting = f", {found.waiting} more not chained yet" if found.waiting else ""
    console.print(
        f"{found.head.sequence} entries, unbroken{waiting}; head {found.head}", highlight=False, soft_wrap=True
    )


@app.command()
def migrate(service: str, data: DataFolder = DATA) -> None:
    """Bring a service's database to the newest revision."""
    from launcher.upkeep import migrate_database

    with _one_clear_line():
        migrate_database(service, Plan(data.resolve()))


@app.command()
def secrets(folder: Path) -> None:
    """Make the secret files that docker-compose.yml mounts; those already there stay."""
    made = make_compose_secrets(folder)
    console.print(f"{len(made)} secret files made in {folder}.", highlight=False)


if __name__ == "__main__":
    app()
