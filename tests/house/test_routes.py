"""Every route needs a scope, every unit of work commits before its answer, every operation has a name of its own."""

import importlib
import inspect
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import Mount, Route

from kit import db

SERVICES = ["registry", "accountability", "shared_services", "gateway"]
OPEN = {
    "/",
    "/health/live",
    "/health/ready",
    "/metrics",
    "/openapi.json",
    "/docs",
    "/oauth/token",
    "/oauth/revoke",
    "/.well-known/api-catalog",
    "/.well-known/jwks.json",
    "/.well-known/oauth-authorization-server",
    "/.well-known/oauth-protected-resource",
}
"""What anybody may ask, by need: health, metrics, documents, and how one gets a token."""


def application(package: str, folder: Path) -> FastAPI:
    """A service's application, with settings that lead nowhere."""
    create_app = importlib.import_module(f"{package}.app").create_app
    settings = get_type_hints(create_app)["settings"]
    values: dict[str, Any] = {
        name: folder if field.annotation is Path else "http://nowhere.test"
        for name, field in settings.model_fields.items()
        if field.is_required()
    }
    nowhere = values | {
        "database_url": "postgresql+psycopg://nobody@127.0.0.1:1/none",
        "nats_url": "nats://127.0.0.1:1",
    }
    app = create_app(settings(**nowhere))
    assert isinstance(app, FastAPI)
    return app


@pytest.fixture(scope="module", params=SERVICES)
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """Each service's application."""
    return application(request.param, tmp_path_factory.mktemp("settings"))


def routes(app: FastAPI) -> list[RouteContext]:
    """All routes that answer requests, those of included routers too."""
    return [route for route in iter_route_contexts(app.routes) if isinstance(route.original_route, Route)]


def dependencies(route: RouteContext) -> Iterator[Dependant]:
    """All dependencies of a route, at every depth; none of a plain route."""
    waiting = [route.dependant] if isinstance(route.original_route, APIRoute) else []
    while waiting:
        dependant = waiting.pop()
        yield from dependant.dependencies
        waiting += dependant.dependencies


def needs_scope(route: RouteContext) -> bool:
    """True if a dependency of the route is one of `kit.auth.require`."""
    return any(isinstance(getattr(inside.call, "scope", None), str) for inside in dependencies(route))


def test_the_rules_see_the_routes(app: FastAPI) -> None:
    paths = {route.path for route in routes(app)}
    assert "/health/ready" in paths
    assert any(path.startswith("/v1/") for path in paths)


def test_every_route_needs_a_scope_or_is_open_by_need(app: FastAPI) -> None:
    unguarded = {route.path for route in routes(app) if not needs_scope(route)}
    assert unguarded - OPEN == set()


def test_what_is_mounted_is_only_what_belongs_to_documents(app: FastAPI) -> None:
    assert {route.path for route in app.routes if isinstance(route, Mount)} <= {"/docs/assets"}


def test_every_unit_of_work_ends_before_the_answer_begins(app: FastAPI) -> None:
    sessions = (db._open_transaction, db._open_snapshot)
    late = [
        route.path
        for route in routes(app)
        for inside in dependencies(route)
        if inside.call in sessions and inside.scope != "function"
    ]
    assert late == []


def runs_on_the_loop(call: Any) -> bool:
    """True if the framework awaits `call`; all else goes through a pool of threads, which costs more than it does."""
    asked = call if inspect.isroutine(call) else type(call).__call__
    return inspect.iscoroutinefunction(asked) or inspect.isasyncgenfunction(asked)


def test_no_request_waits_for_a_thread(app: FastAPI) -> None:
    asked = {inside.call for route in routes(app) for inside in dependencies(route)}
    asked |= {route.endpoint for route in routes(app) if isinstance(route.original_route, APIRoute)}
    assert [call for call in asked if not runs_on_the_loop(call)] == []


def test_what_changes_something_does_so_in_a_transaction(app: FastAPI) -> None:
    reads_only = [
        (route.path, sorted(route.methods or ()))
        for route in routes(app)
        if (route.methods or set()) & {"PUT", "PATCH", "DELETE"}
        and db._open_transaction not in [inside.call for inside in dependencies(route)]
    ]
    assert reads_only == []


def test_every_operation_has_a_name_of_its_own(app: FastAPI) -> None:
    names = Counter(route.name for route in routes(app))
    assert [name for name, count in names.items() if count > 1] == []
