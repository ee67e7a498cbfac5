"""The gateway: one address for all services, and the authorization server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from kit.http import create_service, settled
from kit.tasks import end
from starlette.middleware import Middleware

from gateway import discovery
from gateway.cache import Cache
from gateway.callers import Callers
from gateway.clients.actions import ensure_platform
from gateway.clients.revocations import Revocations
from gateway.clients.routes import router as clients
from gateway.clients.secrets import SecretHashes
from gateway.front import Front
from gateway.keys import SigningKeys
from gateway.openapi import ServiceDocuments
from gateway.proxy import Proxy
from gateway.quota import Quota
from gateway.settings import GatewaySettings
from gateway.tokens.actions import TokenOffice
from gateway.tokens.routes import router as tokens
from gateway.upstreams import PATHS


def create_app(settings: GatewaySettings) -> FastAPI:
    """The gateway's application."""
    app = create_service(
        name="gateway",
        title="Concordat",
        description="Accountability and shared services for autonomous district schools.",
        settings=settings,
        routers=[discovery.router, tokens, clients],
        upload_paths=[path for paths in PATHS.values() for path in paths],
        openapi_url=None,
        started=_running,
    )
    state, database = app.state, app.state.database
    state.secret_hashes, state.signing_keys = SecretHashes(), SigningKeys(settings.signing_key_folder)
    state.token_office = TokenOffice(database, state.secret_hashes, state.signing_keys, settings.issuer)
    state.revocations, state.documents = Revocations(database), ServiceDocuments(settings.service_urls())
    state.verifier = Callers(settings.issuer, state.signing_keys, state.revocations)
    state.cache = Cache(settings.cache_seconds)
    state.proxy = Proxy(settings.service_urls(), settings.answer_seconds, settings.file_answer_seconds)
    quota = Quota(settings.requests_per_minute)
    # The last in the list is the innermost: behind the door, before the router.
    app.user_middleware.append(Middleware(Front, state.verifier, quota, state.cache, state.proxy))
    discovery.mount_docs_assets(app)
    return app


@asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[None]:
    state = app.state
    settings: GatewaySettings = state.settings
    state.signing_keys.ensure_one()
    async with state.database.transaction() as session:
        await ensure_platform(session, state.secret_hashes, settings.bootstrap_secret_file.read_text().strip())
    await state.revocations.refresh()
    async with AsyncExitStack() as stack:
        stack.callback(state.secret_hashes.close)
        state.session = await stack.enter_async_context(state.proxy.connected())
        for loop in (state.revocations.keep_fresh(), state.stream.watch(state.cache.clear)):
            stack.push_async_callback(end, asyncio.create_task(loop))
        yield


def create() -> FastAPI:
    """For uvicorn's `--factory`."""
    return settled(create_app(GatewaySettings()))
