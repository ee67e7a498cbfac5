"""The table of paths, held against what the services really have."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from gateway.clients.scopes import SCOPES
from gateway.upstreams import PATHS, service_of
from kit.settings import ServiceSettings

PACKAGES = {"registry": "registry", "accountability": "accountability", "shared-services": "shared_services"}


@pytest.fixture(scope="module")
def services() -> dict[str, FastAPI]:
    """Every service's application, not running."""
    settings = ServiceSettings(
        database_url="postgresql+psycopg://nobody@127.0.0.1:1/none",
        nats_url="nats://127.0.0.1:1",
        issuer="https://concordat.test",
        jwks_url="http://127.0.0.1:1/none",
        log_level="ERROR",
    )
    return {name: import_module(f"{package}.app").create_app(settings) for name, package in PACKAGES.items()}


def test_every_route_of_every_service_is_reached_at_that_service(services: dict[str, FastAPI]) -> None:
    routes = {(name, path) for name, app in services.items() for path in app.openapi()["paths"]}
    assert len(routes) > 20
    assert {(name, path) for name, path in routes if service_of(path) != name} == set()


def test_no_path_is_of_two_services(services: dict[str, FastAPI]) -> None:
    paths = [path for app in services.values() for path in app.openapi()["paths"]]
    assert len(paths) == len(set(paths))
    prefixes = [prefix for prefixes in PATHS.values() for prefix in prefixes]
    assert len(prefixes) == len(set(prefixes))


def test_every_path_of_the_table_is_in_use(services: dict[str, FastAPI]) -> None:
    for name, prefixes in PATHS.items():
        used = {"/".join(path.split("/", 3)[:3]) for path in services[name].openapi()["paths"]}
        assert used == set(prefixes)


def test_every_scope_that_a_route_needs_can_be_given(services: dict[str, FastAPI]) -> None:
    needed = {scope for app in services.values() for route in _routes(app) for scope in _scopes(route.dependant)}
    assert len(needed) > 10
    assert needed <= SCOPES.keys()


def _routes(router: Any) -> Iterator[APIRoute]:
    """The routes of an application or router, and of those included in it."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        elif inner := getattr(route, "original_router", None):
            yield from _routes(inner)


def _scopes(dependant: Dependant) -> Iterator[str]:
    """The scopes that a route's dependencies require (`kit.auth.require`)."""
    if scope := getattr(dependant.call, "scope", None):
        yield scope
    for inner in dependant.dependencies:
        yield from _scopes(inner)
