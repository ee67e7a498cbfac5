"""A service assembled: settings, database, relay, listeners, health, metrics and the door, from one call."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from kit import problems, telemetry
from kit.auth import TokenVerifier
from kit.clock import utc_now
from kit.db import Database
from kit.errors import TooLarge
from kit.forgetting import forget_old_answers
from kit.reactions import Listener, Reactions, listeners
from kit.relay import Relay
from kit.settings import ServiceSettings
from kit.stream import Stream
from kit.tasks import end

BODY_LIMIT = 1_048_576


def create_service(
    *,
    name: str,
    title: str,
    description: str,
    settings: ServiceSettings,
    routers: Sequence[APIRouter],
    reactions: Reactions | None = None,
    upload_paths: Sequence[str] = (),
    openapi_url: str | None = "/openapi.json",
    started: Callable[[FastAPI], Any] | None = None,
) -> FastAPI:
    """The ASGI application of the service `name`.

    `upload_paths` are path prefixes whose bodies are spooled by their own route and may be large;
    without `openapi_url` the service itself has to publish a document;
    `started` is an async context manager over the app, entered after the parts are up.
    """
    telemetry.configure_logs(settings.log_level)
    database = Database(settings.database_url.get_secret_value(), settings.database_pool_size)
    stream = Stream(settings.nats_url, name)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(database.dispose)
            stack.push_async_callback(stream.close)
            loops: list[Relay | Listener] = [Relay(database, stream, name)]
            loops += listeners(database, stream, name, reactions or {})
            for running in (forget_old_answers(database), *(loop.run() for loop in loops)):
                stack.push_async_callback(end, asyncio.create_task(running))
            if started is not None:
                await stack.enter_async_context(started(app))
            yield

    app = FastAPI(
        title=title,
        description=description,
        version="1",
        lifespan=lifespan,
        openapi_url=openapi_url,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
        responses=problems.problems(401, 403, 422) | {500: _internal()},
    )
    app.state.database, app.state.settings, app.state.clock, app.state.stream = database, settings, utc_now, stream
    app.state.verifier = TokenVerifier(settings.issuer, name, settings.jwks_url, settings.jwks_cache)
    problems.install(app)
    for router in (*routers, _health(app)):
        app.include_router(router)
    _document_problems(app)
    app.add_middleware(Door, service=name, upload_paths=tuple(upload_paths))
    return app


def settled(app: FastAPI) -> FastAPI:
    """`app`, which stays until its process ends: the garbage collector need not look through all of it again and again.

    Without this a third of a long import's time goes there.
    """
    gc.collect()
    gc.freeze()
    return app


def _internal() -> dict[str, Any]:
    return problems.problems(500)[500]


def _document_problems(app: FastAPI) -> None:
    original = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = original()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas["FieldProblem"] = problems.FieldProblem.model_json_schema()
            problem = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            problem.pop("$defs", None)
            schemas["Problem"] = problem
            schemas.pop("HTTPValidationError", None)
            schemas.pop("ValidationError", None)
        return app.openapi_schema or document

    app.openapi = openapi  # type: ignore[method-assign]


def _health(app: FastAPI) -> APIRouter:
    router = APIRouter(tags=["health"], include_in_schema=False)

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "up"}

    @router.get("/health/ready")
    async def ready() -> JSONResponse:
        database: Database = app.state.database
        stream: Stream = app.state.stream
        try:
            async with asyncio.timeout(2), database.connection() as connection:
                await connection.execute(text("select 1 from journal_counter"))
            reachable = True
        except (SQLAlchemyError, TimeoutError):
            reachable = False
        # The transport is shown but not required: writes go on while it is away.
        state = {"database": "up" if reachable else "down", "stream": "up" if stream.connected() else "down"}
        return JSONResponse(
            {"status": "ready" if reachable else "not-ready", **state}, status_code=200 if reachable else 503
        )

    @router.get("/metrics")
    async def metrics() -> PlainTextResponse:
        return PlainTextResponse(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


class Door:
    """What every request passes: trace context, request id, body limit, one log line, and bugs turned into problems."""

    def __init__(self, app: ASGIApp, service: str, upload_paths: tuple[str, ...]) -> None:
        self._app, self._service, self._upload_paths = app, service, upload_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {key: value.decode("latin-1") for key, value in scope["headers"]}
        trace = telemetry.continued(headers.get(b"traceparent"))
        request_id = headers.get(b"x-request-id", "")[:100] or str(uuid4())
        telemetry.traceparent.set(trace)
        scope["concordat.request_id"] = request_id
        started, status = time.perf_counter(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", request_id.encode("latin-1")),
                    (b"traceparent", trace.encode()),
                ]
            await send(message)

        limited = receive if scope["path"].startswith(self._upload_paths or ("\n",)) else _limited(receive, headers)
        with bound_contextvars(service=self._service, request_id=request_id, trace=trace):
            try:
                await self._app(scope, limited, answer)
            except Exception:
                telemetry.log.exception("request.failed", path=scope["path"])
                if status:
                    raise
                bug = problems.InternalError("The server failed; report the traceId.")
                await problems.problem_response(bug, scope["path"])(scope, receive, answer)
            finally:
                self._observe(scope, status, time.perf_counter() - started)

    def _observe(self, scope: Scope, status: int, seconds: float) -> None:
        telemetry.REQUESTS.labels(self._service, scope["method"], f"{status // 100}xx").inc()
        telemetry.REQUEST_SECONDS.labels(self._service).observe(seconds)
        if not scope["path"].startswith(("/health", "/metrics")):
            telemetry.log.info(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                ms=round(seconds * 1000, 1),
                client=scope.get("concordat.client"),
            )


def _limited(receive: Receive, headers: dict[bytes, str]) -> Receive:
    declared, received = headers.get(b"content-length", ""), 0
    if declared.isdigit() and int(declared) > BODY_LIMIT:

        async def refuse() -> Message:
            raise _too_large()

        return refuse

    async def limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > BODY_LIMIT:
            raise _too_large()
        return message

    return limited


def _too_large() -> TooLarge:
    return TooLarge(f"A request body may have {BODY_LIMIT} bytes here.", limitBytes=BODY_LIMIT)
