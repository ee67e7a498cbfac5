"""A gateway that runs, on a fresh database, before services that listen on real sockets."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from gateway.app import create_app
from gateway.settings import GatewaySettings
from kit.settings import ServiceSettings
from launcher.embedded import EmbeddedNats, free_port
from registry.app import create_app as create_registry

from tests.gateway.serving import serve
from tests.gateway.stand_in import StandIn

SECRET = "the-bootstrap-secret-of-this-test-gateway"
NOWHERE = "http://127.0.0.1:1"


@dataclass
class Gateway:
    """A running gateway. `url`: its real socket, if it has one."""

    app: FastAPI
    settings: GatewaySettings
    url: str = "http://gateway"
    clients: list[httpx2.AsyncClient] = field(default_factory=list)

    def anonymous(self) -> httpx2.AsyncClient:
        """A client without a token."""
        transport = None if self.url.startswith("http://127") else httpx2.ASGITransport(app=self.app)
        client = httpx2.AsyncClient(transport=transport, base_url=self.url, trust_env=False)
        self.clients.append(client)
        return client

    async def token(self, client_id: str = "platform", secret: str = SECRET, scope: str | None = None) -> str:
        """A token from the token endpoint."""
        form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
        answer = await self.anonymous().post("/oauth/token", data=form, auth=(client_id, secret))
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    async def client(self, *args: Any, **kwargs: Any) -> httpx2.AsyncClient:
        """A client with a token; the platform's own with every scope, unless told otherwise."""
        client = self.anonymous()
        client.headers["authorization"] = f"Bearer {await self.token(*args, **kwargs)}"
        return client

    async def register(self, client_id: str, *scopes: str, organization_id: str | None = None) -> str:
        """Register a client; its secret."""
        body = {"clientId": client_id, "name": client_id, "scopes": list(scopes), "organizationId": organization_id}
        answer = await (await self.client()).post("/v1/clients", json=body)
        assert answer.status_code == 201, answer.text
        secret: str = answer.json()["clientSecret"]
        return secret


GatewayOf = Callable[..., AbstractAsyncContextManager[Gateway]]


@pytest.fixture(scope="session")
def gateway_of(
    database_of: Callable[[str], str], nats_server: EmbeddedNats, tmp_path_factory: pytest.TempPathFactory
) -> GatewayOf:
    """`async with gateway_of(registry_url=...) as gateway`; with `socket=True` it listens on a real one.

    `beside=another` starts a further process of the same gateway: the same database, keys and secret.
    """

    def settings_of(beside: Gateway | None, base: str, values: dict[str, Any]) -> GatewaySettings:
        if beside is not None:
            return beside.settings.model_copy(update=values)
        folder = tmp_path_factory.mktemp("gateway")
        secret_file = folder / "platform"
        secret_file.write_text(SECRET + "\n")
        known: dict[str, Any] = {
            "database_url": database_of("gateway"),
            "nats_url": nats_server.url,
            "issuer": base,
            "jwks_url": f"{base}/.well-known/jwks.json",
            "public_base_url": base,
            "signing_key_folder": folder / "signing",
            "bootstrap_secret_file": secret_file,
            "registry_url": NOWHERE,
            "accountability_url": NOWHERE,
            "shared_services_url": NOWHERE,
            "log_level": "ERROR",
        }
        return GatewaySettings(**(known | values))

    @asynccontextmanager
    async def start(beside: Gateway | None = None, socket: bool = False, **values: Any) -> AsyncIterator[Gateway]:
        port = free_port()
        settings = settings_of(beside, f"http://127.0.0.1:{port}", values)
        app = create_app(settings)
        async with app.router.lifespan_context(app):
            gateway = Gateway(app, settings)
            try:
                if socket:
                    async with serve(app, port) as gateway.url:
                        yield gateway
                else:
                    yield gateway
            finally:
                for client in gateway.clients:
                    await client.aclose()

    return start


@pytest.fixture
async def gateway(gateway_of: GatewayOf) -> AsyncIterator[Gateway]:
    """A gateway whose services are all down."""
    async with gateway_of() as running:
        yield running


@pytest.fixture(scope="module")
async def shared_gateway(gateway_of: GatewayOf) -> AsyncIterator[Gateway]:
    """Such a gateway, for all tests of a module that change nothing in it."""
    async with gateway_of() as running:
        yield running


@dataclass
class Staged:
    """A gateway on a real socket, with a stand-in for accountability behind it."""

    gateway: Gateway
    service: StandIn


@pytest.fixture
async def staged(gateway_of: GatewayOf) -> AsyncIterator[Staged]:
    service = StandIn()
    async with serve(service) as url, gateway_of(socket=True, accountability_url=url) as gateway:
        yield Staged(gateway, service)
        service.go_on.set()


@dataclass
class District:
    """A gateway on a real socket, with the real registry behind it, which fetches its keys from the gateway."""

    gateway: Gateway
    registry: FastAPI

    async def register_operator(self, name: str) -> str:
        """Register an organization; its id."""
        answer = await (await self.gateway.client()).post(
            "/v1/organizations", json={"name": name, "types": ["operator"]}
        )
        assert answer.status_code == 201, answer.text
        organization_id: str = answer.json()["id"]
        return organization_id


@pytest.fixture
async def district(gateway_of: GatewayOf, database_of: Callable[[str], str]) -> AsyncIterator[District]:
    port = free_port()
    async with gateway_of(socket=True, registry_url=f"http://127.0.0.1:{port}") as gateway:
        settings = ServiceSettings(
            database_url=database_of("registry"),
            nats_url=gateway.settings.nats_url,
            issuer=gateway.settings.issuer,
            jwks_url=gateway.settings.jwks_url,
            log_level="ERROR",
        )
        registry = create_registry(settings)
        async with serve(registry, port, lifespan="on"):
            yield District(gateway, registry)
