"""The ground that all tests stand on: one real PostgreSQL and one real NATS per test process, a fresh database each."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import hypothesis
import psycopg
import pytest
from fastapi import FastAPI
from joserfc.jwk import KeySet
from kit.migrations import migrate
from kit.settings import ServiceSettings
from kit.testing import ISSUER, Issuer
from launcher.embedded import EmbeddedNats, EmbeddedPostgres, free_port
from xdist.scheduler import LoadScopeScheduling

hypothesis.settings.register_profile(
    "ci",
    deadline=None,  # a shared machine may pause for seconds
    max_examples=60,
    suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.function_scoped_fixture],
)
hypothesis.settings.load_profile("ci")

_names = count()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL of this test process."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), free_port(), durable=False)
    server.start()
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        # It would go through the hundreds of databases of finished tests, again and again.
        connection.execute("alter system set autovacuum = off")
        connection.execute("select pg_reload_conf()")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedNats]:
    """A NATS server with JetStream of this test process."""
    server = EmbeddedNats(tmp_path_factory.mktemp("nats"), free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def own_nats(tmp_path: Path) -> Iterator[EmbeddedNats]:
    """A NATS server of the test's own, with an empty store, which the test may stop and start."""
    server = EmbeddedNats(tmp_path / "nats", free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    """Signs tokens as the gateway would."""
    return Issuer()


@pytest.fixture(scope="session")
def database_of(postgres: EmbeddedPostgres) -> Callable[[str], str]:
    """`database_of(package)`: the URL of a fresh, migrated database of a service, copied from a template."""
    templates: set[str] = set()

    def create(package: str) -> str:
        label = package.rsplit(".", 1)[-1]
        template = f"template_{label}"
        if package not in templates:
            postgres.ensure_database(template)
            migrate(postgres.url(template), package)
            templates.add(package)
        name = f"{label}_{next(_names)}"
        with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as connection:
            # Hundreds of databases: copied as files, without a log of every page.
            connection.execute(f"create database {name} template {template} strategy file_copy".encode())
        return postgres.url(name)

    return create


class Service:
    """A service under test: its application, and clients with the tokens one asks for."""

    def __init__(self, app: FastAPI, issuer: Issuer) -> None:
        self.app, self.issuer = app, issuer
        self.clients: list[httpx2.AsyncClient] = []

    def client(self, *scopes: str, organization_id: object = None, **token: object) -> httpx2.AsyncClient:
        """A client whose token has `scopes`, on behalf of an organization (none: the platform's administrator)."""
        headers = self.issuer.headers(scopes, organization_id, **token)  # type: ignore[arg-type]
        client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=self.app), base_url="http://service", headers=headers
        )
        self.clients.append(client)
        return client

    def anonymous(self) -> httpx2.AsyncClient:
        """A client without a token."""
        client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=self.app), base_url="http://service")
        self.clients.append(client)
        return client


@pytest.fixture(scope="session")
def service_of(
    database_of: Callable[[str], str],
    nats_server: EmbeddedNats,
    issuer: Issuer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., object]:
    """`async with service_of(package, create_app) as service`: a running service on a fresh database.

    With `running=True` its relay and listeners run too, on this process's NATS.
    """

    @asynccontextmanager
    async def start(
        package: str,
        create_app: Callable[..., FastAPI],
        settings: type[ServiceSettings] = ServiceSettings,
        running: bool = False,
        database_url: str | None = None,
        **values: object,
    ) -> AsyncIterator[Service]:
        common = {
            "database_url": database_url or database_of(package),
            "nats_url": nats_server.url,
            "issuer": ISSUER,
            "jwks_url": "http://127.0.0.1:1/none",
            "log_level": "ERROR",
        }
        app = create_app(settings(**common | values))
        app.state.verifier.trust(KeySet(issuer.keys.keys))
        service = Service(app, issuer)
        try:
            if running:
                async with app.router.lifespan_context(app):
                    yield service
            else:
                yield service
        finally:
            for client in service.clients:
                await client.aclose()
            await app.state.database.dispose()

    return start


ROOT = Path(__file__).resolve().parents[1]


class OnSharedGround(LoadScopeScheduling):
    """The tests of a file run in one process, and so do all that share the installation of `tests/system`."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return "system" if file.startswith("tests/system/") else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OnSharedGround:
    """How tests are spread over processes, whatever `--dist` says."""
    return OnSharedGround(config, log)
